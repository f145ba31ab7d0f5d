package dev.aioli.cli;

import dev.aioli.http.Headers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request is tried again, and when: exponential back-off with full jitter, or
 * what the server's {@code Retry-After} says.
 *
 * @param retries how often a request is repeated at most; 0 for never
 * @param maxDelay the longest time to wait
 * @param anyMethod whether requests are repeated that may do something twice
 * @param random the source of the jitter
 * @param clock what dates in {@code Retry-After} are compared with
 */
record RetryPolicy(
    int retries,
    Duration maxDelay,
    boolean anyMethod,
    RandomGenerator random,
    InstantSource clock) {

  /** Never again. */
  static final RetryPolicy NONE =
      new RetryPolicy(
          0, Duration.ofMinutes(1), false, RandomGenerator.getDefault(), InstantSource.system());

  /** Too many requests, and what gateways say when the server behind them is away. */
  private static final Set<Integer> PASSING_STATUSES = Set.of(429, 502, 503, 504);

  /** The first delay is up to that long, the second up to twice as long, and so on. */
  private static final Duration FIRST_DELAY = Duration.ofMillis(500);

  private static final int MAX_DOUBLINGS = 20;

  /**
   * How long to wait before the next attempt.
   *
   * @param result that of the last attempt
   * @return null if there shall be none
   */
  @Nullable Duration delay(FetchRequest request, FetchResult result) {
    if (result.attempts() > retries || !isPassing(result)) {
      return null;
    }
    if (!anyMethod && !request.template().idempotent()) {
      return null;
    }
    Duration wanted = result.response() == null ? null : retryAfter(result.response().headers());
    if (wanted != null) {
      return wanted.compareTo(maxDelay) < 0 ? wanted : maxDelay;
    }
    int doublings = Math.min(result.attempts() - 1, MAX_DOUBLINGS);
    long most = Math.min(FIRST_DELAY.toNanos() << doublings, maxDelay.toNanos());
    return Duration.ofNanos(random.nextLong(most + 1));
  }

  private static boolean isPassing(FetchResult result) {
    if (result.response() != null) {
      return PASSING_STATUSES.contains(result.response().status());
    }
    return result.error() != null && result.error().type().isPassing();
  }

  /** Seconds, or a date (RFC 9110, 10.2.3); null if there is neither. */
  private @Nullable Duration retryAfter(Headers headers) {
    String value = headers.get("retry-after");
    if (value == null) {
      return null;
    }
    String text = value.strip();
    if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return text.length() > 9 ? maxDelay : Duration.ofSeconds(Long.parseLong(text));
    }
    Instant date = headers.getInstant("retry-after");
    if (date == null) {
      return null;
    }
    Duration left = Duration.between(clock.instant(), date);
    return left.isNegative() ? Duration.ZERO : left;
  }
}
