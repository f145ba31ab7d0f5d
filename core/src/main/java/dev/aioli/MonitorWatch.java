package dev.aioli;

import dev.aioli.lowlevel.Clock;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * When engine bare looks, outside debug mode, whether a task waits inside {@code synchronized}. One
 * a loop; used in its turn.
 */
final class MonitorWatch {
  /*
   * A look costs 6 to 200 us, a switch less than one. So the first suspensions are looked at, then at
   * most one each 50 ms: 20 looks a second, less than half a percent of the time. Whoever does it often
   * is found soon.
   */
  private static final int FIRST = 16;
  private static final int CLOCK_EVERY = 16; // a power of two
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int MAX_TOLD = 100;

  private final Set<StackTraceElement> told = new HashSet<>();
  private final Clock clock;
  private int suspensions;
  private long lookedAtNanos;

  MonitorWatch(Clock clock) {
    this.clock = clock;
    lookedAtNanos = clock.nanoTime();
  }

  /** Whether to look at this suspension. */
  boolean isDue() {
    int number = ++suspensions;
    if (number > 0 && number <= FIRST) {
      return true;
    }
    if ((number & (CLOCK_EVERY - 1)) != 0) {
      return false;
    }
    long now = clock.nanoTime();
    if (now - lookedAtNanos < PAUSE_NANOS) {
      return false;
    }
    lookedAtNanos = now;
    return true;
  }

  /** Whether this place has not been told yet. */
  boolean isNews(StackTraceElement place) {
    return told.size() < MAX_TOLD && told.add(place);
  }
}
