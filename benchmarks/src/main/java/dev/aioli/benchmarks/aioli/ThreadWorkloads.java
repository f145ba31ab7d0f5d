package dev.aioli.benchmarks.aioli;

import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.runInExecutor;

import dev.aioli.EventLoop;
import dev.aioli.EventLoopThread;
import dev.aioli.Future;
import dev.aioli.benchmarks.worker.Load;
import dev.aioli.benchmarks.worker.Sample;
import dev.aioli.benchmarks.worker.Worker;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Between the loop and other threads. */
final class ThreadWorkloads {
  private ThreadWorkloads() {}

  static void addTo(Worker worker) {
    worker.add("executor", ThreadWorkloads::executor);
    worker.add("posts", load -> run(() -> new Posts(load).measure()));
    worker.add("from-outside", ThreadWorkloads::fromOutside);
    worker.add("blocking", ThreadWorkloads::blockingCalls);
  }

  private static Sample executor(Load load) {
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      return Crew.measure(
          load,
          i ->
              () -> {
                for (int round = 0; round < load.rounds(); round++) {
                  runInExecutor(executor, () -> 1).await();
                }
              });
    }
  }

  private static Sample blockingCalls(Load load) {
    return Crew.measure(
        load,
        i ->
            () -> {
              for (int round = 0; round < load.rounds(); round++) {
                blocking(() -> 1);
              }
            });
  }

  private static Sample fromOutside(Load load) throws Exception {
    try (EventLoopThread thread = EventLoopThread.start("loop")) {
      long start = System.nanoTime();
      for (int round = 0; round < load.rounds(); round++) {
        thread.submit(() -> 1).get();
      }
      return Sample.since(start, load.rounds());
    }
  }

  /** Another thread posts callbacks, a batch after the other: never more than two are under way. */
  private static final class Posts {
    private final Load load;
    private final EventLoop loop = getRunningLoop();
    private final Future<@Nullable Void> end = loop.createFuture();
    private final Semaphore batches = new Semaphore(2);
    private long received;

    Posts(Load load) {
      this.load = load;
    }

    Sample measure() throws InterruptedException {
      Thread poster = Thread.ofPlatform().unstarted(this::post);
      long start = System.nanoTime();
      poster.start();
      end.await();
      Sample sample = Sample.since(start, load.operations());
      poster.join();
      return sample;
    }

    private void post() {
      for (int round = 0; round < load.rounds(); round++) {
        batches.acquireUninterruptibly();
        for (int i = 0; i < load.tasks(); i++) {
          loop.callSoonThreadsafe(this::receive);
        }
      }
    }

    private void receive() {
      received++;
      if (received % load.tasks() == 0) {
        batches.release();
      }
      if (received == load.operations()) {
        end.setResult(null);
      }
    }
  }
}
