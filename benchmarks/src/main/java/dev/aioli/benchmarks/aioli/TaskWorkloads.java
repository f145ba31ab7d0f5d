package dev.aioli.benchmarks.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;

import dev.aioli.Task;
import dev.aioli.benchmarks.worker.Heap;
import dev.aioli.benchmarks.worker.Load;
import dev.aioli.benchmarks.worker.Priorities;
import dev.aioli.benchmarks.worker.Sample;
import dev.aioli.benchmarks.worker.Worker;
import dev.aioli.sync.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Tasks: switching, starting, sleeping, cancelling, being there. */
final class TaskWorkloads {
  private TaskWorkloads() {}

  static void addTo(Worker worker) {
    worker.add("yield", TaskWorkloads::yields);
    worker.add("spawn-await", TaskWorkloads::spawnAwait);
    worker.add("spawn-many", TaskWorkloads::spawnMany);
    worker.add("spawn-cancel", TaskWorkloads::spawnCancel);
    worker.add("timers", load -> sleepers(load, i -> Duration.ofMillis(Priorities.sleepMillis(i))));
    worker.add(
        "short-timers", load -> sleepers(load, i -> Duration.ofNanos(Priorities.sleepNanos(i))));
    worker.add("parked", TaskWorkloads::parked);
  }

  private static Sample yields(Load load) {
    return Crew.measure(
        load,
        i ->
            () -> {
              for (int round = 0; round < load.rounds(); round++) {
                Crew.pass();
              }
            });
  }

  private static Sample spawnAwait(Load load) {
    return run(() -> {
      long start = System.nanoTime();
      for (int i = 0; i < load.rounds(); i++) {
        createTask(() -> 1).await();
      }
      return Sample.since(start, load.rounds());
    });
  }

  private static Sample spawnMany(Load load) {
    return run(() -> {
      long start = System.nanoTime();
      for (int round = 0; round < load.rounds(); round++) {
        List<Task<Integer>> tasks = new ArrayList<>(load.tasks());
        for (int i = 0; i < load.tasks(); i++) {
          tasks.add(createTask(() -> 1));
        }
        gather(tasks);
      }
      return Sample.since(start, load.operations());
    });
  }

  private static Sample spawnCancel(Load load) {
    return run(() -> {
      long start = System.nanoTime();
      for (int round = 0; round < load.rounds(); round++) {
        List<Task<?>> tasks = new ArrayList<>(load.tasks());
        for (int i = 0; i < load.tasks(); i++) {
          tasks.add(createTask(() -> getRunningLoop().createFuture().await()));
        }
        Crew.pass();
        tasks.forEach(Task::cancel);
        gather(tasks, true);
      }
      return Sample.since(start, load.operations());
    });
  }

  private interface Delay {
    Duration of(int index);
  }

  private static Sample sleepers(Load load, Delay delays) {
    return Crew.measure(
        load,
        i ->
            () -> {
              for (int round = 0; round < load.rounds(); round++) {
                sleep(delays.of(i + round));
              }
            });
  }

  private static Sample parked(Load load) {
    return run(() -> {
      long before = Heap.usedBytes();
      long start = System.nanoTime();
      Event end = new Event();
      List<Task<?>> tasks = new ArrayList<>(load.tasks());
      for (int i = 0; i < load.tasks(); i++) {
        tasks.add(createTask(end::await));
      }
      Crew.pass();
      long nanos = System.nanoTime() - start;
      long bytes = Heap.usedBytes() - before;
      end.set();
      gather(tasks);
      return new Sample(load.tasks(), nanos, bytes);
    });
  }
}
