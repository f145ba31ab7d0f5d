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

  /** {@link #cancel} was called: it explains why tasks have no result. */
  private boolean endedByCancel;

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
   * An empty list of tasks of this group whose results are wanted after its block. Ask for it
   * before you start them: a group keeps no outcomes by itself, since it may live as long as the
   * program.
   *
   * <pre>{@code
   * List<String> pages =
   *     taskGroup(group -> {
   *       TaskGroup.Results<String> results = group.results();
   *       urls.forEach(url -> results.createTask(() -> fetch(url)));
   *       return results;
   *     }).toList();
   * }</pre>
   *
   * <p>Several may be made, of different types; tasks that are started by the group itself are in
   * none.
   */
  public <T extends @Nullable Object> Results<T> results() {
    return new Results<>(this);
  }

  /**
   * Results of tasks of a group, in the order of creation. Made by {@link #results}. For use in the
   * turn, as the group.
   *
   * @param <T> the type of the results
   */
  public static final class Results<T extends @Nullable Object> {
    private final TaskGroup group;
    private final List<Task<T>> members = new ArrayList<>();

    private Results(TaskGroup group) {
      this.group = group;
    }

    /** As {@link TaskGroup#createTask(Callable)}; its result comes next in the list. */
    public Task<T> createTask(Callable<? extends T> body) {
      return createTask(body, TaskOptions.DEFAULT);
    }

    /** As {@link #createTask(Callable)}, with a name. */
    public Task<T> createTask(Callable<? extends T> body, String name) {
      return createTask(body, TaskOptions.DEFAULT.withName(name));
    }

    /** As {@link #createTask(Callable)}, with options. */
    public Task<T> createTask(Callable<? extends T> body, TaskOptions options) {
      Task<T> task = group.createTask(body, options);
      members.add(task);
      return task;
    }

    /**
     * The results, in the order in which the tasks were created. Does not suspend: for use after
     * the group's block, when all have ended. If that was ended by {@link TaskGroup#cancel}, the
     * results that there were by then, still in order.
     *
     * @return a list of its own, which may hold nulls if tasks returned them
     * @throws IllegalStateException if a task has not ended, or was cancelled on its own: the group
     *     takes no notice of that, but its result is missing
     * @throws java.util.concurrent.CompletionException if a task failed with a checked exception:
     *     it is the cause. An unchecked one is thrown as it is. The group's block has thrown all of
     *     them, so this is for who has caught that
     */
    public List<T> toList() {
      List<T> results = new ArrayList<>();
      for (Task<T> task : members) {
        if (!task.done()) {
          throw new IllegalStateException(
              "expected the end of " + task + "; ask for results after the block of its group");
        }
        if (!task.cancelled()) {
          results.add(task.result());
        } else if (!group.endedByCancel) {
          throw new IllegalStateException(
              "expected a result of "
                  + task
                  + ", which was cancelled on its own; look at the tasks");
        }
      }
      return results;
    }

    @Override
    public String toString() {
      return "Results[tasks=" + members.size() + ", of " + group + "]";
    }
  }

  /**
   * Ends the group early and without an error: cancels its tasks and the block, whose cancellation
   * then does not leave the group. Errors of tasks still do, and so does a cancellation from
   * outside. Does not suspend. Idempotent. As {@code asyncio.TaskGroup.cancel} of CPython 3.15.
   */
  public void cancel() {
    loop.checkTurn();
    cancelled = true;
    endedByCancel = true;
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
