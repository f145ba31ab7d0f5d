package dev.aioli;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;

/**
 * Carriers for virtual threads that were started inside a task and so inherited its scheduler
 * ({@code Thread.ofVirtual()}, a virtual-thread-per-task executor, a library's internals). They
 * must not run on the loop: they may block it, and a loop that has ended would leave them dead.
 */
final class OutsideThreads {
  private static final Executor CARRIERS =
      new ForkJoinPool(
          Math.max(2, Runtime.getRuntime().availableProcessors()),
          OutsideThreads::newCarrier,
          null,
          true);

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
