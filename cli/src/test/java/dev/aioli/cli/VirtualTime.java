package dev.aioli.cli;

import dev.aioli.EventLoop;
import dev.aioli.Runner;
import dev.aioli.ThrowingRunnable;
import dev.aioli.lowlevel.Clock;
import dev.aioli.lowlevel.Poller;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Time that stands still while a loop has something to run, and jumps to its next timer when not.
 * Without a timer it waits for other threads.
 */
final class VirtualTime implements Clock, Poller {
  private final Semaphore wakeups = new Semaphore(0);
  private long nanos;

  /** Runs a body on a loop of this time. */
  void run(ThrowingRunnable body) {
    try (Runner runner = new Runner(this::newEventLoop)) {
      runner.run(body);
    }
  }

  private EventLoop newEventLoop() {
    return EventLoop.builder().clock(this).poller(this).build();
  }

  /** How much time has passed, in milliseconds. */
  long millis() {
    return nanos / 1_000_000;
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public void poll(long timeoutNanos, BooleanSupplier mayWait) {
    if (timeoutNanos == 0 || !mayWait.getAsBoolean()) {
      return;
    }
    if (timeoutNanos == FOREVER) {
      awaitOtherThreads();
    } else {
      nanos += timeoutNanos;
    }
  }

  private void awaitOtherThreads() {
    try {
      if (!wakeups.tryAcquire(30, TimeUnit.SECONDS)) {
        throw new AssertionError("all tasks wait, and so do all threads");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void wakeup() {
    wakeups.release();
  }
}
