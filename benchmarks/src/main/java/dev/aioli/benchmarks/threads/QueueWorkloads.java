package dev.aioli.benchmarks.threads;

import dev.aioli.benchmarks.worker.Load;
import dev.aioli.benchmarks.worker.Priorities;
import dev.aioli.benchmarks.worker.Sample;
import dev.aioli.benchmarks.worker.Worker;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.Semaphore;

/** Queues. */
final class QueueWorkloads {
  private static final int BOUND = 1024;

  private QueueWorkloads() {}

  static void addTo(Worker worker) {
    worker.add("queue-1", load -> passed(load, buffer(1)));
    worker.add("queue-1024", load -> passed(load, buffer(BOUND)));
    worker.add("priority-queue", load -> passed(load, new BoundedPriorityQueue()));
    worker.add("priority-queue-filled", load -> Crew.inThread(() -> filledAndEmptied(load)));
  }

  private interface Buffer {
    void put(Integer item) throws InterruptedException;

    Integer take() throws InterruptedException;
  }

  private static Buffer buffer(int bound) {
    BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(bound, true);
    return new Buffer() {
      @Override
      public void put(Integer item) throws InterruptedException {
        queue.put(item);
      }

      @Override
      public Integer take() throws InterruptedException {
        return queue.take();
      }
    };
  }

  /** The JDK's has no bound; a semaphore gives it one. */
  private static final class BoundedPriorityQueue implements Buffer {
    private final PriorityBlockingQueue<Integer> queue = new PriorityBlockingQueue<>();
    private final Semaphore room = new Semaphore(BOUND, true);

    @Override
    public void put(Integer item) throws InterruptedException {
      room.acquire();
      queue.put(item);
    }

    @Override
    public Integer take() throws InterruptedException {
      Integer item = queue.take();
      room.release();
      return item;
    }
  }

  private static Sample passed(Load load, Buffer buffer) throws InterruptedException {
    Sample sample =
        Crew.measure(
            load,
            i ->
                () -> {
                  if (i % 2 == 0) {
                    Priorities priorities = new Priorities(i);
                    for (int round = 0; round < load.rounds(); round++) {
                      buffer.put(priorities.next());
                    }
                  } else {
                    for (int round = 0; round < load.rounds(); round++) {
                      buffer.take();
                    }
                  }
                });
    return new Sample(sample.operations() / 2, sample.nanos(), 0);
  }

  private static Sample filledAndEmptied(Load load) throws InterruptedException {
    PriorityBlockingQueue<Integer> queue = new PriorityBlockingQueue<>();
    Priorities priorities = new Priorities(1);
    long start = System.nanoTime();
    for (int round = 0; round < load.rounds(); round++) {
      for (int i = 0; i < load.tasks(); i++) {
        queue.put(priorities.next());
      }
      for (int i = 0; i < load.tasks(); i++) {
        queue.take();
      }
    }
    return Sample.since(start, load.operations());
  }
}
