package dev.aioli.benchmarks.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;

import dev.aioli.Task;
import dev.aioli.ThrowingRunnable;
import dev.aioli.benchmarks.worker.Depth;
import dev.aioli.benchmarks.worker.Load;
import dev.aioli.benchmarks.worker.Sample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Tasks that set off together; time counts from then until all have ended. */
final class Crew {
  private Crew() {}

  /** Measures a body for each task, of which each does one operation a round. */
  static Sample measure(Load load, IntFunction<ThrowingRunnable> bodies) {
    return run(() -> {
      List<Task<?>> tasks = start(load, bodies);
      long start = System.nanoTime();
      gather(tasks);
      return Sample.since(start, load.operations());
    });
  }

  /** Starts the tasks and has each come to the bottom of its stack. */
  static List<Task<?>> start(Load load, IntFunction<ThrowingRunnable> bodies) {
    List<Task<?>> tasks = new ArrayList<>(load.tasks());
    for (int i = 0; i < load.tasks(); i++) {
      ThrowingRunnable body = bodies.apply(i);
      tasks.add(
          createTask(() ->
              Depth.descend(
                  load.depth(),
                  () -> {
                    pass();
                    body.run();
                  })));
    }
    pass();
    return tasks;
  }

  /** Gives up the turn once. */
  static void pass() {
    sleep(Duration.ZERO);
  }
}
