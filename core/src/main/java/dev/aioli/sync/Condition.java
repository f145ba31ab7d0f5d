package dev.aioli.sync;

import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.lowlevel.LoopBound;
import dev.aioli.lowlevel.WaitQueue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A lock together with a line of tasks that wait for a change of what it guards. As {@code
 * asyncio.Condition}; {@code wait}, {@code notify} and {@code notify_all} are called {@link
 * #await}, {@link #signal} and {@link #signalAll} here, as in {@code java.util.concurrent}, since
 * {@link Object} has those names.
 *
 * <p>The lock must be held, by anyone, to wait or to signal. {@link #await} may return without a
 * signal: check the state again, or use {@link #awaitFor}.
 */
public final class Condition extends LoopBound {
  private final Lock lock;
  private final WaitQueue waiters = new WaitQueue();

  /** A condition with a lock of its own. */
  public Condition() {
    this(new Lock());
  }

  /** A condition on a lock that others may use, too. */
  public Condition(Lock lock) {
    this.lock = lock;
  }

  /** Takes the lock, waiting for it if needed: see {@link Lock#acquire}. */
  @Suspends
  public Permit acquire() {
    return lock.acquire();
  }

  /** Frees the lock: see {@link Lock#release}. Does not suspend. */
  public void release() {
    lock.release();
  }

  /** Whether the lock is held. */
  public boolean locked() {
    return lock.locked();
  }

  /**
   * Frees the lock, waits to be signalled, and takes the lock again. Always suspends. Signals go to
   * the tasks in the order in which they came. Named {@code wait} in asyncio.
   *
   * <p>Cancellation: the lock is taken again first, however often the task is cancelled meanwhile;
   * the last cancellation is thrown. A signal that this task had got goes to another one.
   *
   * @throws IllegalStateException if the lock is not held; outside a task; and if the condition
   *     belongs to another loop
   */
  @Suspends
  public void await() {
    checkRunning();
    if (!lock.locked()) {
      throw new IllegalStateException("await expects a locked lock, was " + this);
    }
    EventLoop loop = bind();
    lock.release();
    try {
      try {
        waiters.await(loop, woken -> {});
      } finally {
        reacquire();
      }
    } catch (Throwable e) {
      // It may have happened after a signal arrived here: let it reach another task.
      signalUnchecked(1);
      throw e;
    }
  }

  private void reacquire() {
    CancelledError latest = null;
    while (true) {
      try {
        lock.acquire();
        break;
      } catch (CancelledError e) {
        latest = checkStillOpen(e);
      }
    }
    if (latest != null) {
      throw latest;
    }
  }

  /** A closed loop cancels every attempt: give up then. */
  private static @Nullable CancelledError checkStillOpen(CancelledError e) {
    if (EventLoop.getRunningLoop().isClosed()) {
      throw e;
    }
    return e;
  }

  /**
   * Waits until the predicate is true, checking it first and after each signal. Named {@code
   * wait_for} in asyncio.
   *
   * <p>Cancellation: as {@link #await()}.
   *
   * @throws IllegalStateException if it has to wait and the lock is not held
   */
  @Suspends
  public void awaitFor(BooleanSupplier predicate) {
    while (!predicate.getAsBoolean()) {
      await();
    }
  }

  /**
   * Wakes the oldest waiter, if there is one. It goes on when it has the lock. Does not suspend.
   *
   * @throws IllegalStateException if the lock is not held
   */
  public void signal() {
    signal(1);
  }

  /**
   * Wakes the {@code count} oldest waiters, or all if they are fewer; none if that is zero or less.
   * Does not suspend. Named {@code notify} in asyncio.
   *
   * @throws IllegalStateException if the lock is not held
   */
  public void signal(int count) {
    checkTurn();
    if (!lock.locked()) {
      throw new IllegalStateException("signal expects a locked lock, was " + this);
    }
    signalUnchecked(count);
  }

  /**
   * Wakes all waiters, oldest first. Does not suspend. Named {@code notify_all} in asyncio.
   *
   * @throws IllegalStateException if the lock is not held
   */
  public void signalAll() {
    signal(waiters.pending());
  }

  private void signalUnchecked(int count) {
    for (int i = 0; i < count && waiters.wakeNext(); i++) {
      // each call wakes one
    }
  }

  /** For what stands on this condition, as {@link Lock#checkLook}. */
  void checkLook() {
    lock.checkLook();
  }

  /** The number of tasks that wait for a signal: neither signalled nor cancelled. */
  public int waiters() {
    checkTurnInDebugMode();
    return waiters.pending();
  }

  @Override
  public String toString() {
    return "Condition["
        + (lock.isLocked() ? "locked" : "unlocked")
        + ", waiters="
        + waiters.pending()
        + "]";
  }
}
