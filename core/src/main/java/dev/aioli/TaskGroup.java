package dev.aioli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that end together: the block that made them does not end before they have, and when one
 * fails the others are cancelled. Made by {@link Asyncio#taskGroup}. As {@code asyncio.TaskGroup}.
 *
 * <p>A child that is cancelled on its own ends quietly. Errors come out as one {@link
 * ExceptionGroup}, in the order in which they happened.
 */
public final class TaskGroup {
  private final EventLoop loop;
  private final Task<?> parent;

  /** The children that are not done, in order of creation. */
  private final Set<Task<?>> tasks = new LinkedHashSet<>();

  private final List<Throwable> errors = new ArrayList<>();

  /** The first error that ends the loop: it goes out bare. */
  private @Nullable Throwable baseError;

  private @Nullable Future<@Nullable Void> allDone;
  private boolean exiting;
  private boolean aborting;
  private boolean cancelled;

  /** The parent was cancelled by this group, which takes that back at the end. */
  private boolean parentCancelRequested;

  TaskGroup(EventLoop loop) {
    this.loop = loop;
    Task<?> current = loop.currentTask();
    if (current == null) {
      throw new IllegalStateException("a task group is for use inside a task, not in a callback");
    }
    parent = current;
  }

  /** Runs a block with this group, to the end of all its tasks. */
  @Suspends
  <T extends @Nullable Object, X extends Exception> @Nullable T run(Block.In<TaskGroup, T, X> body)
      throws X {
    T result;
    try {
      result = body.run(this);
    } catch (Throwable e) {
      exit(e);
      if (cancelled && e instanceof CancelledError) {
        return null; // by cancel()
      }
      throw e;
    }
    exit(null);
    return result;
  }

  /**
   * Starts a task in this group, by {@link EventLoop#createTask(Callable)}. Does not suspend. In
   * the turn: in the block, in a task of the group, or elsewhere in the loop while the group is
   * open.
   *
   * <p>Cancelling the task alone does not disturb the group.
   *
   * @throws IllegalStateException when the group is shutting down, because of a failure or {@link
   *     #cancel}, or is finished; the body does not run then
   */
  public <T extends @Nullable Object> Task<T> createTask(Callable<? extends T> body) {
    return createTask(body, TaskOptions.DEFAULT);
  }

  /** As {@link #createTask(Callable)}, without a result. */
  public Task<@Nullable Void> createTask(ThrowingRunnable body) {
    return createTask(Asyncio.<@Nullable Void>callable(body));
  }

  /** As {@link #createTask(Callable)}, with a name. */
  public <T extends @Nullable Object> Task<T> createTask(Callable<? extends T> body, String name) {
    return createTask(body, TaskOptions.DEFAULT.withName(name));
  }

  /** As {@link #createTask(ThrowingRunnable)}, with a name. */
  public Task<@Nullable Void> createTask(ThrowingRunnable body, String name) {
    return createTask(Asyncio.<@Nullable Void>callable(body), name);
  }

  /** As {@link #createTask(Callable)}, with options. */
  public <T extends @Nullable Object> Task<T> createTask(
      Callable<? extends T> body, TaskOptions options) {
    if (exiting && tasks.isEmpty()) {
      throw new IllegalStateException("the task group is finished: " + this);
    }
    if (aborting) {
      throw new IllegalStateException("the task group is shutting down: " + this);
    }
    Task<T> task = loop.createTask(body, options);
    // Also if it started eagerly and is done: its failure cancels the parent when it waits, not as
    // long as it creates tasks. As CPython from 3.13.2 on (python/cpython#128588).
    tasks.add(task);
    task.onDone(new TaskDone());
    if (aborting) { // it ended the group before its first suspension
      task.cancel();
    }
    return task;
  }

  /**
   * Ends the group early and without an error: cancels its tasks and the block, whose cancellation
   * then does not leave the group. Errors of tasks still do, and so does a cancellation from
   * outside. Does not suspend. Idempotent. As {@code asyncio.TaskGroup.cancel} of CPython 3.15.
   */
  public void cancel() {
    loop.checkTurn();
    cancelled = true;
    if (exiting && tasks.isEmpty()) {
      return;
    }
    if (!aborting) {
      abort();
    }
    if (!exiting && !parentCancelRequested) {
      parentCancelRequested = true;
      parent.cancel();
    }
  }

  /**
   * As asyncio's {@code __aexit__}: returns if nothing but the block's own error is to be thrown.
   */
  private void exit(@Nullable Throwable thrown) {
    exiting = true;
    if (thrown != null && isBaseError(thrown) && baseError == null) {
      baseError = thrown;
    }
    CancelledError cancellation = thrown instanceof CancelledError e ? e : null;
    if (thrown != null && !aborting) {
      abort();
    }
    while (!tasks.isEmpty()) {
      Future<@Nullable Void> waiter = CombinedFuture.ofAll(loop, tasks);
      refuseCircle(waiter);
      allDone = waiter;
      try {
        waiter.await();
      } catch (CancelledError e) {
        if (loop.isClosed()) {
          throw e;
        }
        if (!aborting) {
          cancellation = e;
          abort();
        } else if (cancelled) {
          cancellation = e; // maybe from outside; the counter tells, below
        }
      }
      allDone = null;
    }
    if (baseError != null) {
      throw (Error) baseError;
    }
    boolean ownCancellation = parentCancelRequested && parent.uncancel() == 0;
    if (ownCancellation) {
      cancellation = null;
    } else {
      cancelled = false; // someone else wants the parent cancelled: let it through
    }
    if (cancellation != null && errors.isEmpty()) {
      throw cancellation;
    }
    if (thrown != null && !(thrown instanceof CancelledError)) {
      errors.add(thrown);
    }
    if (!errors.isEmpty()) {
      if (parent.cancelling() > 0) { // strike again at the next suspension: asyncio does so
        parent.uncancel();
        parent.cancel();
      }
      throw new ExceptionGroup("unhandled errors in a TaskGroup", errors);
    }
  }

  /**
   * If a task of the group waits for the parent, none of both would ever end, whatever is
   * cancelled: a cancellation would go round. So the parent fails, and then that task does.
   */
  private void refuseCircle(Future<?> waiter) {
    IllegalStateException circle = AwaitCycle.find(parent, waiter);
    if (circle == null) {
      return;
    }
    for (Task<?> task : List.copyOf(tasks)) {
      if (!task.done() && AwaitCycle.find(parent, task) == null) {
        task.cancel();
      }
    }
    throw circle;
  }

  private void abort() {
    aborting = true;
    for (Task<?> task : List.copyOf(tasks)) {
      if (!task.done()) {
        task.cancel();
      }
    }
  }

  /** Waits for a child on behalf of the parent. */
  private final class TaskDone implements Consumer<Future<?>>, AwaitEdge {
    @Override
    public void accept(Future<?> done) {
      taskDone(done);
    }

    @Override
    public Collection<Future<?>> awaiters() {
      return List.of(parent);
    }
  }

  private void taskDone(Future<?> done) {
    Task<?> task = (Task<?>) done;
    tasks.remove(task);
    if (allDone != null && tasks.isEmpty() && !allDone.done()) {
      allDone.setResult(null);
    }
    if (task.cancelled()) {
      return;
    }
    Throwable exception = task.exception();
    if (exception == null) {
      return;
    }
    errors.add(exception);
    if (isBaseError(exception) && baseError == null) {
      baseError = exception;
    }
    if (parent.done()) {
      loop.callExceptionHandler(
          ExceptionContext.of(task + " has failed but its parent " + parent + " is done", exception)
              .withFuture(task));
      return;
    }
    if (!aborting && !parentCancelRequested) {
      abort();
      parentCancelRequested = true;
      parent.cancel();
    }
  }

  private static boolean isBaseError(Throwable thrown) {
    return thrown instanceof KeyboardInterrupt || thrown instanceof SystemExit;
  }

  @Override
  public String toString() {
    return "TaskGroup[tasks="
        + tasks.size()
        + ", errors="
        + errors.size()
        + (aborting ? ", cancelling" : "")
        + "]";
  }
}
