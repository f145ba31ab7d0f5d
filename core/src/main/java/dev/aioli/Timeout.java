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

  private static final StackTraceElement[] NOWHERE = {};

  private final EventLoop loop;

  /** How long from the start, as the user said it; null if the user gave no length. */
  private final @Nullable Duration delay;

  /** What the limit is on; null if the user has not said so. */
  private final @Nullable String what;

  private State state = State.CREATED;
  private @Nullable Duration when;
  private @Nullable Handle timer;
  private @Nullable Task<?> task;

  /** When the block began. */
  private Duration began = Duration.ZERO;

  private boolean moved;

  /** Where the task was suspended when the limit struck. */
  private StackTraceElement[] struckAt = NOWHERE;

  /**
   * The task's count of cancellations on entry: a higher one at the end means one from elsewhere.
   */
  private int cancellingBefore;

  private Timeout(
      EventLoop loop, @Nullable Duration when, @Nullable Duration delay, @Nullable String what) {
    this.loop = loop;
    this.when = when;
    this.delay = delay;
    this.what = what;
  }

  /**
   * A limit from now on.
   *
   * @param delay null for none
   * @param what for the exception; null for nothing
   */
  static Timeout after(EventLoop loop, @Nullable Duration delay, @Nullable String what) {
    return new Timeout(loop, delay == null ? null : loop.after(delay), delay, what);
  }

  /** A limit at a time of the loop's. */
  static Timeout at(EventLoop loop, @Nullable Duration when) {
    return new Timeout(loop, when, null, null);
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
    moved = true;
    setTimer(newWhen);
  }

  private void setTimer(@Nullable Duration newWhen) {
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
    began = delay != null && when != null ? when.minus(delay) : loop.time();
    setTimer(when);
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
      throw new TimeoutException(message(), thrown);
    }
    if (loop.isDebug() && !(thrown instanceof CancelledError)) {
      SwallowedCancellation.report(message(), thrown);
    }
  }

  private void strike() {
    Task<?> struck = Objects.requireNonNull(task);
    if (loop.iterations().placeBudget().take(loop.timeNanos())) {
      struckAt = struck.getStack(); // it will have been unwound when the exception is made
    }
    struck.cancel();
    state = State.EXPIRING;
    timer = null;
  }

  /** "the time limit of 3 s on all URLs has passed; Task-5 was in Queue.put at ...". */
  private String message() {
    Duration length = moved || delay == null ? Objects.requireNonNull(when).minus(began) : delay;
    String text = Nanos.text(Nanos.of(length));
    return "the time limit"
        + (moved ? "" : " of " + text)
        + (what == null ? "" : " on " + what)
        + (moved ? ", moved to " + text + " after its start," : "")
        + " has passed; "
        + Place.of(Objects.requireNonNull(task), struckAt);
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
