package dev.aioli.http.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How often one request may be made again by the client itself, and after which pause. One count
 * bounds it all, for whatever reasons.
 */
final class Retries {
  private static final int MAX_ATTEMPTS = 5;

  /**
   * Servers that end connections after so many requests may do so to a request several times, but
   * each time there are fewer before it.
   */
  private static final int MAX_OVERTAKEN_ATTEMPTS = 20;

  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long MAX_PAUSE_MILLIS = 200;

  private int attempts = 1;

  /** How often it has been made, the present time included. */
  int attempts() {
    return attempts;
  }

  /** Whether it may be made once more. */
  boolean left(Exchange failed) {
    return attempts < (failed.overtaken() ? MAX_OVERTAKEN_ATTEMPTS : MAX_ATTEMPTS);
  }

  /** Counts one more; gives how long to wait before it. */
  Duration next(Exchange failed) {
    int inVain = failed.overtaken() ? attempts - MAX_ATTEMPTS : attempts - 1;
    attempts++;
    if (inVain <= 0) {
      return Duration.ZERO;
    }
    long longest = Math.min(FIRST_PAUSE_MILLIS << Math.min(inVain - 1, 10), MAX_PAUSE_MILLIS);
    // Not all at once: those that were refused together would meet again.
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(longest / 2, longest + 1));
  }
}
