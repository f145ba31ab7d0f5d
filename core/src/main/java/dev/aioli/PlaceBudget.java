package dev.aioli;

import java.time.Duration;

/**
 * How many limits of a loop may look where their task stands: a stack costs several times what a
 * limit that strikes does without. {@code -Ddev.aioli.limitPlaces=false} switches it off.
 */
final class PlaceBudget {
  private static final boolean ENABLED =
      !"false".equals(System.getProperty("dev.aioli.limitPlaces"));

  /** A thousand a second, of some 10 us each: a hundredth of a processor. */
  private static final int PER_WINDOW = 100;

  private static final long WINDOW_NANOS = Duration.ofMillis(100).toNanos();

  // Touched in the turn only.
  private long windowStart;
  private int left = PER_WINDOW;

  /** Takes one, if there is one. */
  boolean take(long now) {
    if (!ENABLED) {
      return false;
    }
    if (now - windowStart >= WINDOW_NANOS) {
      windowStart = now;
      left = PER_WINDOW;
    }
    if (left == 0) {
      return false;
    }
    left--;
    return true;
  }
}
