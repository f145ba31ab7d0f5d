package dev.aioli.http.wire;

import dev.aioli.EventLoop;
import java.time.Duration;

/**
 * How many streams a peer may end before their time: so many a second, and twice as many at once. A
 * client that opens streams and resets them has work done that nobody sees, and no limit on open
 * streams holds it back (CVE-2023-44487, CVE-2025-8671). On the loop's thread only.
 */
final class ResetLimit {
  private static final double NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

  private final EventLoop loop;
  private final double perSecond;
  private double left;
  private long lastNanos;

  ResetLimit(EventLoop loop, int perSecond) {
    this.loop = loop;
    this.perSecond = perSecond;
    left = 2.0 * perSecond;
    lastNanos = loop.timeNanos();
  }

  /** Counts one; gives whether that was one too many. */
  boolean passed() {
    long now = loop.timeNanos();
    left = Math.min(2 * perSecond, left + (now - lastNanos) / NANOS_PER_SECOND * perSecond) - 1;
    lastNanos = now;
    return left < 0;
  }

  @Override
  public String toString() {
    return (int) perSecond + " resets a second";
  }
}
