package dev.aioli.soak;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.currentTask;
import static dev.aioli.Asyncio.sleep;

import dev.aioli.Asyncio;
import dev.aioli.KeyboardInterrupt;
import dev.aioli.SystemExit;
import dev.aioli.Task;
import dev.aioli.TimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Loads that take their steps, and samples of what they leave behind. */
final class Run {
  private final List<? extends Load> loads;
  private final long seed;
  private final Duration patience;
  private final Consumer<Sample> onSample;
  private final Gate gate = new Gate();
  private final Map<String, Long> steps = new TreeMap<>();
  private final Map<Task<?>, Load> underWay = new LinkedHashMap<>();
  private final List<Sample> samples = new ArrayList<>();
  private final long startNanos = System.nanoTime();
  private @Nullable Throwable failure;

  /**
   * A run.
   *
   * @param seed of all that is random
   * @param patience how long a step may take when a sample waits for its end
   * @param onSample sees each sample when it is taken
   */
  Run(List<? extends Load> loads, long seed, Duration patience, Consumer<Sample> onSample) {
    this.loads = loads;
    this.seed = seed;
    this.patience = patience;
    this.onSample = onSample;
  }

  /**
   * Takes so many samples, at intervals and never without a step in between, while the loads go on.
   *
   * @throws AssertionError if a step went wrong, or does not end
   */
  List<Sample> take(int count, Duration interval) {
    List<Task<?>> tasks = new ArrayList<>();
    for (Load load : loads) {
      steps.put(load.name(), 0L);
      Random random = new Random(seed + tasks.size());
      tasks.add(createTask(() -> repeat(load, random), load.name()));
    }
    try {
      while (samples.size() < count && failure == null) {
        awaitSteps(interval.multipliedBy(samples.size() + 1L));
        if (failure == null && isIdle()) {
          sample();
        }
      }
    } finally {
      tasks.forEach(Task::cancel);
    }
    if (failure != null) {
      throw new AssertionError("a step went wrong (seed " + seed + "): " + failure, failure);
    }
    return List.copyOf(samples);
  }

  /** How often each load did its step. */
  Map<String, Long> steps() {
    return steps;
  }

  private void repeat(Load load, Random random) {
    while (true) {
      gate.enter();
      underWay.put(currentTask(), load);
      try {
        load.step(random);
        steps.merge(load.name(), 1L, Long::sum);
      } catch (KeyboardInterrupt | SystemExit e) {
        throw e;
      } catch (Throwable e) { // a cancellation that nobody asked for, too
        fail(load.name() + ": " + e, e);
        return;
      } finally {
        underWay.remove(currentTask());
        gate.leave();
      }
      sleep(load.pause());
    }
  }

  /** The first is what is told: others may follow from it. */
  private void fail(String message, @Nullable Throwable cause) {
    if (failure == null) {
      failure = new AssertionError(message, cause);
    }
  }

  /** Has all loads wait; false if a step does not end. */
  private boolean isIdle() {
    gate.close();
    try {
      Asyncio.timeout(patience, gate::awaitEmpty);
      return true;
    } catch (TimeoutException e) {
      underWay.forEach((task, load) -> {
        AssertionError stands = new AssertionError("where it stands");
        stands.setStackTrace(task.getStack());
        fail(load.name() + ": a step has not ended within " + patience, stands);
      });
      return false;
    }
  }

  /** Waits until so long after the start; on a slow machine until something was done. */
  private void awaitSteps(Duration sinceStart) {
    long before = stepsDone();
    long left = sinceStart.toNanos() - (System.nanoTime() - startNanos);
    sleep(Duration.ofNanos(Math.max(0, left)));
    try {
      Asyncio.timeout(patience, () -> awaitStepAfter(before));
    } catch (TimeoutException e) {
      // All steps under way are stuck, which is told when they do not end.
    }
  }

  private void awaitStepAfter(long before) {
    while (failure == null && stepsDone() == before) {
      sleep(Duration.ofMillis(10));
    }
  }

  private long stepsDone() {
    return steps.values().stream().mapToLong(Long::longValue).sum();
  }

  private void sample() {
    sleep(Duration.ofMillis(200)); // closed connections are seen by the other side
    Map<Resource, Long> used = new EnumMap<>(Resource.class);
    for (Resource resource : Resource.values()) {
      used.put(resource, resource.measure());
    }
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    Sample sample = new Sample(seconds, stepsDone(), used);
    samples.add(sample);
    onSample.accept(sample);
    gate.open();
  }
}
