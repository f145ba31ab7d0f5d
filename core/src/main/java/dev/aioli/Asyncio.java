package dev.aioli;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The front door: asyncio's module functions, meant for {@code import static}.
 *
 * <p>Except for {@link #run} and {@link #runCoroutineThreadsafe} they are for use inside a running
 * loop and throw an {@link IllegalStateException} outside.
 */
public final class Asyncio {
  private Asyncio() {}

  // ---- running

  /**
   * Runs a body as a task on a new loop and gives its result. At the end the tasks that are left are
   * cancelled and waited for, the default executor is shut down (for five minutes at most) and the
   * loop is closed. As {@code asyncio.run}.
   *
   * @throws CancelledError if the body was cancelled
   * @throws java.util.concurrent.CompletionException if the body threw a checked exception: it is the
   *     cause. An unchecked one is thrown as it is
   * @throws IllegalStateException inside a running loop
   */
  public static <T extends @Nullable Object> T run(Callable<? extends T> main) {
    try (Runner runner = new Runner()) {
      return runner.run(main);
    }
  }

  /** As {@link #run(Callable)}, without a result. */
  public static void run(ThrowingRunnable main) {
    run(callable(main));
  }

  /**
   * Runs a body as a task of a loop, from a thread outside of it. As {@code
   * asyncio.run_coroutine_threadsafe}.
   *
   * @throws IllegalStateException if the loop is closed
   */
  public static <T extends @Nullable Object> SubmittedTask<T> runCoroutineThreadsafe(
      Callable<? extends T> body, EventLoop loop) {
    SubmittedTask<T> submitted = new SubmittedTask<>(loop, Objects.requireNonNull(body, "body"));
    submitted.submit();
    return submitted;
  }

  /** As {@link #runCoroutineThreadsafe(Callable, EventLoop)}, without a result. */
  public static SubmittedTask<@Nullable Void> runCoroutineThreadsafe(
      ThrowingRunnable body, EventLoop loop) {
    return runCoroutineThreadsafe(Asyncio.<@Nullable Void>callable(body), loop);
  }

  /** The loop in whose turn the caller runs. */
  public static EventLoop getRunningLoop() {
    return EventLoop.getRunningLoop();
  }

  // ---- tasks

  /** Starts a task; see {@link EventLoop#createTask(Callable)}. As {@code asyncio.create_task}. */
  public static <T extends @Nullable Object> Task<T> createTask(Callable<? extends T> body) {
    return getRunningLoop().createTask(body);
  }

  /** As {@link #createTask(Callable)}, without a result. */
  public static Task<@Nullable Void> createTask(ThrowingRunnable body) {
    return createTask(Asyncio.<@Nullable Void>callable(body));
  }

  /** As {@link #createTask(Callable)}, with a name. */
  public static <T extends @Nullable Object> Task<T> createTask(
      Callable<? extends T> body, String name) {
    return getRunningLoop().createTask(body, name);
  }

  /** As {@link #createTask(ThrowingRunnable)}, with a name. */
  public static Task<@Nullable Void> createTask(ThrowingRunnable body, String name) {
    return createTask(Asyncio.<@Nullable Void>callable(body), name);
  }

  /** {@link #createTask(Callable)}, short for use inside expressions. */
  public static <T extends @Nullable Object> Task<T> task(Callable<? extends T> body) {
    return createTask(body);
  }

  /** {@link #createTask(ThrowingRunnable)}, short for use inside expressions. */
  public static Task<@Nullable Void> task(ThrowingRunnable body) {
    return createTask(body);
  }

  /** The task that has the turn; null in a callback. As {@code asyncio.current_task}. */
  public static @Nullable Task<?> currentTask() {
    return getRunningLoop().currentTask();
  }

  /** The tasks that are not done, in order of creation. As {@code asyncio.all_tasks}. */
  public static List<Task<?>> allTasks() {
    return getRunningLoop().allTasks();
  }

  // ---- waiting

  /**
   * Lets other tasks run for a time. Zero or less gives up the turn for one iteration. As {@code
   * asyncio.sleep}.
   *
   * <p>Cancellation: ends the sleep at once.
   */
  @Suspends
  public static void sleep(Duration delay) {
    EventLoop loop = getRunningLoop();
    if (delay.isZero() || delay.isNegative()) {
      requireTask(loop).yieldOnce();
      return;
    }
    Future<@Nullable Void> elapsed = loop.createFuture();
    TimerHandle timer =
        loop.callLater(
            delay,
            () -> {
              if (!elapsed.done()) {
                elapsed.setResult(null);
              }
            });
    try {
      elapsed.await();
    } finally {
      timer.cancel();
    }
  }

  /**
   * Waits for all and gives their results, in the order of the arguments. As {@code await
   * asyncio.gather(...)}.
   *
   * <p>The first failure, or cancellation of one of them, is thrown at once; the others keep running.
   *
   * <p>Cancellation: cancels all of them.
   */
  @Suspends
  public static <T extends @Nullable Object> List<T> gather(
      Collection<? extends Future<? extends T>> futures) {
    return Asyncio.<T>gatherFuture(futures).await();
  }

  /** As {@link #gather(Collection)}. */
  @SafeVarargs
  @SuppressWarnings("varargs") // only read
  @Suspends
  public static <T extends @Nullable Object> List<T> gather(Future<? extends T>... futures) {
    return gather(List.of(futures));
  }

  /**
   * As {@link #gather(Collection)} but, if asked to, exceptions and cancellations stand in the list in
   * place of results and are not thrown.
   */
  @Suspends
  public static List<Object> gather(
      Collection<? extends Future<?>> futures, boolean returnExceptions) {
    return gatherFuture(futures, returnExceptions).await();
  }

  /**
   * The future that {@link #gather(Collection)} awaits. Cancelling it cancels all the futures; it is
   * done when they are.
   */
  public static <T extends @Nullable Object> Future<List<T>> gatherFuture(
      Collection<? extends Future<? extends T>> futures) {
    return Gather.of(getRunningLoop(), futures, false);
  }

  /** The future that {@link #gather(Collection, boolean)} awaits. */
  public static Future<List<Object>> gatherFuture(
      Collection<? extends Future<?>> futures, boolean returnExceptions) {
    return Gather.<Object>of(getRunningLoop(), futures, returnExceptions);
  }

  // ---- threads

  /**
   * Runs blocking code in another thread; see {@link EventLoop#runInExecutor}. Without an executor, in
   * the loop's default one.
   */
  public static <T extends @Nullable Object> Future<T> runInExecutor(
      @Nullable Executor executor, Callable<? extends T> body) {
    return getRunningLoop().runInExecutor(executor, body);
  }

  /**
   * Runs blocking code in a thread of the default executor, in a copy of the current context, and
   * waits for its result. As {@code await asyncio.to_thread(...)}.
   *
   * <p>Cancellation: ends the wait; the code runs to its end and its outcome is dropped.
   */
  @Suspends
  public static <T extends @Nullable Object> T toThread(Callable<? extends T> body) {
    Context context = Context.copyContext();
    return Asyncio.<T>runInExecutor(null, () -> context.call(body)).await();
  }

  private static Task<?> requireTask(EventLoop loop) {
    Task<?> task = loop.currentTask();
    if (task == null) {
      throw new IllegalStateException(
          "a callback cannot wait; create a task, or use callLater");
    }
    return task;
  }

  static <T extends @Nullable Object> Callable<T> callable(ThrowingRunnable body) {
    Objects.requireNonNull(body, "body");
    return () -> {
      body.run();
      return null;
    };
  }
}
