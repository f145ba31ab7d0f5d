package dev.aioli.sync;

import dev.aioli.Suspends;
import dev.aioli.Task;
import dev.aioli.lowlevel.HasHolders;
import dev.aioli.lowlevel.LoopBound;
import dev.aioli.lowlevel.WaitQueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A number of permits: at most so many tasks inside at once. As {@code asyncio.Semaphore}: first
 * in, first out, and a released permit goes straight to the oldest waiter, so that the releaser
 * cannot take it back.
 *
 * <p>For threads use {@code java.util.concurrent.Semaphore}.
 */
public sealed class Semaphore extends LoopBound implements HasHolders permits BoundedSemaphore {
  /*
   * A permit is taken from `value` when a waiter is woken, not when its task runs. A waiter that was
   * woken and then cancelled puts it back; and whoever leaves the line passes on what permits there
   * are, since others may have queued behind it although permits were free.
   */
  private final WaitQueue waiters = new WaitQueue(this);
  private final Runnable release = this::release;
  private int value;

  /** Kept in debug mode only. */
  private @Nullable List<Task<?>> holders;

  /**
   * A semaphore with so many permits.
   *
   * @throws IllegalArgumentException if negative
   */
  public Semaphore(int permits) {
    if (permits < 0) {
      throw new IllegalArgumentException("expected permits >= 0, was " + permits);
    }
    value = permits;
  }

  /**
   * Takes a permit, waiting for one if needed; does not suspend if one is free and nobody waits.
   * Waiters are served in the order in which they came.
   *
   * <p>Cancellation: no permit is taken; one that had just been passed to this task goes to the
   * next.
   *
   * @return what releases it, once
   * @throws IllegalStateException outside a task if it has to wait, outside a running loop always,
   *     and if the semaphore belongs to another loop
   */
  @Suspends
  public Permit acquire() {
    checkRunning();
    if (!isLocked()) {
      value--;
      return held();
    }
    try {
      waiters.await(bind(), this::waitCancelled);
    } finally {
      passOn();
    }
    return held();
  }

  private Permit held() {
    if (inDebugMode()) {
      Task<?> task = currentTask();
      if (holders == null) {
        holders = new ArrayList<>();
      }
      if (task != null) {
        holders.add(task);
      }
    }
    return new HeldPermit(release);
  }

  private void waitCancelled(boolean woken) {
    if (woken) {
      value++;
    }
  }

  /** Wakes as many waiters as there are permits. */
  private void passOn() {
    while (value > 0 && waiters.wakeNext()) {
      value--;
    }
  }

  /**
   * Returns a permit, or adds one; it goes to the oldest waiter. Does not suspend.
   *
   * @throws IllegalStateException from a thread that does not have the turn of the semaphore's loop
   */
  public void release() {
    checkTurn();
    value++;
    if (holders != null) {
      forgetHolder(holders);
    }
    if (waiters.wakeNext()) {
      value--;
    }
  }

  /** That is the caller, or if it holds none, whoever has held one for longest. */
  private void forgetHolder(List<Task<?>> known) {
    Task<?> current = currentTask();
    if ((current == null || !known.remove(current)) && !known.isEmpty()) {
      known.removeFirst();
    }
  }

  /**
   * The tasks that have acquired permits since the loop was in debug mode; empty without that. One
   * that holds several is in it as many times.
   */
  @Override
  public final List<Task<?>> holders() {
    List<Task<?>> known = holders;
    return known == null ? List.of() : List.copyOf(known);
  }

  /** In debug mode. */
  @Override
  public final boolean knowsHolders() {
    return inDebugMode();
  }

  /** Whether {@link #acquire} would have to wait now. */
  public final boolean locked() {
    checkTurnInDebugMode();
    return isLocked();
  }

  private boolean isLocked() {
    return value == 0 || waiters.hasLive();
  }

  /** The number of permits that are free and promised to nobody. */
  public final int availablePermits() {
    checkTurnInDebugMode();
    return value;
  }

  /** As {@link #availablePermits}, unchecked. */
  final int value() {
    return value;
  }

  /** The number of tasks that are blocked here: neither given a permit nor cancelled. */
  public final int waiters() {
    checkTurnInDebugMode();
    return waiters.pending();
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "["
        + (isLocked() ? "locked" : "unlocked")
        + ", value="
        + value
        + ", waiters="
        + waiters.pending()
        + "]";
  }
}
