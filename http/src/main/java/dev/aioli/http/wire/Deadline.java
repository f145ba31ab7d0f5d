package dev.aioli.http.wire;

import dev.aioli.EventLoop;
import dev.aioli.TimerHandle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A time limit that moves with every request. Setting and clearing it costs no timer: the one that
 * is armed looks, when it fires, whether the limit has moved on.
 */
public final class Deadline {
  private static final long NONE = Long.MAX_VALUE;

  /** Far enough away to be never, near enough to be added to. */
  private static final long LONG_NANOS = Long.MAX_VALUE / 4;

  private final EventLoop loop;
  private final Runnable passed;
  private long deadlineNanos = NONE;
  private long armedNanos = NONE;
  private @Nullable TimerHandle timer;

  /** A limit that is not set; {@code passed} runs on the loop's thread. */
  public Deadline(EventLoop loop, Runnable passed) {
    this.loop = loop;
    this.passed = passed;
  }

  /** A time limit in nanoseconds that can be added to a time. */
  public static long nanos(Duration limit) {
    return limit.compareTo(Duration.ofNanos(LONG_NANOS)) > 0 ? LONG_NANOS : limit.toNanos();
  }

  /** Sets it anew, so far from now. */
  public void set(long nanos) {
    deadlineNanos = loop.timeNanos() + nanos;
    if (deadlineNanos < armedNanos) {
      arm();
    }
  }

  public boolean isSet() {
    return deadlineNanos != NONE;
  }

  public void clear() {
    deadlineNanos = NONE;
  }

  /** It will not be set again. */
  public void close() {
    clear();
    if (timer != null) {
      timer.cancel();
    }
  }

  private void arm() {
    if (timer != null) {
      timer.cancel();
    }
    armedNanos = deadlineNanos;
    timer = loop.callAt(Duration.ofNanos(armedNanos), this::fire);
  }

  private void fire() {
    timer = null;
    armedNanos = NONE;
    if (deadlineNanos == NONE) {
      return;
    }
    if (loop.timeNanos() < deadlineNanos) {
      arm();
    } else {
      deadlineNanos = NONE;
      passed.run();
    }
  }
}
