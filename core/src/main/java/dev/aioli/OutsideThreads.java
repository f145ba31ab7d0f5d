package dev.aioli;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;

/**
 * Carriers for virtual threads that were started inside a task and so inherited its scheduler
 * ({@code Thread.ofVirtual()}, a virtual-thread-per-task executor, a library's internals). They
 * must not run on the loop: they may block it, and a loop that has ended would leave them dead.
 */
final class OutsideThreads {
  private static final int PARALLELISM = Math.max(2, Runtime.getRuntime().availableProcessors());

  /** Idle carriers end soon: a program whose loops have ended shall not find threads of ours. */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(1);

  private static final Executor CARRIERS =
      new ForkJoinPool(
          PARALLELISM,
          OutsideThreads::newCarrier,
          null,
          true,
          0,
          PARALLELISM + 256, // as the other constructors: more while some block
          1,
          null,
          KEEP_ALIVE.toMillis(),
          TimeUnit.MILLISECONDS);

  private OutsideThreads() {}

  /** Runs a continuation on a thread that is no loop's. Never throws. */
  static void execute(Runnable continuation) {
    CARRIERS.execute(continuation);
  }

  private static ForkJoinWorkerThread newCarrier(ForkJoinPool pool) {
    ForkJoinWorkerThread thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
    thread.setName("aioli-outside-" + thread.getPoolIndex());
    thread.setDaemon(true);
    return thread;
  }
}
