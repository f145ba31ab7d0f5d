package dev.aioli.soak;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;

import dev.aioli.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
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
  private final Consumer<Sample> onSample;
  private final Gate gate = new Gate();
  private final Map<String, Long> steps = new TreeMap<>();
  private final List<Sample> samples = new ArrayList<>();
  private final long startNanos = System.nanoTime();
  private @Nullable Throwable failure;

  /**
   * A run.
   *
   * @param seed of all that is random
   * @param onSample sees each sample when it is taken
   */
  Run(List<? extends Load> loads, long seed, Consumer<Sample> onSample) {
    this.loads = loads;
    this.seed = seed;
    this.onSample = onSample;
  }

  /**
   * Takes so many samples, at intervals and never without a step in between, while the loads go on.
   *
   * @throws AssertionError if a step went wrong
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
        sample();
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
      try {
        load.step(random);
        steps.merge(load.name(), 1L, Long::sum);
      } catch (Exception | AssertionError e) {
        failure = new AssertionError(load.name() + ": " + e, e);
        return;
      } finally {
        gate.leave();
      }
      sleep(load.pause());
    }
  }

  /** Waits until so long after the start; on a slow machine until something was done. */
  private void awaitSteps(Duration sinceStart) {
    long before = stepsDone();
    long left = sinceStart.toNanos() - (System.nanoTime() - startNanos);
    sleep(Duration.ofNanos(Math.max(0, left)));
    while (failure == null && stepsDone() == before) {
      sleep(Duration.ofMillis(10));
    }
  }

  private long stepsDone() {
    return steps.values().stream().mapToLong(Long::longValue).sum();
  }

  private void sample() {
    gate.close();
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
