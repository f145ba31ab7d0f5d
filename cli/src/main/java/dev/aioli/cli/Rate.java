package dev.aioli.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * So many requests in so much time.
 *
 * @param count how many, more than 0
 * @param unitNanos in how much time
 */
record Rate(double count, long unitNanos) {
  private static final Pattern SYNTAX = Pattern.compile("(\\d+(?:\\.\\d+)?)(?:/([smh]))?");
  private static final long SECOND = 1_000_000_000L;

  /** The longest time between two requests: a day. */
  private static final double MAX_INTERVAL_NANOS = 86_400.0 * SECOND;

  /**
   * Reads {@code 10/s}, {@code 30/m}, {@code 5/h}, or {@code 10}, which means {@code 10/s}.
   *
   * @throws IllegalArgumentException if it is something else, or less than one in a day
   */
  static Rate parse(String text) {
    Matcher rate = SYNTAX.matcher(text.toLowerCase(Locale.ROOT));
    if (rate.matches()) {
      long unit =
          switch (rate.group(2) == null ? "s" : rate.group(2)) {
            case "m" -> 60 * SECOND;
            case "h" -> 3_600 * SECOND;
            default -> SECOND;
          };
      double count = Double.parseDouble(rate.group(1));
      if (count > 0 && unit / count <= MAX_INTERVAL_NANOS) {
        return new Rate(count, unit);
      }
    }
    throw new IllegalArgumentException(
        "expected a rate > 0 such as 10/s, 0.5/s, 30/m or 100/h, found '" + text + "'");
  }

  /** The time from one request to the next, in nanoseconds. */
  double intervalNanos() {
    return unitNanos / count;
  }
}
