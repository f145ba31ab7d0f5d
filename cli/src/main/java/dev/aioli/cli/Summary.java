package dev.aioli.cli;

import java.time.Duration;
import java.util.Locale;

/**
 * A run in figures.
 *
 * @param done the number of results
 * @param failed how many of them are failures
 * @param mostInFlight the largest number of requests at the same time
 * @param elapsed how long the run took
 * @param answered how many answers p50 and p99 are taken from
 * @param p50 half of the answers took no longer
 * @param p99 99 of 100 answers took no longer
 */
record Summary(
    long done,
    long failed,
    int mostInFlight,
    Duration elapsed,
    long answered,
    Duration p50,
    Duration p99) {

  /** One line for people. */
  @Override
  public String toString() {
    double seconds = Math.max(elapsed.toNanos() / 1e9, 1e-9);
    StringBuilder line = new StringBuilder();
    line.append(done).append(" done, ").append(failed).append(" failed");
    line.append(", at most ").append(mostInFlight).append(" in flight");
    line.append(" | ").append(time(elapsed));
    line.append(", ").append(significant(done / seconds)).append("/s");
    if (answered > 0) {
      line.append(" | p50 ").append(time(p50)).append(", p99 ").append(time(p99));
    }
    return line.toString();
  }

  /** A time with three digits that count. */
  static String time(Duration time) {
    double millis = time.toNanos() / 1e6;
    if (millis < 1_000) {
      return significant(millis) + " ms";
    }
    if (millis < 120_000) {
      return significant(millis / 1_000) + " s";
    }
    long seconds = time.toSeconds();
    return String.format(
        Locale.ROOT, "%d:%02d:%02d h", seconds / 3_600, seconds / 60 % 60, seconds % 60);
  }

  private static String significant(double value) {
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
