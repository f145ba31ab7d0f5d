package dev.aioli.sync;

import dev.aioli.Suspends;
import dev.aioli.Task;
import dev.aioli.lowlevel.HasHolders;
import dev.aioli.lowlevel.LoopBound;
import dev.aioli.lowlevel.WaitQueue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mutual exclusion lock for tasks. As {@code asyncio.Lock}: first in, first out; not reentrant;
 * not owned, so that another task may release it.
 *
 * <p>A plain section of code without a suspension needs no lock: a task is alone until it suspends.
 * For threads use {@code java.util.concurrent.locks.ReentrantLock}.
 */
public final class Lock extends LoopBound implements HasHolders {
  /*
   * release() frees the lock and wakes the head of the line, which takes the lock when its task runs.
   * In between the lock is free but a newcomer queues, since the line has someone live in it. A waiter
   * that leaves cancelled while the lock is free passes the wake-up on.
   */
  private final WaitQueue waiters = new WaitQueue(this);
  private final Runnable release = this::release;
  private boolean locked;
  private @Nullable Task<?> holder;

  /** An unlocked lock. */
  public Lock() {}

  /**
   * Takes the lock, waiting for it if needed; does not suspend if it is free and nobody waits.
   * Waiters get it in the order in which they came.
   *
   * <p>Cancellation: the lock is not taken; if it had just been passed to this task, it goes to the
   * next.
   *
   * @return what releases it, once
   * @throws IllegalStateException outside a task if it has to wait, outside a running loop always,
   *     and if the lock belongs to another loop
   */
  @Suspends
  public Permit acquire() {
    checkRunning();
    if (locked || waiters.hasLive()) {
      waiters.await(bind(), this::waitCancelled);
    }
    locked = true;
    holder = currentTask();
    return new HeldPermit(release);
  }

  private void waitCancelled(boolean woken) {
    if (!locked) {
      waiters.wakeHead();
    }
  }

  /**
   * Frees the lock and wakes the oldest waiter. Does not suspend. Any task may do it.
   *
   * @throws IllegalStateException if the lock is not locked
   */
  public void release() {
    checkTurn();
    if (!locked) {
      throw new IllegalStateException(
          "expected a locked lock, was "
              + this
              + "; release it once for each acquire, or leave that to close() of its permit");
    }
    locked = false;
    holder = null;
    waiters.wakeHead();
  }

  /** Whether the lock is held. False for the moment between a release and the next owner's turn. */
  public boolean locked() {
    checkLook();
    return locked;
  }

  /** The task that acquired it, if it is held: another one may release it all the same. */
  @Override
  public List<Task<?>> holders() {
    Task<?> present = holder;
    return present == null ? List.of() : List.of(present);
  }

  /** Yes. */
  @Override
  public boolean knowsHolders() {
    return true;
  }

  /** For what stands on this lock and changes nothing either. */
  void checkLook() {
    checkTurnInDebugMode();
  }

  /** As {@link #locked}, unchecked. */
  boolean isLocked() {
    return locked;
  }

  /** The number of tasks that are blocked here: neither passed the lock nor cancelled. */
  public int waiters() {
    checkTurnInDebugMode();
    return waiters.pending();
  }

  @Override
  public String toString() {
    return "Lock[" + (locked ? "locked" : "unlocked") + ", waiters=" + waiters.pending() + "]";
  }
}
