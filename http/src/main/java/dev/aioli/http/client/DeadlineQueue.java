package dev.aioli.http.client;

import dev.aioli.EventLoop;
import dev.aioli.TimerHandle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Time limits of equal length: who starts first expires first. So a list does for them what the
 * loop's heap of timers does for any, and entering and leaving cost a few stores: most requests are
 * answered long before their limit.
 */
final class DeadlineQueue {
  private static final Duration LONGEST = Duration.ofDays(30_000); // and no sum overflows

  private final EventLoop loop;
  private final long limitNanos;
  private @Nullable Entry first;
  private @Nullable Entry last;
  private @Nullable TimerHandle timer;

  /** One limit that runs, at most. Subclasses say what happens when it has passed. */
  abstract static class Entry {
    private @Nullable DeadlineQueue queue;
    private @Nullable Entry previous;
    private @Nullable Entry next;
    private long deadlineNanos;

    /** The time has passed. On the loop's thread; the entry is in no queue any more. */
    abstract void expired();

    /** Leaves its queue. Idempotent. */
    final void stop() {
      if (queue != null) {
        queue.unlink(this);
      }
    }
  }

  DeadlineQueue(EventLoop loop, Duration limit) {
    this.loop = loop;
    limitNanos = limit.compareTo(LONGEST) < 0 ? limit.toNanos() : LONGEST.toNanos();
  }

  /** How long. */
  Duration limit() {
    return Duration.ofNanos(limitNanos);
  }

  /** Starts the time of an entry, or starts it again. */
  void start(Entry entry) {
    entry.stop();
    entry.queue = this;
    entry.deadlineNanos = loop.timeNanos() + limitNanos;
    entry.previous = last;
    if (last == null) {
      first = entry;
    } else {
      last.next = entry;
    }
    last = entry;
    if (timer == null) {
      timer = loop.callLater(Duration.ofNanos(limitNanos), this::expire);
    }
  }

  private void unlink(Entry entry) {
    if (entry.previous == null) {
      first = entry.next;
    } else {
      entry.previous.next = entry.next;
    }
    if (entry.next == null) {
      last = entry.previous;
    } else {
      entry.next.previous = entry.previous;
    }
    entry.queue = null;
    entry.previous = null;
    entry.next = null;
  }

  /** The timer is not moved when entries leave: it comes early, and is set anew. */
  private void expire() {
    timer = null;
    for (Entry entry = first; entry != null; entry = first) {
      long left = entry.deadlineNanos - loop.timeNanos();
      if (left > 0) {
        timer = loop.callLater(Duration.ofNanos(left), this::expire);
        return;
      }
      unlink(entry);
      entry.expired();
    }
  }

  /** Stops its timer. */
  void close() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
