package dev.aioli;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Callbacks posted from other threads: many producers, one consumer. First in, first out per
 * thread.
 */
final class Inbox {
  /*
   * A stack of handles linked through `inboxNext`, newest on top, swapped out whole by the loop and
   * then turned round. Posting is one compare-and-set; the poster that finds it empty wakes the
   * loop, so a batch costs one wake-up. CLOSED on top refuses posts for ever, in the same
   * compare-and-set, so no post can slip in behind the last drain.
   */
  private static final Closed CLOSED = new Closed();
  private static final VarHandle TOP;

  static {
    try {
      TOP = MethodHandles.lookup().findVarHandle(Inbox.class, "top", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private record Closed() {}

  /** A {@link Handle}, {@link #CLOSED} or null. */
  private volatile @Nullable Object top;

  /** What became of a post. */
  enum Posted {
    /** It is the first of its batch: wake the loop. */
    FIRST,
    /** The loop has been woken for an earlier one. */
    JOINED,
    /** The inbox is closed; the handle will not run. */
    REFUSED
  }

  /** Adds a handle. From any thread; never blocks. */
  Posted post(Handle handle) {
    while (true) {
      Object seen = top;
      if (seen instanceof Closed) {
        return Posted.REFUSED;
      }
      handle.inboxNext = (Handle) seen;
      if (TOP.compareAndSet(this, seen, handle)) {
        return seen == null ? Posted.FIRST : Posted.JOINED;
      }
    }
  }

  /** Whether nothing is waiting. From any thread. */
  boolean isEmpty() {
    Object seen = top;
    return seen == null || seen instanceof Closed;
  }

  /** Takes everything, oldest first, into the queue. In the turn. */
  void drainTo(ReadyQueue queue) {
    if (isEmpty()) {
      return;
    }
    for (Handle handle = oldestFirst(TOP.getAndSet(this, null)); handle != null; ) {
      Handle next = handle.inboxNext;
      handle.inboxNext = null;
      queue.add(handle);
      handle = next;
    }
  }

  /** Refuses posts from now on and takes what was accepted until now into the queue. */
  void close(ReadyQueue queue) {
    Object batch = TOP.getAndSet(this, CLOSED);
    if (batch instanceof Closed) {
      return;
    }
    for (Handle handle = oldestFirst(batch); handle != null; handle = handle.inboxNext) {
      queue.add(handle);
    }
  }

  private static @Nullable Handle oldestFirst(@Nullable Object newest) {
    Handle reversed = null;
    for (Handle handle = (Handle) newest; handle != null; ) {
      Handle older = handle.inboxNext;
      handle.inboxNext = reversed;
      reversed = handle;
      handle = older;
    }
    return reversed;
  }
}
