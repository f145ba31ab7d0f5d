package dev.aioli.conformance;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Ends the JVM when one scenario takes for ever: an implementation that loops or hangs cannot be
 * interrupted. Whoever started the runner sees it end and knows at which scenario.
 */
final class Watchdog {
  private final long limitNanos;
  private final PrintStream report;
  private volatile long startedNanos;
  private volatile Supplier<String> current = () -> "";

  /** Watches from the first scenario on; says where it was and with which status to end. */
  Watchdog(int seconds, int status, PrintStream report) {
    this.report = report;
    limitNanos = TimeUnit.SECONDS.toNanos(seconds);
    pause();
    Thread.ofPlatform().daemon().name("watchdog").start(() -> watch(status));
  }

  /** A scenario has started. */
  void started(Supplier<String> what) {
    current = what;
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
          report.println("stuck " + current.get());
          report.flush();
          Runtime.getRuntime().halt(status);
        }
        Thread.sleep(200);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
