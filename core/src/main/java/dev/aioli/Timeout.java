package dev.aioli;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A limit on how long a block of code may take; made by {@link Asyncio#timeout}. As {@code
 * asyncio.Timeout}.
 *
 * <p>When the time has passed it cancels the task that runs the block, and turns the {@link
 * CancelledError} that comes out of the block, if that is its own, into a {@link TimeoutException}.
 * A cancellation from elsewhere stays what it is.
 */
public final class Timeout {
  private enum State {
    CREATED,
    ACTIVE,
    EXPIRING,
    EXPIRED,
    FINISHED
  }

  private final EventLoop loop;
  private State state = State.CREATED;
  private @Nullable Duration when;
  private @Nullable Handle timer;
  private @Nullable Task<?> task;

  /**
   * The task's count of cancellations on entry: a higher one at the end means one from elsewhere.
   */
  private int cancellingBefore;

  Timeout(EventLoop loop, @Nullable Duration when) {
    this.loop = loop;
    this.when = when;
  }

  /** Runs a block under this limit. */
  @Suspends
  <T extends @Nullable Object, X extends Exception> T run(Block.In<Timeout, T, X> body) throws X {
    enter();
    T result;
    try {
      result = body.run(this);
    } catch (Throwable e) {
      exit(e);
      throw e;
    }
    exit(null);
    return result;
  }

  /** When the time is up, in the time of {@link EventLoop#time}; null if never. */
  public @Nullable Duration when() {
    loop.turn().checkInDebugMode();
    return when;
  }

  /** Whether the time has passed while the block ran. */
  public boolean expired() {
    loop.turn().checkInDebugMode();
    return state == State.EXPIRING || state == State.EXPIRED;
  }

  /**
   * Moves the deadline. One that has passed strikes in the next iteration. Does not suspend. In the
   * turn, from any task or callback.
   *
   * @param newWhen in the time of {@link EventLoop#time}; null for none
   * @throws IllegalStateException if the block has ended or the time has passed
   */
  public void reschedule(@Nullable Duration newWhen) {
    loop.checkTurn();
    if (state != State.ACTIVE) {
      throw new IllegalStateException(
          "expected an active timeout, was " + state.name().toLowerCase(Locale.ROOT));
    }
    when = newWhen;
    cancelTimer();
    if (newWhen != null) {
      timer =
          newWhen.compareTo(loop.time()) <= 0
              ? loop.callSoon(this::strike)
              : loop.callAt(newWhen, this::strike);
    }
  }

  private void enter() {
    Task<?> current = loop.currentTask();
    if (current == null) {
      throw new IllegalStateException("a timeout is for use inside a task, not in a callback");
    }
    state = State.ACTIVE;
    task = current;
    cancellingBefore = current.cancelling();
    reschedule(when);
  }

  /** Throws a TimeoutException if what ends the block is this limit's own cancellation. */
  private void exit(@Nullable Throwable thrown) {
    cancelTimer();
    if (state == State.ACTIVE) {
      state = State.FINISHED;
      return;
    }
    state = State.EXPIRED;
    int cancelling = Objects.requireNonNull(task).uncancel();
    if (cancelling <= cancellingBefore && thrown instanceof CancelledError) {
      throw new TimeoutException("the time limit has passed", thrown);
    }
  }

  private void strike() {
    Objects.requireNonNull(task).cancel();
    state = State.EXPIRING;
    timer = null;
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  @Override
  public String toString() {
    return "Timeout[" + state.name().toLowerCase(Locale.ROOT) + ", when=" + when + "]";
  }
}
