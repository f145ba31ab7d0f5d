package dev.aioli.cli;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long a run takes: one time for all who tell of it. Touched in the loop's turn, or after it.
 */
final class Stopwatch {
  private final LongSupplier nanoTime;
  private final long startNanos;
  private long elapsedNanos;
  private boolean stopped;

  /** One that is running. */
  Stopwatch(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    startNanos = nanoTime.getAsLong();
  }

  /** The start, in the time of {@link System#nanoTime}. */
  long startNanos() {
    return startNanos;
  }

  /** The time from the start until now, or until it was stopped. */
  Duration elapsed() {
    return Duration.ofNanos(stopped ? elapsedNanos : nanoTime.getAsLong() - startNanos);
  }

  /** Holds the time. */
  void stop() {
    if (!stopped) {
      elapsedNanos = nanoTime.getAsLong() - startNanos;
      stopped = true;
    }
  }
}
