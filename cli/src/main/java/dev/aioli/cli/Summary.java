package dev.aioli.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * A run in figures.
 *
 * @param done the number of results
 * @param failed how many of them are failures
 * @param retries how often a request was made again
 * @param outcomes the number of results by status, or by type of error where there was no answer
 * @param bytes the length of all bodies
 * @param mostInFlight the largest number of requests at the same time
 * @param elapsed how long the run took
 * @param answered how many answers p50 and p99 are taken from
 * @param p50 half of the answers took no longer
 * @param p99 99 of 100 answers took no longer
 */
record Summary(
    long done,
    long failed,
    long retries,
    SortedMap<String, Long> outcomes,
    long bytes,
    int mostInFlight,
    Duration elapsed,
    long answered,
    Duration p50,
    Duration p99) {

  /** The figures for people, most important first: parts of a line or of several. */
  List<String> parts() {
    List<String> parts = new ArrayList<>();
    String retried = retries > 0 ? ", " + retries + " retried" : "";
    parts.add(
        "%d done, %d failed%s, at most %d in flight"
            .formatted(done, failed, retried, mostInFlight));
    if (!outcomes.isEmpty()) {
      parts.add(counts());
    }
    parts.add(size(bytes));
    parts.add(time(elapsed) + ", " + rate(done, elapsed));
    if (answered > 0) {
      parts.add("p50 " + time(p50) + ", p99 " + time(p99));
    }
    return parts;
  }

  private String counts() {
    return outcomes.entrySet().stream()
        .map(outcome -> outcome.getKey() + ": " + outcome.getValue())
        .collect(Collectors.joining(", "));
  }

  /** So many in this time, a second; what the progress bar shows, too. */
  static String rate(long count, Duration elapsed) {
    double seconds = Math.max(elapsed.toNanos() / 1e9, 1e-9);
    return significant(count / seconds) + "/s";
  }

  /** A number of bytes with three digits that count. */
  static String size(long bytes) {
    if (bytes < 1_000) {
      return bytes + " B";
    }
    double value = bytes / 1e3;
    int unit = 0;
    while (value >= 999.5 && unit < 4) {
      value /= 1e3;
      unit++;
    }
    return significant(value) + " " + "kMGTP".charAt(unit) + "B";
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
