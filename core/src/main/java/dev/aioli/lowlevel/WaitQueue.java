package dev.aioli.lowlevel;

import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import org.jspecify.annotations.Nullable;

/**
 * The one place where tasks wait in line and leave it: every lock, event, condition, semaphore and
 * queue stands on it.
 *
 * <p>Waiters are woken first in, first out. A waiter that is cancelled leaves; if it had been woken
 * before the cancellation arrived, what it was woken for must not be lost, so {@link #await} tells
 * its caller, who passes it on.
 *
 * <p>Not thread-safe: used only in the loop's turn.
 */
public final class WaitQueue {
  /*
   * A doubly linked list of waiters in order of arrival. A waiter stays in it until its task runs
   * again, whatever happened to it, as in asyncio; so the list holds three kinds:
   *
   *   pending    blocked: neither woken nor cancelled
   *   woken      its task is in the ready queue
   *   cancelled  its task is in the ready queue, about to get a CancelledError
   *
   * `firstPending` is at or before the first pending waiter, and everything before it is woken or
   * cancelled. So waking is O(1) amortised even with ten thousand woken ones still in the list.
   */
  private final @Nullable Object owner;
  private @Nullable Waiter head;
  private @Nullable Waiter tail;
  private @Nullable Waiter firstPending;
  private int size;
  private int pending;
  private int cancelled;

  /** What to do when a wait ended in cancellation. */
  @FunctionalInterface
  public interface AfterCancel {
    /**
     * Called after the waiter has left the queue and before the {@link CancelledError} goes on.
     *
     * @param woken whether the waiter had been woken before it was cancelled
     */
    void cancelled(boolean woken);
  }

  /** An empty queue of nobody in particular. */
  public WaitQueue() {
    this(null);
  }

  /**
   * An empty queue.
   *
   * @param owner what its waiters wait for, in texts about them: a lock, a queue
   */
  public WaitQueue(@Nullable Object owner) {
    this.owner = owner;
  }

  /**
   * Waits at the end of the line until woken. Always suspends.
   *
   * <p>Cancellation: the waiter leaves the line, then {@code afterCancel} runs, then the {@link
   * CancelledError} goes on.
   *
   * @param loop the loop of the calling task
   * @param afterCancel what to do if the wait is cancelled
   * @throws IllegalStateException outside a task of that loop
   */
  @Suspends
  public void await(EventLoop loop, AfterCancel afterCancel) {
    Waiter waiter = new Waiter(loop, this);
    append(waiter);
    try {
      try {
        waiter.await();
      } finally {
        remove(waiter);
      }
    } catch (CancelledError e) {
      afterCancel.cancelled(waiter.done() && !waiter.cancelled());
      throw e;
    }
  }

  /**
   * Wakes the oldest pending waiter: its task goes on in the next iteration. Does not suspend.
   *
   * @return whether there was one
   */
  public boolean wakeNext() {
    Waiter waiter = nextPending();
    if (waiter == null) {
      return false;
    }
    wake(waiter);
    return true;
  }

  /** Wakes the head of the line if it is pending; does nothing if it is leaving already. */
  public void wakeHead() {
    Waiter first = head;
    if (first != null && !first.done()) {
      wake(first);
    }
  }

  /** Wakes every pending waiter, oldest first. */
  public void wakeAll() {
    while (wakeNext()) {
      // each call wakes one
    }
  }

  /** Whether someone is in line who has not been cancelled, woken or not. */
  public boolean hasLive() {
    return size > cancelled;
  }

  /** The number of tasks that are blocked here: neither woken nor cancelled. */
  public int pending() {
    return pending;
  }

  private void wake(Waiter waiter) {
    pending--;
    waiter.setResult(null);
  }

  private @Nullable Waiter nextPending() {
    Waiter waiter = firstPending;
    while (waiter != null && waiter.done()) {
      waiter = waiter.next;
    }
    firstPending = waiter;
    return waiter;
  }

  private void append(Waiter waiter) {
    Waiter last = tail;
    waiter.previous = last;
    if (last == null) {
      head = waiter;
    } else {
      last.next = waiter;
    }
    tail = waiter;
    if (firstPending == null) {
      firstPending = waiter;
    }
    size++;
    pending++;
  }

  private void remove(Waiter waiter) {
    if (!waiter.done()) {
      pending--; // an error other than a cancellation: the loop was closed under it
    } else if (waiter.cancelled()) {
      cancelled--;
    }
    if (firstPending == waiter) {
      firstPending = waiter.next;
    }
    Waiter before = waiter.previous;
    Waiter after = waiter.next;
    if (before == null) {
      head = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      tail = before;
    } else {
      after.previous = before;
    }
    size--;
  }

  /**
   * A place in line: the future that its task awaits. Public only because {@link Future} is sealed.
   */
  public static final class Waiter extends Future<@Nullable Void> {
    private final WaitQueue queue;
    private @Nullable Waiter previous;
    private @Nullable Waiter next;
    private int looks;

    private Waiter(EventLoop loop, WaitQueue queue) {
      super(loop);
      this.queue = queue;
    }

    /** Whether this has been asked once before: for who looks now and then who still waits. */
    public boolean isSeenForTheSecondTime() {
      looks = Math.min(looks + 1, 3); // from the third look on it is the same
      return looks == 2;
    }

    /** What it is a place in line for; null if that was not told. */
    public @Nullable Object owner() {
      return queue.owner;
    }

    /** Cancels the wait; the task leaves the line when it runs next. */
    @Override
    public boolean cancel(@Nullable String message) {
      if (!super.cancel(message)) {
        return false;
      }
      queue.pending--;
      queue.cancelled++;
      return true;
    }
  }
}
