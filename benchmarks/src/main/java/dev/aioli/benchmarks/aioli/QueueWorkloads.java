package dev.aioli.benchmarks.aioli;

import static dev.aioli.Asyncio.run;

import dev.aioli.benchmarks.worker.Load;
import dev.aioli.benchmarks.worker.Priorities;
import dev.aioli.benchmarks.worker.Sample;
import dev.aioli.benchmarks.worker.Worker;
import dev.aioli.queue.PriorityQueue;
import dev.aioli.queue.Queue;

/** Queues. */
final class QueueWorkloads {
  private static final int BOUND = 1024;

  private QueueWorkloads() {}

  static void addTo(Worker worker) {
    worker.add("queue-1", load -> passed(load, new Queue<>(1)));
    worker.add("queue-1024", load -> passed(load, new Queue<>(BOUND)));
    worker.add("priority-queue", load -> passed(load, PriorityQueue.natural(BOUND)));
    worker.add("priority-queue-filled", QueueWorkloads::filledAndEmptied);
  }

  /** One half of the tasks puts, the other one gets. */
  private static Sample passed(Load load, Queue<Integer> queue) {
    Sample sample =
        Crew.measure(
            load,
            i ->
                () -> {
                  if (i % 2 == 0) {
                    Priorities priorities = new Priorities(i);
                    for (int round = 0; round < load.rounds(); round++) {
                      queue.put(priorities.next());
                    }
                  } else {
                    for (int round = 0; round < load.rounds(); round++) {
                      queue.get();
                    }
                  }
                });
    return new Sample(sample.operations() / 2, sample.nanos(), 0); // an item passes two of them
  }

  private static Sample filledAndEmptied(Load load) {
    return run(() -> {
      Queue<Integer> queue = PriorityQueue.natural(Queue.UNBOUNDED);
      Priorities priorities = new Priorities(1);
      long start = System.nanoTime();
      for (int round = 0; round < load.rounds(); round++) {
        for (int i = 0; i < load.tasks(); i++) {
          queue.put(priorities.next());
        }
        for (int i = 0; i < load.tasks(); i++) {
          queue.get();
        }
      }
      return Sample.since(start, load.operations());
    });
  }
}
