package dev.aioli.benchmarks.threads;

import dev.aioli.benchmarks.worker.Heap;
import dev.aioli.benchmarks.worker.Load;
import dev.aioli.benchmarks.worker.Priorities;
import dev.aioli.benchmarks.worker.Sample;
import dev.aioli.benchmarks.worker.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** Virtual threads: switching, starting, sleeping, interrupting, being there. */
final class TaskWorkloads {
  private TaskWorkloads() {}

  static void addTo(Worker worker) {
    worker.add("yield", TaskWorkloads::yields);
    worker.add("spawn-await", load -> Crew.inThread(() -> spawnAwait(load)));
    worker.add("spawn-many", load -> Crew.inThread(() -> spawnMany(load)));
    worker.add("spawn-cancel", load -> Crew.inThread(() -> spawnCancel(load)));
    worker.add("timers", load -> sleepers(load, i -> Duration.ofMillis(Priorities.sleepMillis(i))));
    worker.add(
        "short-timers", load -> sleepers(load, i -> Duration.ofNanos(Priorities.sleepNanos(i))));
    worker.add("parked", TaskWorkloads::parked);
  }

  private static Sample yields(Load load) throws InterruptedException {
    return Crew.measure(
        load,
        i ->
            () -> {
              for (int round = 0; round < load.rounds(); round++) {
                Thread.yield();
              }
            });
  }

  private static Sample spawnAwait(Load load) throws InterruptedException {
    long start = System.nanoTime();
    for (int round = 0; round < load.rounds(); round++) {
      Crew.start(() -> {}).join();
    }
    return Sample.since(start, load.rounds());
  }

  private static Sample spawnMany(Load load) throws InterruptedException {
    long start = System.nanoTime();
    for (int round = 0; round < load.rounds(); round++) {
      List<Thread> threads = new ArrayList<>(load.tasks());
      for (int i = 0; i < load.tasks(); i++) {
        threads.add(Crew.start(() -> {}));
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }
    return Sample.since(start, load.operations());
  }

  private static Sample spawnCancel(Load load) throws InterruptedException {
    long start = System.nanoTime();
    for (int round = 0; round < load.rounds(); round++) {
      CountDownLatch here = new CountDownLatch(load.tasks());
      List<Thread> threads = new ArrayList<>(load.tasks());
      for (int i = 0; i < load.tasks(); i++) {
        threads.add(
            Crew.start(() -> {
              here.countDown();
              while (!Thread.interrupted()) {
                LockSupport.park();
              }
            }));
      }
      here.await();
      threads.forEach(Thread::interrupt);
      for (Thread thread : threads) {
        thread.join();
      }
    }
    return Sample.since(start, load.operations());
  }

  private interface Delay {
    Duration of(int index);
  }

  private static Sample sleepers(Load load, Delay delays) throws InterruptedException {
    return Crew.measure(
        load,
        i ->
            () -> {
              for (int round = 0; round < load.rounds(); round++) {
                Thread.sleep(delays.of(i + round));
              }
            });
  }

  private static Sample parked(Load load) throws InterruptedException {
    long before = Heap.usedBytes();
    long start = System.nanoTime();
    CountDownLatch here = new CountDownLatch(load.tasks());
    CountDownLatch end = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>(load.tasks());
    for (int i = 0; i < load.tasks(); i++) {
      threads.add(
          Crew.start(() -> {
            here.countDown();
            end.await();
          }));
    }
    here.await();
    long nanos = System.nanoTime() - start;
    while (threads.getLast().getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    long bytes = Heap.usedBytes() - before;
    end.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    return new Sample(load.tasks(), nanos, bytes);
  }
}
