package dev.aioli;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A task seen from another thread: what {@link Asyncio#runCoroutineThreadsafe} returns. May be used
 * from any thread but the loop's own, which must not block.
 *
 * <p>{@code get} with a timeout leaves the task running when it times out. {@link #cancel} cancels
 * the task and returns at once, before the task has cleaned up; {@link #awaitTermination} waits for
 * that. Completing it by hand does nothing to the task.
 *
 * @param <T> the type of the result
 */
public final class SubmittedTask<T extends @Nullable Object> extends CompletableFuture<T> {
  private final EventLoop loop;
  private final Callable<? extends T> body;
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Written in the loop's turn only. */
  private volatile @Nullable Task<T> task;

  SubmittedTask(EventLoop loop, Callable<? extends T> body) {
    this.loop = loop;
    this.body = body;
  }

  void submit() {
    loop.callSoonThreadsafe(new Handle.Droppable(this::start, this::dropped));
  }

  /**
   * Blocks the calling thread until the task is done and gives its result.
   *
   * @param timeout how long at most; the task goes on when the time is up
   * @throws TimeoutException if the time is up
   * @throws CancelledError if the task, or this future, was cancelled
   * @throws CompletionException if the task threw a checked exception: it is the cause. An
   *     unchecked one is thrown as it is
   * @throws IllegalStateException in the loop's own turn, which it would block
   */
  public T result(Duration timeout) throws InterruptedException {
    try {
      return get(Nanos.of(timeout), TimeUnit.NANOSECONDS);
    } catch (java.util.concurrent.TimeoutException e) {
      throw TimeoutException.of(timeout, whereItIs(), e);
    } catch (CancellationException e) {
      throw new CancelledError(e.getMessage());
    } catch (ExecutionException e) {
      throw Future.unchecked(Objects.requireNonNull(e.getCause()));
    }
  }

  /** Why there is no result yet. */
  private String whereItIs() {
    Task<T> present = task;
    String state = present == null ? "the task has not started" : Place.ofPending(present);
    return state + (loop.isRunning() ? "" : "; the loop does not run");
  }

  /**
   * As in {@link CompletableFuture}; fails at once in the loop's own turn, which it would block.
   */
  @Override
  public T get() throws InterruptedException, ExecutionException {
    checkMayBlock(isDone());
    long before = beforeSleep(Long.MAX_VALUE);
    try {
      return super.get();
    } finally {
      woken(before);
    }
  }

  /**
   * As in {@link CompletableFuture}; fails at once in the loop's own turn, which it would block.
   */
  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, java.util.concurrent.TimeoutException {
    checkMayBlock(isDone());
    long before = beforeSleep(unit.toNanos(timeout));
    try {
      return super.get(timeout, unit);
    } finally {
      woken(before);
    }
  }

  /**
   * As in {@link CompletableFuture}; fails at once in the loop's own turn, which it would block.
   */
  @Override
  public T join() {
    checkMayBlock(isDone());
    long before = beforeSleep(Long.MAX_VALUE);
    try {
      return super.join();
    } finally {
      woken(before);
    }
  }

  /** As in {@link LookOut}: for a short task it is not worth it to sleep. */
  private long beforeSleep(long timeoutNanos) {
    Thread thread = Thread.currentThread();
    if (isDone() || timeoutNanos <= 0 || thread.isInterrupted() || thread.isVirtual()) {
      return LookOut.NO_SIGN; // the carrier of a virtual thread has better things to do
    }
    return loop.lookOutForTasks()
        .beforeSleep(() -> isDone() || thread.isInterrupted(), timeoutNanos);
  }

  private void woken(long before) {
    if (isDone()) { // else the time ran out
      loop.lookOutForTasks().woken(before);
    }
  }

  private void checkMayBlock(boolean over) {
    if (!over && EventLoop.currentOrNull() == loop) {
      throw new IllegalStateException(
          "waiting here would block "
              + loop
              + ", on which the task runs: it would wait for itself;"
              + " create a task and await it instead");
    }
  }

  /**
   * Cancels the task: in the loop's own turn at once, from other threads through the loop. In any
   * case the task needs a further iteration or two to end: wait with {@link #awaitTermination}
   * before you stop the loop. As {@code asyncio.run_coroutine_threadsafe} of CPython 3.14.
   *
   * @param mayInterruptIfRunning has no effect: a task is never interrupted, it is cancelled
   */
  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean changed = super.cancel(mayInterruptIfRunning);
    if (changed && EventLoop.currentOrNull() == loop) {
      cancelTask();
    } else if (changed) {
      try {
        loop.callSoonThreadsafe(this::cancelTask);
      } catch (IllegalStateException e) {
        if (!loop.isClosed()) {
          throw e;
        } // else the task has ended with its loop
      }
    }
    return changed;
  }

  /**
   * Blocks the calling thread until the task has ended, clean-up included, whatever this future
   * says. Fails at once in the loop's own turn, which it would block.
   *
   * @return whether it has; false if the time ran out
   */
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    checkMayBlock(ended.getCount() == 0);
    return ended.await(timeout, unit);
  }

  private void cancelTask() {
    Task<T> present = task;
    if (present != null) {
      present.cancel();
    }
  }

  private void start() {
    if (isCancelled()) { // before it began
      ended.countDown();
      return;
    }
    Task<T> started;
    try {
      started = loop.createTask(body);
    } catch (Throwable e) { // a task factory of the user's
      completeExceptionally(e);
      ended.countDown();
      throw e;
    }
    task = started;
    started.addDoneCallback(new Finish());
  }

  private void dropped() {
    completeExceptionally(new CancellationException("event loop is closed"));
    ended.countDown();
  }

  private final class Finish implements Consumer<Future<T>>, Future.EvenWhenClosed {
    @Override
    public void accept(Future<T> done) {
      finish(done);
    }
  }

  private void finish(Future<T> done) {
    if (done.cancelled()) {
      super.cancel(false);
    } else {
      Throwable exception = done.exception();
      if (exception == null) {
        complete(done.result());
      } else {
        completeExceptionally(exception);
      }
    }
    ended.countDown();
  }
}
