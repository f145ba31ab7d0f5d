package dev.aioli.soak;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;

import dev.aioli.CancelledError;
import dev.aioli.Task;
import dev.aioli.ThrowingRunnable;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;

/** What loads have in common. */
final class Faults {
  private Faults() {}

  /** Up to so many milliseconds, at least one. */
  static Duration upTo(int millis, Random random) {
    return Duration.ofMillis(1 + random.nextInt(millis));
  }

  /** Runs the body in a task and cancels that after a while. Errors of the body count. */
  static void cancelled(Duration after, ThrowingRunnable body) {
    Task<?> task = createTask(body);
    sleep(after);
    task.cancel();
    try {
      task.await();
    } catch (CancelledError e) {
      // As was asked for.
    }
  }

  static byte[] bytes(int most, Random random) {
    byte[] bytes = new byte[random.nextInt(most)];
    random.nextBytes(bytes);
    return bytes;
  }

  static void checkEqual(byte[] expected, byte[] actual, String what) {
    if (!Arrays.equals(expected, actual)) {
      throw new AssertionError(
          what
              + ": expected "
              + expected.length
              + " bytes to come back, got "
              + actual.length
              + ", or others");
    }
  }
}
