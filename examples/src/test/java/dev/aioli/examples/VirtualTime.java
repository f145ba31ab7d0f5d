package dev.aioli.examples;

import dev.aioli.EventLoop;
import dev.aioli.lowlevel.Clock;
import dev.aioli.lowlevel.Poller;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Time that stands still while a loop has something to run, and jumps to its next timer when not.
 */
final class VirtualTime implements Clock, Poller {
  private long nanos;

  EventLoop newEventLoop() {
    return EventLoop.builder().clock(this).poller(this).build();
  }

  /** How much time has passed. */
  Duration elapsed() {
    return Duration.ofNanos(nanos);
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
      throw new AssertionError("all tasks wait and no timer is set: nothing would ever happen");
    }
    nanos += timeoutNanos;
  }

  /** Nothing to do: no thread waits here, and no other one is expected to post. */
  @Override
  public void wakeup() {}
}
