package dev.aioli.conformance;

import dev.aioli.lowlevel.Clock;
import dev.aioli.lowlevel.Poller;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A clock that counts whole milliseconds from 0 and moves only when the loop would wait, to the
 * next deadline; and the poller in whose place it stands. Also counts the loop's iterations.
 */
final class VirtualTime implements Clock, Poller {
  /** A guard against a broken implementation: no scenario comes near. */
  private static final int MAX_TICKS = 50_000;

  private long nowNanos;
  private int ticks;
  private boolean halted;
  private @Nullable Runnable atNextPoll;

  @Override
  public long nanoTime() {
    return nowNanos;
  }

  long millis() {
    return TimeUnit.NANOSECONDS.toMillis(nowNanos);
  }

  /** The number of the current iteration. */
  int ticks() {
    return ticks;
  }

  /** Time passes while the task runs. */
  void burn(long millis) {
    nowNanos += TimeUnit.MILLISECONDS.toNanos(Math.max(0, millis));
  }

  /** Ends the loop before its next iteration. */
  void halt() {
    halted = true;
  }

  /** Has something run inside the loop, before anything else of its next iteration. */
  void atNextPoll(Runnable action) {
    atNextPoll = action;
  }

  /**
   * @throws Deadlock if there is nothing to wait for
   * @throws Halt if the trace is closed
   */
  @Override
  public void poll(long timeoutNanos, BooleanSupplier mayWait) {
    if (halted) {
      throw new Halt();
    }
    Runnable action = atNextPoll;
    if (action != null) {
      atNextPoll = null;
      action.run();
    }
    if (timeoutNanos > 0 && mayWait.getAsBoolean()) { // else a task has posted, or the action
      if (timeoutNanos == FOREVER) {
        throw new Deadlock();
      }
      nowNanos += timeoutNanos;
    }
    ticks++;
    if (ticks > MAX_TICKS) {
      throw new AssertionError("runaway: too many loop iterations");
    }
  }

  @Override
  public void wakeup() {} // nothing comes from other threads
}
