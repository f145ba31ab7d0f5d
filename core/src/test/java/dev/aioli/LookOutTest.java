package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LookOutTest {
  private static final long LONG = 1_000_000_000;

  private long now = 1;
  private int looks;
  private int trueAtLook = Integer.MAX_VALUE;
  private final LookOut lookOut = new LookOut(() -> now, true);

  /** How often a wait looks at its condition before it sleeps for so long. */
  private int looksBeforeSleep(LookOut out, long sleepNanos) {
    looks = 0;
    long before = out.beforeSleep(this::look, LONG);
    if (looks < trueAtLook) {
      now += sleepNanos;
      out.woken(before);
    }
    return looks;
  }

  private boolean look() {
    looks++;
    now += 100;
    return looks >= trueAtLook;
  }

  @Test
  void longSleepIsFollowedByAnother() {
    assertThat(looksBeforeSleep(lookOut, LONG)).isZero();
    assertThat(looksBeforeSleep(lookOut, LONG)).isZero();
  }

  @Test
  void shortSleepHasTheNextWaitLookOut() {
    looksBeforeSleep(lookOut, 40_000);
    trueAtLook = 7;

    assertThat(looksBeforeSleep(lookOut, LONG)).isEqualTo(7);
    assertThat(looksBeforeSleep(lookOut, LONG)).isEqualTo(7);
  }

  @Test
  void lookingOutEndsInTime() {
    looksBeforeSleep(lookOut, 40_000);

    long start = now;
    lookOut.beforeSleep(this::look, LONG);

    assertThat(now - start).isBetween(LookOut.MAX_NANOS, LookOut.MAX_NANOS + 2_000);
  }

  @Test
  void lookingOutEndsWithTheTimeout() {
    looksBeforeSleep(lookOut, 40_000);

    long start = now;
    lookOut.beforeSleep(this::look, 5_000);

    assertThat(now - start).isBetween(5_000L, 7_000L);
  }

  @Test
  void inVainFourTimesOutweighsAllThatWasGood() {
    looksBeforeSleep(lookOut, 40_000);
    trueAtLook = 3;
    for (int i = 0; i < 100; i++) {
      looksBeforeSleep(lookOut, LONG);
    }
    trueAtLook = Integer.MAX_VALUE;

    for (int i = 0; i < 4; i++) {
      assertThat(looksBeforeSleep(lookOut, LONG)).isPositive();
    }
    assertThat(looksBeforeSleep(lookOut, LONG)).isZero();
  }

  @Test
  void sleepAfterLookingOutInVainIsNoSign() {
    looksBeforeSleep(lookOut, 40_000);

    assertThat(looksBeforeSleep(lookOut, 1)).isPositive();
    assertThat(looksBeforeSleep(lookOut, LONG)).isZero();
  }

  @Test
  void lookingOutForLessThanTheFullTimeIsNoFairTry() {
    looksBeforeSleep(lookOut, 40_000);

    for (int i = 0; i < 10; i++) {
      lookOut.beforeSleep(this::look, 1_000);
    }

    assertThat(looksBeforeSleep(lookOut, LONG)).isPositive();
  }

  @Test
  void sleepIsShortBelowTheLimitOnly() {
    looksBeforeSleep(lookOut, LookOut.SHORT_SLEEP_NANOS);
    assertThat(looksBeforeSleep(lookOut, LookOut.SHORT_SLEEP_NANOS - 1)).isZero();
    assertThat(looksBeforeSleep(lookOut, LONG)).isPositive();
  }

  @Test
  void nothingIsWorthItWhereNobodyElseCanRun() {
    LookOut alone = new LookOut(() -> now, false);

    looksBeforeSleep(alone, 40_000);

    assertThat(looksBeforeSleep(alone, 40_000)).isZero();
  }
}
