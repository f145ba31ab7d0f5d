package dev.aioli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a time limit has passed; says how long the limit was, and where the task stood. As
 * Python's {@code TimeoutError}; unchecked, unlike {@link java.util.concurrent.TimeoutException}.
 */
public final class TimeoutException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An exception that says which limit has passed. */
  public TimeoutException(String message) {
    super(message);
  }

  /**
   * One that says of a limit how long it was.
   *
   * @param state where the task stood
   */
  static TimeoutException of(Duration limit, String state, @Nullable Throwable cause) {
    return new TimeoutException(
        "the time limit of " + Nanos.text(Nanos.of(limit)) + " has passed; " + state, cause);
  }

  /** An exception in place of the cancellation by which the limit was enforced. */
  public TimeoutException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
