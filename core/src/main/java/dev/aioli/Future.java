package dev.aioli;

import dev.aioli.lowlevel.WaitQueue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An outcome that will be known later: pending, then finished with a result or an exception, or
 * cancelled. As {@code asyncio.Future}.
 *
 * <p>Made by {@link EventLoop#createFuture}. Touch it only in its loop's turn; from another thread
 * go through {@link EventLoop#callSoonThreadsafe}.
 *
 * @param <T> the type of the result
 */
public sealed class Future<T extends @Nullable Object>
    permits Task, GatheringFuture, CombinedFuture, WaitQueue.Waiter {

  private enum State {
    PENDING,
    RESULT,
    EXCEPTION,
    CANCELLED
  }

  private final EventLoop loop;
  private State state = State.PENDING;

  /** The result, the exception, or how a cancelled task's CancelledError looked; by state. */
  private @Nullable Object outcome;

  /** The message of the latest cancellation. A task has one while it is pending, too. */
  @Nullable String cancelMessage;

  /** Null, one callback, or a CallbackList. A callback is a Task that waits, or a DoneCallback. */
  private @Nullable Object callbacks;

  private @Nullable Throwable source;

  /** What to report if nobody asks for the exception. */
  private UnseenFailures.@Nullable Failure unseen;

  /** A done callback that runs even if the loop is closed before its turn comes. */
  interface EvenWhenClosed {}

  /** A pending future of a loop. For subclasses; use {@link EventLoop#createFuture}. */
  protected Future(EventLoop loop) {
    this.loop = loop;
    if (loop.isDebug()) {
      source = new Throwable("created here");
    }
  }

  /** The loop to which this belongs. */
  public final EventLoop getLoop() {
    return loop;
  }

  /** Whether the outcome is known: finished or cancelled. Does not check the thread. */
  public final boolean done() {
    return state != State.PENDING;
  }

  /** Whether it was cancelled. Does not check the thread. */
  public final boolean cancelled() {
    return state == State.CANCELLED;
  }

  /**
   * Waits for the outcome and gives the result. Does not suspend if it is known already.
   *
   * <p>Tasks that wait for the same future go on in the order in which they came.
   *
   * <p>Cancellation: cancelling the waiting task cancels this future, and through it, if it is a
   * task, what that one waits for. Use {@code shield} to prevent it.
   *
   * <p>In debug mode the place of the await is added to the exception, as a suppressed one: the
   * first of each task, ten at most.
   *
   * @throws CancelledError if this future, or the waiting task, was cancelled
   * @throws CompletionException if the exception is a checked one: it is the cause. An unchecked
   *     one is thrown as it is
   * @throws IllegalStateException outside a task, if this is the calling task itself or belongs to
   *     another loop, or if the tasks would wait for each other in a circle
   */
  @Suspends
  public final T await() {
    loop.turn().checkInDebugMode();
    if (!done()) { // not in a method of its own: each task that waits would keep a frame more
      Task.currentForAwait(this).suspendUntilDone(this);
    }
    showAwaiter();
    return outcome();
  }

  /**
   * As {@link #await()}, but throws a checked exception of that type as the very object that it is:
   * {@code task.awaitChecked(IOException.class)}. With {@code Exception.class} none comes wrapped.
   *
   * <p>For other futures than this one: {@code gatherFuture(...).awaitChecked(...)}, {@code
   * runInExecutor(...).awaitChecked(...)}, and {@code timeout} with a block that calls this in
   * place of {@code waitFor}.
   *
   * @param type the exception that it may have ended with
   * @throws X the exception, if it is of that type
   * @throws CancelledError if this future, or the waiting task, was cancelled
   * @throws CompletionException if the exception is another checked one: it is the cause
   * @throws IllegalStateException as {@link #await()}
   */
  @Suspends
  public final <X extends Exception> T awaitChecked(Class<X> type) throws X {
    Objects.requireNonNull(type, "type");
    loop.turn().checkInDebugMode();
    if (!done()) { // not in a method of its own: each task that waits would keep a frame more
      Task.currentForAwait(this).suspendUntilDone(this);
    }
    showAwaiter();
    if (state == State.EXCEPTION && type.isInstance(outcome)) {
      markSeen();
      throw type.cast(outcome);
    }
    return outcome();
  }

  /** In debug mode: has a failure tell of the caller, who awaited it. */
  private void showAwaiter() {
    if (loop.isDebug() && state == State.EXCEPTION && outcome instanceof Throwable exception) {
      EventLoop running = EventLoop.currentOrNull();
      AwaitedHere.addTo(exception, running == null ? null : running.currentTask());
    }
  }

  /**
   * The result. Does not suspend. Counts as looking at the exception, so that it is not reported as
   * lost.
   *
   * @throws InvalidStateException if the outcome is not known yet
   * @throws CancelledError if it was cancelled
   * @throws CompletionException if the exception is a checked one: it is the cause. An unchecked
   *     one is thrown as it is
   */
  public final T result() {
    loop.turn().checkInDebugMode();
    return outcome();
  }

  private T outcome() {
    Throwable exception = failure();
    if (exception != null) {
      throw unchecked(exception);
    }
    return resultUnchecked();
  }

  /**
   * The exception as it was thrown, checked or not, or null if there is a result. Does not suspend.
   * Counts as looking, so that it is not reported as lost.
   *
   * @throws InvalidStateException if the outcome is not known yet
   * @throws CancelledError if it was cancelled
   */
  public final @Nullable Throwable exception() {
    loop.turn().checkInDebugMode();
    return failure();
  }

  private @Nullable Throwable failure() {
    return switch (state) {
      case PENDING -> throw new InvalidStateException(this + " has no outcome yet; await it");
      case CANCELLED -> throw makeCancelledError();
      case RESULT -> null;
      case EXCEPTION -> seenException();
    };
  }

  private @Nullable Throwable seenException() {
    markSeen();
    return (Throwable) outcome;
  }

  /** An exception of this future needs no report any more. */
  final void markSeen() {
    if (unseen != null) {
      unseen.seen();
      unseen = null;
    }
  }

  /**
   * A task that wanted to wait for it may not: the task's error tells why. A future that a
   * combinator made for this wait is nobody's then, so its failure is no news.
   */
  void awaitRefused() {}

  /**
   * A {@link CompletableFuture} with the same outcome, for code outside the loop. Cancelling either
   * cancels the other. In the turn; what it returns may be used from any thread, but waiting for it
   * in the loop's turn would block the loop.
   */
  public final CompletableFuture<T> toCompletableFuture() {
    loop.checkTurn();
    return Interop.unwrap(this);
  }

  /**
   * Cancels it, unless it is done.
   *
   * @return whether that changed anything
   */
  public final boolean cancel() {
    return cancel(null);
  }

  /**
   * Cancels it, unless it is done, with a message for the {@link CancelledError}. Whoever awaits it
   * goes on with that error, in the order in which they came. A {@link Task} is asked to end, a
   * gathering future passes the request on to what it gathers: these are not done yet afterwards.
   *
   * <p>Who cancels a future or task that has failed knows that it may have: its exception is not
   * reported as lost.
   *
   * @return whether that changed anything
   * @throws IllegalStateException from a foreign thread
   */
  public boolean cancel(@Nullable String message) {
    loop.turn().checkInDebugMode();
    return done() ? cancelDone() : finishCancelled(message, null);
  }

  /** A cancel that comes too late: whoever asks for it wants to hear no more of this future. */
  final boolean cancelDone() {
    if (unseen != null) {
      loop.checkTurn();
      markSeen();
    }
    return false;
  }

  /**
   * Finishes it with a result. Those who await it, and its callbacks, go on in the order in which
   * they came, from the next iteration on. From another thread go through {@link
   * EventLoop#callSoonThreadsafe}.
   *
   * @throws InvalidStateException if it is done
   * @throws IllegalStateException from a foreign thread
   * @throws UnsupportedOperationException if it is a task
   */
  public void setResult(T result) {
    finish(State.RESULT, result);
  }

  /**
   * Finishes it with an exception, checked or not. If nobody ever looks at it, it goes to the
   * loop's exception handler when this future is garbage, or when the loop closes. Otherwise as
   * {@link #setResult}.
   *
   * @throws InvalidStateException if it is done
   * @throws IllegalStateException from a foreign thread
   * @throws UnsupportedOperationException if it is a task
   */
  public void setException(Throwable exception) {
    finish(State.EXCEPTION, Objects.requireNonNull(exception, "exception"));
  }

  /**
   * Has a function called with this future when it is done, or soon if it is already: always
   * through the ready queue, in the order of registration, in a copy of the current context. What
   * it throws goes to the loop's exception handler. In the turn, or while the loop does not run.
   */
  public final void addDoneCallback(Consumer<? super Future<T>> function) {
    addDoneCallback(function, Context.copyContext());
  }

  /** As {@link #addDoneCallback(Consumer)}, in the given context. */
  public final void addDoneCallback(Consumer<? super Future<T>> function, Context context) {
    Objects.requireNonNull(function, "function");
    loop.checkTurn();
    DoneCallback callback = new DoneCallback(this, function, context);
    if (done()) {
      schedule(callback);
    } else {
      addCallback(callback);
    }
  }

  /** As {@link #addDoneCallback(Consumer)}, for functions that look at no context. */
  final void onDone(Consumer<? super Future<T>> function) {
    addDoneCallback(function, loop.callbacksContext());
  }

  /**
   * Takes a function off the list, wherever it is equal to one there. What has been scheduled
   * already still runs. Takes no longer if there are many.
   *
   * @return how many were taken off
   */
  public final int removeDoneCallback(Consumer<? super Future<T>> function) {
    loop.checkTurn();
    return removeCallbacks(function);
  }

  /** The function registered last; null if that was none, but a task that waits. */
  final @Nullable Object lastDoneCallback() {
    Object last = callbacks instanceof CallbackList list ? list.last() : callbacks;
    return last instanceof DoneCallback callback ? callback.function() : null;
  }

  /** Whether anything is to happen when this is done. In the turn. */
  final boolean isAwaited() {
    return callbacks != null;
  }

  /** The tasks that await this, in order, directly or through a combinator. In the turn. */
  final List<Future<?>> awaitedBy() {
    Collection<?> entries =
        callbacks instanceof CallbackList list
            ? list.toList()
            : callbacks == null ? List.of() : List.of(callbacks);
    List<Future<?>> awaiters = new ArrayList<>();
    for (Object entry : entries) {
      if (entry instanceof Task<?> task) {
        awaiters.add(task);
      } else if (entry instanceof DoneCallback callback
          && (Object) callback.function() instanceof AwaitEdge edge) {
        awaiters.addAll(edge.awaiters());
      }
    }
    return awaiters;
  }

  /** Makes this new future look like one that has failed and is garbage, for a report. */
  final void standFor(Throwable exception, @Nullable Throwable itsSource) {
    state = State.EXCEPTION;
    outcome = exception;
    source = itsSource;
  }

  /** Where it was made; known in debug mode only. */
  final @Nullable Throwable source() {
    return source;
  }

  /** Has a task go on when this is done, which it is not yet. */
  final void addWaiter(Task<?> task) {
    addCallback(task);
  }

  /** Undoes {@link #addWaiter}; false if the task has been put into the ready queue already. */
  final boolean removeWaiter(Task<?> task) {
    return removeCallbacks(task) > 0;
  }

  private int removeCallbacks(Object key) {
    Object present = callbacks;
    if (present instanceof CallbackList list) {
      return list.removeAll(key);
    }
    if (!CallbackList.isEntryOf(key, present)) {
      return 0;
    }
    if (callbacks instanceof CallbackList grown) { // equals() has added some
      return grown.removeAll(key);
    }
    int removed = callbacks == null ? 0 : 1; // or taken it off itself
    callbacks = null;
    return removed;
  }

  final void finishWithResult(T result) {
    finish(State.RESULT, result);
  }

  final void finishWithException(Throwable exception) {
    finish(State.EXCEPTION, exception);
  }

  /** Cancels it unless it is done; the error, if given, is what the first to ask is told. */
  final boolean finishCancelled(@Nullable String message, @Nullable CancelledError error) {
    if (done()) {
      return false;
    }
    cancelMessage = message;
    finish(State.CANCELLED, error);
    return true;
  }

  /**
   * The error for someone who asks for the outcome of a cancelled future. That of a task reaches
   * only the first who asks, as in asyncio; later ones get a new one.
   */
  final CancelledError makeCancelledError() {
    if (state == State.CANCELLED && outcome instanceof CancelledError error) {
      outcome = null;
      return error;
    }
    return new CancelledError(cancelMessage);
  }

  private void finish(State newState, @Nullable Object newOutcome) {
    loop.checkTurn();
    if (done()) {
      throw new InvalidStateException("expected a pending future, found " + this);
    }
    state = newState;
    outcome = newOutcome;
    if (newOutcome instanceof Throwable exception && newState == State.EXCEPTION) {
      unseen = loop.unseenFailures().add(this, exception, callbacks == null);
    }
    scheduleCallbacks();
  }

  private void scheduleCallbacks() {
    Object scheduled = callbacks;
    callbacks = null;
    if (scheduled instanceof CallbackList list) {
      for (Object callback : list.toList()) {
        schedule(callback);
      }
    } else if (scheduled != null) {
      schedule(scheduled);
    }
  }

  private void schedule(Object callback) {
    loop.ready((Ready) callback);
  }

  private void addCallback(Object callback) {
    Object present = callbacks;
    if (present == null) {
      callbacks = callback;
    } else if (present instanceof CallbackList list) {
      list.add(callback);
    } else {
      CallbackList list = new CallbackList();
      list.add(present);
      list.add(callback);
      callbacks = list;
    }
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // in this state it is what setResult was given: a T
  private T resultUnchecked() {
    return (T) outcome;
  }

  /** What is thrown for an exception: itself, or wrapped if it is a checked one. */
  static RuntimeException unchecked(Throwable exception) {
    if (exception instanceof RuntimeException e) {
      return e;
    }
    if (exception instanceof Error e) {
      throw e;
    }
    return new CompletionException(exception);
  }

  /** The state, for {@link #toString}: "pending", "result=5", "exception=...", "cancelled". */
  final String describeState() {
    return switch (state) {
      case PENDING -> "pending";
      case RESULT -> "result=" + Texts.of(outcome);
      case EXCEPTION -> "exception=" + Texts.of(outcome);
      case CANCELLED -> "cancelled";
    };
  }

  @Override
  public String toString() {
    return "Future[" + describeState() + "]";
  }
}
