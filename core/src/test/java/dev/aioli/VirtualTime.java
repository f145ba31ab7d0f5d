package dev.aioli;

import dev.aioli.lowlevel.Clock;
import dev.aioli.lowlevel.Poller;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * A loop's time that moves only when nothing can run: then it jumps to the next timer. With no
 * timer either the test has a deadlock and fails. For loops without other threads.
 */
public final class VirtualTime implements Clock, Poller {
  private long nanos;
  private int iterations;
  private IntConsumer onIteration = number -> {};

  /** Time that starts at zero. */
  public VirtualTime() {}

  /** Runs a body on a new loop in virtual time, as {@link Asyncio#run} does. */
  public static <T> T run(Callable<? extends T> body) {
    try (Runner runner = new Runner(new VirtualTime()::newLoop)) {
      return runner.run(body);
    }
  }

  /** As {@link #run(Callable)}, without a result. */
  public static void run(ThrowingRunnable body) {
    run(Asyncio.callable(body));
  }

  /** A loop on this time. */
  public EventLoop newLoop() {
    return EventLoop.builder().clock(this).poller(this).build();
  }

  /** Has a function called in the loop's turn at the start of each iteration, numbered from 1. */
  public void onIteration(IntConsumer function) {
    onIteration = function;
  }

  /** The number of iterations so far. */
  public int iterations() {
    return iterations;
  }

  /** Lets time pass while the caller computes. */
  public void advance(Duration duration) {
    nanos += duration.toNanos();
  }

  /** The time now, in milliseconds since the start. */
  public long millis() {
    return nanos / 1_000_000;
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public void poll(long timeoutNanos, BooleanSupplier mayWait) {
    iterations++;
    onIteration.accept(iterations);
    if (timeoutNanos > 0 && mayWait.getAsBoolean()) {
      if (timeoutNanos == FOREVER) {
        throw new AssertionError("deadlock: nothing is ready and no timer is set");
      }
      nanos += timeoutNanos;
    }
  }

  @Override
  public void wakeup() {}
}
