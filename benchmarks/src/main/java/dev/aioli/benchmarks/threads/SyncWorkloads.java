package dev.aioli.benchmarks.threads;

import dev.aioli.benchmarks.worker.Load;
import dev.aioli.benchmarks.worker.Sample;
import dev.aioli.benchmarks.worker.Worker;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Synchronisation. */
final class SyncWorkloads {
  private static final int PERMITS = 6;

  private SyncWorkloads() {}

  static void addTo(Worker worker) {
    worker.add("uncontended", SyncWorkloads::uncontended);
    worker.add("semaphore", SyncWorkloads::semaphore);
    worker.add("lock", SyncWorkloads::lock);
    worker.add("condition", SyncWorkloads::condition);
    worker.add("event", load -> new EventRounds(load).measure());
  }

  private static Sample uncontended(Load load) throws InterruptedException {
    ReentrantLock lock = new ReentrantLock(true);
    return Crew.measure(
        load,
        i ->
            () -> {
              for (int round = 0; round < load.rounds(); round++) {
                lock.lockInterruptibly();
                lock.unlock();
              }
            });
  }

  private static Sample semaphore(Load load) throws InterruptedException {
    Semaphore semaphore = new Semaphore(PERMITS, true);
    return Crew.measure(
        load,
        i ->
            () -> {
              for (int round = 0; round < load.rounds(); round++) {
                semaphore.acquire();
                try {
                  Thread.yield();
                } finally {
                  semaphore.release();
                }
              }
            });
  }

  private static Sample lock(Load load) throws InterruptedException {
    ReentrantLock lock = new ReentrantLock(true);
    return Crew.measure(
        load,
        i ->
            () -> {
              for (int round = 0; round < load.rounds(); round++) {
                lock.lockInterruptibly();
                try {
                  Thread.yield();
                } finally {
                  lock.unlock();
                }
              }
            });
  }

  private static Sample condition(Load load) throws InterruptedException {
    ReentrantLock lock = new ReentrantLock(true);
    Condition condition = lock.newCondition();
    int[] turn = {0};
    return Crew.measure(
        load,
        i ->
            () -> {
              for (int round = 0; round < load.rounds(); round++) {
                lock.lockInterruptibly();
                try {
                  while (turn[0] != i) {
                    condition.await();
                  }
                  turn[0] = (i + 1) % load.tasks();
                  condition.signal();
                } finally {
                  lock.unlock();
                }
              }
            });
  }

  /** In each round all threads wait for a latch, which opens when the last one has come. */
  private static final class EventRounds {
    private final Load load;
    private final Semaphore allHere = new Semaphore(0);
    private final AtomicInteger here = new AtomicInteger();
    private volatile CountDownLatch wake = new CountDownLatch(1);

    EventRounds(Load load) {
      this.load = load;
    }

    Sample measure() throws InterruptedException {
      return Crew.measure(load, i -> this::waitInEachRound, this::wakeInEachRound);
    }

    private void wakeInEachRound() throws InterruptedException {
      for (int round = 0; round < load.rounds(); round++) {
        allHere.acquire();
        here.set(0);
        CountDownLatch current = wake;
        wake = new CountDownLatch(1);
        current.countDown();
      }
    }

    private void waitInEachRound() throws InterruptedException {
      for (int round = 0; round < load.rounds(); round++) {
        CountDownLatch current = wake;
        if (here.incrementAndGet() == load.tasks()) {
          allHere.release();
        }
        current.await();
      }
    }
  }
}
