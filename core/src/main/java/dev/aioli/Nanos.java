package dev.aioli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/** Times in nanoseconds that stop at the ends of a long instead of running over. */
final class Nanos {
  private Nanos() {}

  static long of(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException e) {
      return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  static long plus(long a, long b) {
    long sum = a + b;
    boolean overflow = ((a ^ sum) & (b ^ sum)) < 0;
    return overflow ? limit(b < 0) : sum;
  }

  /** How long it is until the deadline; zero if that has passed. */
  static long until(long now, long deadline) {
    long left = deadline - now;
    boolean overflow = ((deadline ^ now) & (deadline ^ left)) < 0;
    return Math.max(0, overflow ? limit(deadline < 0) : left);
  }

  /** For people: "3 s", "1.25 s", "250 ms", "0.5 ms"; not more exact than to a thousandth. */
  static String text(long nanos) {
    boolean seconds = Math.abs(nanos / 1_000_000) >= 1_000 || nanos == 0;
    BigDecimal value = BigDecimal.valueOf(nanos, seconds ? 9 : 6).setScale(3, RoundingMode.HALF_UP);
    return value.stripTrailingZeros().toPlainString() + (seconds ? " s" : " ms");
  }

  private static long limit(boolean negative) {
    return negative ? Long.MIN_VALUE : Long.MAX_VALUE;
  }
}
