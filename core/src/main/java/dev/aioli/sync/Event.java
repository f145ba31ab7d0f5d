package dev.aioli.sync;

import dev.aioli.Suspends;
import dev.aioli.lowlevel.LoopBound;
import dev.aioli.lowlevel.WaitQueue;

/**
 * A flag that tasks can wait for. As {@code asyncio.Event}.
 *
 * <p>{@link #set} wakes those who wait at that moment, even if the flag is cleared in the same
 * tick.
 */
public final class Event extends LoopBound {
  private final WaitQueue waiters = new WaitQueue();
  private boolean set;

  /** An event that is not set. */
  public Event() {}

  /**
   * Waits until the flag is set; does not suspend if it is. Those who wait go on in the order in
   * which they came. Named {@code wait} in asyncio.
   *
   * <p>Cancellation: ends the wait.
   *
   * @throws IllegalStateException outside a task if it has to wait, outside a running loop always,
   *     and if the event belongs to another loop
   */
  @Suspends
  public void await() {
    checkRunning();
    if (!set) {
      waiters.await(bind(), woken -> {});
    }
  }

  /** Sets the flag and wakes all waiters, oldest first. Nothing if it is set. Does not suspend. */
  public void set() {
    checkTurn();
    if (!set) {
      set = true;
      waiters.wakeAll();
    }
  }

  /** Clears the flag. Whoever was woken goes on all the same. Does not suspend. */
  public void clear() {
    checkTurn();
    set = false;
  }

  /** Whether the flag is set. */
  public boolean isSet() {
    checkTurnInDebugMode();
    return set;
  }

  /** The number of tasks that are blocked here: neither woken nor cancelled. */
  public int waiters() {
    checkTurnInDebugMode();
    return waiters.pending();
  }

  @Override
  public String toString() {
    return "Event[" + (set ? "set" : "unset") + ", waiters=" + waiters.pending() + "]";
  }
}
