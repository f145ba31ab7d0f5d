package dev.aioli.benchmarks.threads;

import dev.aioli.benchmarks.worker.Load;
import dev.aioli.benchmarks.worker.Sample;
import dev.aioli.benchmarks.worker.Worker;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;

/** Between virtual threads and a platform thread. */
final class ThreadWorkloads {
  private ThreadWorkloads() {}

  static void addTo(Worker worker) {
    worker.add("executor", ThreadWorkloads::executor);
    worker.add("posts", ThreadWorkloads::posts);
    worker.add("from-outside", ThreadWorkloads::fromOutside);
  }

  private static Sample executor(Load load) throws InterruptedException {
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      return Crew.measure(
          load,
          i ->
              () -> {
                for (int round = 0; round < load.rounds(); round++) {
                  executor.submit(() -> 1).get();
                }
              });
    }
  }

  private static Sample fromOutside(Load load) throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      long start = System.nanoTime();
      for (int round = 0; round < load.rounds(); round++) {
        executor.submit(() -> 1).get();
      }
      return Sample.since(start, load.rounds());
    }
  }

  private static Sample posts(Load load) throws InterruptedException {
    LinkedBlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
    Semaphore batches = new Semaphore(2);
    Thread poster =
        Thread.ofPlatform()
            .unstarted(() -> {
              for (int round = 0; round < load.rounds(); round++) {
                batches.acquireUninterruptibly();
                for (int i = 0; i < load.tasks(); i++) {
                  queue.add(i);
                }
              }
            });
    Sample sample =
        Crew.inThread(() -> {
          long start = System.nanoTime();
          poster.start();
          for (long received = 1; received <= load.operations(); received++) {
            queue.take();
            if (received % load.tasks() == 0) {
              batches.release();
            }
          }
          return Sample.since(start, load.operations());
        });
    poster.join();
    return sample;
  }
}
