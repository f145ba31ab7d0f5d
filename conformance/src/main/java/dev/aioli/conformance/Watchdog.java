package dev.aioli.conformance;

import java.util.concurrent.TimeUnit;

/**
 * Ends the JVM when one scenario takes for ever: an implementation that loops or hangs cannot be
 * interrupted. Whoever started the runner sees it end and knows at which scenario.
 */
final class Watchdog {
  private final long limitNanos;
  private volatile long startedNanos;

  /** A watchdog that watches from now on, with the exit status to end with. */
  Watchdog(int seconds, int status) {
    limitNanos = TimeUnit.SECONDS.toNanos(seconds);
    startedNanos = System.nanoTime();
    Thread.ofPlatform().daemon().name("watchdog").start(() -> watch(status));
  }

  /** A scenario has started, or the runner waits for one. */
  void reset() {
    startedNanos = System.nanoTime();
  }

  /** Nothing runs. */
  void pause() {
    startedNanos = Long.MAX_VALUE;
  }

  private void watch(int status) {
    try {
      while (true) {
        long started = startedNanos;
        if (started != Long.MAX_VALUE && System.nanoTime() - started > limitNanos) {
          System.err.println("runner: a scenario is stuck");
          Runtime.getRuntime().halt(status);
        }
        Thread.sleep(200);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
