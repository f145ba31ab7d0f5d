package dev.aioli.benchmarks.aioli;

import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.run;

import dev.aioli.Task;
import dev.aioli.benchmarks.worker.Load;
import dev.aioli.benchmarks.worker.Sample;
import dev.aioli.benchmarks.worker.Worker;
import dev.aioli.sync.Condition;
import dev.aioli.sync.Event;
import dev.aioli.sync.Lock;
import dev.aioli.sync.Semaphore;
import java.util.List;

/** Synchronisation. */
final class SyncWorkloads {
  private static final int PERMITS = 6;

  private SyncWorkloads() {}

  static void addTo(Worker worker) {
    worker.add("uncontended", SyncWorkloads::uncontended);
    worker.add("semaphore", SyncWorkloads::semaphore);
    worker.add("lock", SyncWorkloads::lock);
    worker.add("condition", SyncWorkloads::condition);
    worker.add("event", load -> run(() -> new EventRounds(load).measure()));
  }

  private static Sample uncontended(Load load) {
    Lock lock = new Lock();
    return Crew.measure(
        load,
        i ->
            () -> {
              for (int round = 0; round < load.rounds(); round++) {
                lock.acquire().close();
              }
            });
  }

  private static Sample semaphore(Load load) {
    Semaphore semaphore = new Semaphore(PERMITS);
    return Crew.measure(
        load,
        i ->
            () -> {
              for (int round = 0; round < load.rounds(); round++) {
                try (var permit = semaphore.acquire()) {
                  Crew.pass();
                }
              }
            });
  }

  private static Sample lock(Load load) {
    Lock lock = new Lock();
    return Crew.measure(
        load,
        i ->
            () -> {
              for (int round = 0; round < load.rounds(); round++) {
                try (var permit = lock.acquire()) {
                  Crew.pass();
                }
              }
            });
  }

  /** Each waits until it is its turn and passes it on. */
  private static Sample condition(Load load) {
    Condition condition = new Condition();
    int[] turn = {0};
    return Crew.measure(
        load,
        i ->
            () -> {
              for (int round = 0; round < load.rounds(); round++) {
                try (var permit = condition.acquire()) {
                  condition.awaitFor(() -> turn[0] == i);
                  turn[0] = (i + 1) % load.tasks();
                  condition.signal();
                }
              }
            });
  }

  /** In each round all tasks wait for an event, and it is set when the last one has come. */
  private static final class EventRounds {
    private final Load load;
    private final Event allHere = new Event();
    private Event wake = new Event();
    private int here;

    EventRounds(Load load) {
      this.load = load;
    }

    Sample measure() {
      List<Task<?>> tasks = Crew.start(load, i -> this::waitInEachRound);
      allHere.await();
      long start = System.nanoTime();
      for (int round = 0; round < load.rounds(); round++) {
        allHere.await();
        allHere.clear();
        here = 0;
        Event current = wake;
        wake = new Event();
        current.set();
      }
      gather(tasks);
      return Sample.since(start, load.operations());
    }

    private void waitInEachRound() {
      for (int round = 0; round < load.rounds(); round++) {
        Event current = wake;
        here++;
        if (here == load.tasks()) {
          allHere.set();
        }
        current.await();
      }
    }
  }
}
