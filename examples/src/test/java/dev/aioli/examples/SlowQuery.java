package dev.aioli.examples;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A function for the database of a test: waits until the test lets it go on. Public for H2. */
public final class SlowQuery {
  static final AtomicInteger UNDER_WAY = new AtomicInteger();
  static final AtomicInteger MOST = new AtomicInteger();
  static volatile CountDownLatch entered = new CountDownLatch(0);
  static volatile CountDownLatch release = new CountDownLatch(0);

  private SlowQuery() {}

  /** Called by the database. */
  public static int waiting() throws InterruptedException {
    MOST.accumulateAndGet(UNDER_WAY.incrementAndGet(), Math::max);
    try {
      entered.countDown();
      release.await();
      return 1;
    } finally {
      UNDER_WAY.decrementAndGet();
    }
  }
}
