package dev.aioli;

import java.time.Duration;

/** A callback that was given a time to run at. As {@code asyncio.TimerHandle}. */
public final class TimerHandle extends Handle implements Comparable<TimerHandle> {
  private final long deadlineNanos;
  private final long sequence;

  /** Its index in the {@link TimerQueue}'s heap, or -1 when it is not in there. */
  int heapIndex = -1;

  TimerHandle(
      EventLoop loop, Runnable callback, Context context, long deadlineNanos, long sequence) {
    super(loop, callback, context);
    this.deadlineNanos = deadlineNanos;
    this.sequence = sequence;
  }

  /** When it is due, in the time of {@link EventLoop#time}. */
  public Duration when() {
    return Duration.ofNanos(deadlineNanos);
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  /**
   * Calls the callback off, unless it has run; the loop forgets it at once, so that timers which
   * are set and cancelled do not pile up. Idempotent. In the turn, or while the loop does not run.
   */
  @Override
  public void cancel() {
    if (!cancelled()) {
      super.cancel();
      loop().timers().remove(this);
    }
  }

  /** By deadline, and with equal deadlines in the order of creation. */
  @Override
  public int compareTo(TimerHandle other) {
    return isBefore(other) ? -1 : this == other ? 0 : 1;
  }

  boolean isBefore(TimerHandle other) {
    return deadlineNanos != other.deadlineNanos
        ? deadlineNanos < other.deadlineNanos
        : sequence < other.sequence;
  }
}
