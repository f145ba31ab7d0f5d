package dev.aioli;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Looks out for another thread's answer for a moment before its thread sleeps, where that is likely
 * to pay: to be woken costs a thread tens of microseconds, and many an answer takes less.
 *
 * <p>A sleep that was short is a sign that looking out would have been enough; having looked out in
 * vain is a sign of the contrary, and four of them outweigh all that was good before. So a loop
 * that waits for timers and sockets always sleeps.
 *
 * <p>For any thread; if several use it at a time they may misjudge, and nothing else.
 */
final class LookOut {
  static final long MAX_NANOS = 50_000;

  /** A sleep this short, with the waking up, was not worth it. */
  static final long SHORT_SLEEP_NANOS = 80_000;

  /** What {@link #woken} takes from who has not slept, or has looked out before in vain. */
  static final long NO_SIGN = Long.MIN_VALUE;

  private static final int MAX_CREDIT = 8;
  private static final int CHECKS_A_GLANCE_AT_THE_CLOCK = 16;

  private final LongSupplier nanoClock;
  private final boolean possible;
  private int credit;

  LookOut() {
    this(System::nanoTime, Runtime.getRuntime().availableProcessors() > 1);
  }

  /**
   * For tests.
   *
   * @param possible whether another thread can run meanwhile
   */
  LookOut(LongSupplier nanoClock, boolean possible) {
    this.nanoClock = nanoClock;
    this.possible = possible;
  }

  /**
   * To be called before a sleep. Waits until the condition is true, if that is likely to pay. The
   * caller then sleeps unless it is, and calls {@link #woken}.
   *
   * @return for {@link #woken}
   */
  long beforeSleep(BooleanSupplier condition, long timeoutNanos) {
    long start = nanoClock.getAsLong();
    if (credit == 0) {
      return start;
    }
    do {
      for (int i = 0; i < CHECKS_A_GLANCE_AT_THE_CLOCK; i++) {
        if (condition.getAsBoolean()) {
          credit = Math.min(MAX_CREDIT, credit + 1);
          return NO_SIGN;
        }
        Thread.onSpinWait();
      }
    } while (nanoClock.getAsLong() - start < Math.min(MAX_NANOS, timeoutNanos));
    if (timeoutNanos >= MAX_NANOS) { // else it was not a fair try
      credit /= 2;
    }
    return NO_SIGN;
  }

  /** To be called when another thread has ended the sleep. */
  void woken(long beforeSleep) {
    if (possible
        && beforeSleep != NO_SIGN
        && nanoClock.getAsLong() - beforeSleep < SHORT_SLEEP_NANOS) {
      credit = Math.min(MAX_CREDIT, credit + 1);
    }
  }
}
