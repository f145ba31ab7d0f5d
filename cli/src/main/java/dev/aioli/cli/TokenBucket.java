package dev.aioli.cli;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import java.time.Duration;

/**
 * Lets so many pass in a time, evenly: 10/s lets one pass every 100 ms. Time is that of the loop's
 * clock.
 *
 * <p>Used in the turn of the loop, by one task at a time: who waits keeps the others out.
 */
final class TokenBucket {
  /*
   * The bucket as a clock: `nextNanos` is when there will be a token. It may lag behind the present by
   * the burst, which is what an evenly running bucket would have saved up: one token, or those of
   * 10 ms if that is more. Timers are late by up to a millisecond or so; without any burst a rate of
   * thousands a second would never be reached.
   */
  private static final double BURST_NANOS = 10e6;

  private final EventLoop loop = EventLoop.getRunningLoop();
  private final double intervalNanos;
  private final double startNanos = loop.timeNanos();

  /** Relative to the start, so that fractions of a nanosecond count. */
  private double nextNanos;

  /** A bucket that holds a token: the first one passes at once. */
  TokenBucket(Rate rate) {
    intervalNanos = rate.intervalNanos();
  }

  /**
   * Waits for a token, and takes it.
   *
   * <p>Cancellation: no token is taken.
   */
  @Suspends
  void acquire() {
    double now;
    while ((now = loop.timeNanos() - startNanos) < nextNanos) {
      Asyncio.sleep(Duration.ofNanos((long) Math.ceil(nextNanos - now)));
    }
    double saved = Math.max(0, BURST_NANOS - intervalNanos);
    nextNanos = Math.max(nextNanos, now - saved) + intervalNanos;
  }
}
