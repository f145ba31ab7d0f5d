package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Supplier;

/**
 * Cancels a task at every point in the life of an operation: runs the same scenario again and
 * again, with the cancellation one iteration of the loop later each time, until the task ends
 * before it comes. After each run the scenario checks that nothing was lost.
 */
public final class StepSweep {
  private static final int MAX_ITERATIONS = 1_000;

  private StepSweep() {}

  /** One run. */
  public interface Scenario {
    /** Sets the stage, in the loop's main task, and returns the task to be cancelled. */
    Task<?> start();

    /** Checks, in the main task, when the victim is done; may wait for other tasks first. */
    void check(Task<?> victim);
  }

  /**
   * Runs the scenario until the cancellation comes too late.
   *
   * @return at how many points the task was cancelled
   */
  public static int cancelEverywhere(Supplier<? extends Scenario> scenarios) {
    for (int point = 1; point <= MAX_ITERATIONS; point++) {
      if (!cancelAt(point, scenarios.get())) {
        assertThat(point).as("points at which the task was cancelled").isGreaterThan(2);
        return point - 1;
      }
    }
    throw new AssertionError("the operation did not end by itself in " + MAX_ITERATIONS);
  }

  private static boolean cancelAt(int point, Scenario scenario) {
    VirtualTime time = new VirtualTime();
    boolean[] delivered = {false};
    try (Runner runner = new Runner(time::newLoop)) {
      runner.run(() -> {
        Task<?> victim = scenario.start();
        int first = time.iterations();
        time.onIteration(number -> {
          if (number == first + point) {
            delivered[0] = victim.cancel("sweep");
          }
        });
        Asyncio.await(List.of(victim));
        scenario.check(victim);
        return null;
      });
    } catch (AssertionError e) {
      throw new AssertionError("when cancelled at point " + point + ": " + e.getMessage(), e);
    }
    return delivered[0];
  }
}
