package dev.aioli.cli;

import java.time.Duration;
import org.HdrHistogram.Histogram;

/**
 * Counts what a run has done so far. Touched in the loop's turn, and by anyone when the loop has
 * ended.
 */
final class Tally {
  /** Significant digits: what is shown. */
  private static final int DIGITS = 3;

  private final Histogram micros = new Histogram(DIGITS);
  private long done;
  private long failed;
  private int inFlight;
  private int mostInFlight;

  /** A request goes out. */
  void started() {
    inFlight++;
    mostInFlight = Math.max(mostInFlight, inFlight);
  }

  /** A request is over, with a result or cancelled. */
  void ended() {
    inFlight--;
  }

  /** There is a result. */
  void add(FetchResult result) {
    done++;
    if (result.isFailure()) {
      failed++;
    }
    if (result.wasAnswered()) {
      micros.recordValue(result.nanos() / 1_000);
    }
  }

  /** The number of results. */
  long done() {
    return done;
  }

  /** How many of them are failures. */
  long failed() {
    return failed;
  }

  /** The number of requests that wait for their answers. */
  int inFlight() {
    return inFlight;
  }

  /** A snapshot, for the end. */
  Summary summary(Duration elapsed) {
    return new Summary(
        done,
        failed,
        mostInFlight,
        elapsed,
        micros.getTotalCount(),
        percentile(50),
        percentile(99));
  }

  private Duration percentile(double percent) {
    return Duration.ofNanos(1_000 * micros.getValueAtPercentile(percent));
  }
}
