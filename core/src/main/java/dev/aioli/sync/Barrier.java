package dev.aioli.sync;

import dev.aioli.Suspends;
import java.util.Locale;

/**
 * A point where a fixed number of tasks wait for each other. As {@code asyncio.Barrier}; reusable.
 *
 * <p>A cancelled waiter just leaves; the barrier is not broken by it.
 */
public final class Barrier {
  /*
   * filling    tasks arrive; the last one starts the draining
   * draining   they leave; newcomers wait until all have left
   * resetting  they leave with an error; newcomers wait until all have left
   * broken     everybody gets an error until reset()
   */
  private enum State {
    FILLING,
    DRAINING,
    RESETTING,
    BROKEN
  }

  private final Condition changed = new Condition();
  private final int parties;
  private State state = State.FILLING;
  private int count;

  /**
   * A barrier for so many tasks.
   *
   * @throws IllegalArgumentException if fewer than 1
   */
  public Barrier(int parties) {
    if (parties < 1) {
      throw new IllegalArgumentException("expected parties >= 1, was " + parties);
    }
    this.parties = parties;
  }

  /**
   * Waits until as many tasks wait as there are parties, then lets them all go. The last one does
   * not wait for the others. Named {@code wait} in asyncio.
   *
   * <p>Cancellation: the task leaves, one party fewer waits.
   *
   * @return a number from 0 to {@code parties - 1}, different for each: the order of arrival
   * @throws BrokenBarrierException if the barrier is broken, or is reset or aborted meanwhile
   * @throws IllegalStateException outside a task if it has to wait, outside a running loop always,
   *     and if the barrier belongs to another loop
   */
  @Suspends
  public int await() {
    try (Permit permit = changed.acquire()) {
      awaitRoom();
      try {
        int index = count;
        count++;
        if (index + 1 == parties) {
          state = State.DRAINING;
          changed.signalAll();
        } else {
          awaitOthers();
        }
        return index;
      } finally {
        count--;
        leave();
      }
    }
  }

  private void awaitRoom() {
    changed.awaitFor(() -> state != State.DRAINING && state != State.RESETTING);
    if (state == State.BROKEN) {
      throw new BrokenBarrierException("the barrier was aborted: " + this);
    }
  }

  private void awaitOthers() {
    changed.awaitFor(() -> state != State.FILLING);
    if (state == State.BROKEN || state == State.RESETTING) {
      throw new BrokenBarrierException("the barrier was reset or aborted: " + this);
    }
  }

  private void leave() {
    if (count == 0) {
      if (state == State.RESETTING || state == State.DRAINING) {
        state = State.FILLING;
      }
      changed.signalAll();
    }
  }

  /**
   * Sends those who wait away with a {@link BrokenBarrierException}; then the barrier is as new.
   * May suspend to take its lock.
   *
   * <p>Cancellation: nothing has changed.
   */
  @Suspends
  public void reset() {
    try (Permit permit = changed.acquire()) {
      if (count > 0) {
        state = State.RESETTING;
      } else {
        state = State.FILLING;
      }
      changed.signalAll();
    }
  }

  /**
   * Breaks the barrier: those who wait, and who come until {@link #reset}, get a {@link
   * BrokenBarrierException}. May suspend to take its lock.
   *
   * <p>Cancellation: nothing has changed.
   */
  @Suspends
  public void abort() {
    try (Permit permit = changed.acquire()) {
      state = State.BROKEN;
      changed.signalAll();
    }
  }

  /** The number of tasks that pass together. */
  public int parties() {
    return parties;
  }

  /** The number of tasks that wait for others to come. */
  public int waiting() {
    changed.checkLook();
    return countWaiting();
  }

  private int countWaiting() {
    return state == State.FILLING ? count : 0;
  }

  /** Whether the barrier is broken. */
  public boolean broken() {
    changed.checkLook();
    return state == State.BROKEN;
  }

  /** asyncio's word for the state: filling, draining, resetting or broken. */
  public String state() {
    changed.checkLook();
    return nameOfState();
  }

  private String nameOfState() {
    return state.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return "Barrier[" + nameOfState() + ", waiting=" + countWaiting() + "/" + parties + "]";
  }
}
