package dev.aioli;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
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
   * Runs a body as a task on a new loop and gives its result; the calling thread is busy, or waits,
   * until then. At the end the tasks that are left are cancelled and waited for, the default
   * executor is shut down (for five minutes at most) and the loop is closed. As {@code
   * asyncio.run}.
   *
   * @throws CancelledError if the body was cancelled
   * @throws java.util.concurrent.CompletionException if the body threw a checked exception: it is
   *     the cause. An unchecked one is thrown as it is
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
   * As {@link #run(ThrowingRunnable)}, for programs that finish what is under way before they stop:
   * the first Ctrl-C or SIGTERM runs {@code drain} beside the main task, which has then {@code
   * grace} to come to its end. If it does, this returns as usual; else it is cancelled, and this
   * throws as after a signal. See {@link Runner#drain}.
   *
   * @throws IllegalArgumentException if the grace is negative
   */
  public static void runUntilStopped(
      ThrowingRunnable main, ThrowingRunnable drain, Duration grace) {
    try (Runner runner = new Runner().drain(drain, grace)) {
      runner.run(main);
    }
  }

  /**
   * Runs a body as a task of a loop, from a thread outside of it, in a copy of that thread's
   * context. Returns at once. Tasks of one thread start in the order in which it submitted them. A
   * stopped loop starts them when it runs again; closing it cancels those that it has not started.
   * As {@code asyncio.run_coroutine_threadsafe}.
   *
   * <p>What happened before this call is visible to the body, and what the body did to whoever gets
   * its result.
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

  /**
   * The loop in whose turn the caller runs. As {@code asyncio.get_running_loop}.
   *
   * @throws IllegalStateException outside a task or callback
   */
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
    return getRunningLoop().createTask(body, TaskOptions.DEFAULT.withName(name));
  }

  /** As {@link #createTask(ThrowingRunnable)}, with a name. */
  public static Task<@Nullable Void> createTask(ThrowingRunnable body, String name) {
    return createTask(Asyncio.<@Nullable Void>callable(body), name);
  }

  /** As {@link #createTask(Callable)}, with options. */
  public static <T extends @Nullable Object> Task<T> createTask(
      Callable<? extends T> body, TaskOptions options) {
    return getRunningLoop().createTask(body, options);
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
   * Lets other tasks run for a time. Always suspends; zero or less gives up the turn for one
   * iteration. Never returns early. Tasks whose sleep ends at the same time go on in the order in
   * which they went to sleep. As {@code asyncio.sleep}.
   *
   * <p>Cancellation: ends the sleep at once.
   *
   * @throws IllegalStateException outside a task
   */
  @Suspends
  public static void sleep(Duration delay) {
    EventLoop loop = getRunningLoop();
    Task<?> task = requireTask(loop, "sleep");
    if (delay.isZero() || delay.isNegative()) {
      task.yieldOnce();
      return;
    }
    Future<@Nullable Void> elapsed = loop.createFuture();
    TimerHandle timer =
        loop.timer(
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
   * <p>The first failure, or cancellation of one of them, is thrown at once; the others keep
   * running. One that is given twice stands in the list twice. None at all gives an empty list.
   * Does not suspend if the outcome is known already.
   *
   * <p>Cancellation: cancels all of them; it is thrown when the first has ended.
   *
   * @throws java.util.concurrent.CompletionException if one threw a checked exception: it is the
   *     cause. An unchecked one is thrown as it is
   * @throws IllegalArgumentException if one belongs to another loop
   * @throws IllegalStateException outside a task, if it has to wait
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

  /** As {@link #gather(Collection)}, of all futures of a stream. */
  @Suspends
  public static <T extends @Nullable Object> List<T> gather(
      Stream<? extends Future<? extends T>> futures) {
    return gather(futures.toList());
  }

  /**
   * As {@link #gather(Collection)} but, if asked to, exceptions and cancellations stand in the list
   * in place of results and are not thrown. Exceptions are not wrapped there. Cancelling the caller
   * is thrown all the same, when all have ended.
   */
  @Suspends
  public static List<Object> gather(
      Collection<? extends Future<?>> futures, boolean returnExceptions) {
    return gatherFuture(futures, returnExceptions).await();
  }

  /**
   * The future that {@link #gather(Collection)} awaits. Cancelling it cancels all the futures; it
   * is done when the first of them has ended by that. Does not suspend. As {@code asyncio.gather}
   * without {@code await}: a future of the loop to which those given belong.
   *
   * @throws IllegalArgumentException if they belong to several loops
   * @throws IllegalStateException if there are none, outside a running loop
   */
  public static <T extends @Nullable Object> Future<List<T>> gatherFuture(
      Collection<? extends Future<? extends T>> futures) {
    return Gather.of(Gather.loopOf(futures), futures, false);
  }

  /**
   * The future that {@link #gather(Collection, boolean)} awaits. Cancelling it cancels all the
   * futures; if exceptions stand in the list, it is done when all have ended.
   */
  public static Future<List<Object>> gatherFuture(
      Collection<? extends Future<?>> futures, boolean returnExceptions) {
    return Gather.<Object>of(Gather.loopOf(futures), futures, returnExceptions);
  }

  /**
   * Waits for a {@link CompletionStage}, such as a {@code CompletableFuture}, and gives its result.
   *
   * <p>Cancellation: cancels the stage, if it is a {@code CompletableFuture} or can be made one.
   *
   * @throws CancelledError if the stage, or the waiting task, was cancelled
   * @throws java.util.concurrent.CompletionException if the stage failed with a checked exception:
   *     it is the cause; {@code wrapFuture(stage).awaitChecked(...)} throws that as it is. An
   *     unchecked one is thrown as it is
   */
  @Suspends
  public static <T extends @Nullable Object> T await(CompletionStage<? extends T> stage) {
    return Asyncio.<T>wrapFuture(stage).await();
  }

  /**
   * A future of the running loop with the outcome of a stage; cancelling either cancels the other.
   * As {@code asyncio.wrap_future}.
   */
  public static <T extends @Nullable Object> Future<T> wrapFuture(
      CompletionStage<? extends T> stage) {
    return Interop.wrap(getRunningLoop(), stage);
  }

  /**
   * A future with the outcome of another. Cancelling it, or a task that awaits it, leaves the other
   * one alone; cancelling the other one cancels it. A future that is done is returned as it is.
   * Does not suspend. As {@code asyncio.shield}.
   *
   * <p>Keep a reference to what is shielded, to see its outcome after such a cancellation; the end
   * of {@link #run} cancels it with all other tasks.
   */
  public static <T extends @Nullable Object> Future<T> shield(Future<T> future) {
    return Shield.of(future);
  }

  /** Waits until all are done. As {@link #await(Collection, Duration, ReturnWhen)}. */
  @Suspends
  public static <F extends Future<?>> Waiting<F> await(Collection<? extends F> futures) {
    return await(futures, null, ReturnWhen.ALL_COMPLETED);
  }

  /**
   * Waits until some are done, or for a time. Does not throw when the time is up, and cancels
   * nothing. Always suspends, for an iteration at least. As {@code asyncio.wait}.
   *
   * <p>Cancellation: ends the wait and leaves the futures alone.
   *
   * @param timeout how long at most; null for no limit; zero or less just looks what is done
   * @throws IllegalArgumentException if there are no futures
   * @throws IllegalStateException outside a task
   */
  @Suspends
  public static <F extends Future<?>> Waiting<F> await(
      Collection<? extends F> futures, @Nullable Duration timeout, ReturnWhen returnWhen) {
    return Waiting.until(getRunningLoop(), futures, timeout, returnWhen);
  }

  /**
   * The futures, one after the other as they get done. Does not suspend; iterating does. Cancels
   * nothing, also if nobody goes through them to the end. As {@code asyncio.as_completed}.
   *
   * @param timeout how long to wait for all of them together, from now; null for no limit. When the
   *     time is up, iterating throws a {@link TimeoutException}
   */
  public static <T extends @Nullable Object> AsCompleted<T> asCompleted(
      Collection<? extends Future<T>> futures, @Nullable Duration timeout) {
    return new AsCompleted<>(getRunningLoop(), futures, timeout);
  }

  /** As {@link #asCompleted(Collection, Duration)}, without a limit. */
  public static <T extends @Nullable Object> AsCompleted<T> asCompleted(
      Collection<? extends Future<T>> futures) {
    return asCompleted(futures, null);
  }

  /**
   * Starts candidates one after the other, the next when the one before has failed or a time has
   * passed, until one succeeds; the others are cancelled and waited for. If all fail, nothing is
   * thrown: the result says so. For sockets this is "happy eyeballs". As {@code
   * asyncio.staggered.staggered_race}.
   *
   * <p>Cancellation: cancels all candidates and waits for them, as from CPython 3.13.2 on.
   *
   * @param delay how long to wait for one before the next is started; null for as long as it takes
   * @throws IllegalStateException outside a task
   */
  @Suspends
  public static <T extends @Nullable Object> RaceResult<T> staggeredRace(
      List<? extends Callable<? extends T>> candidates, @Nullable Duration delay) {
    return StaggeredRace.run(getRunningLoop(), candidates, delay);
  }

  // ---- limits in time

  /**
   * Runs a block in the calling task and cancels it when a time has passed. As {@code async with
   * asyncio.timeout(...)}.
   *
   * <p>A block that never suspends is not interrupted, and a zero limit strikes at its first
   * suspension. The block may clean up, and what it waits for in {@code finally} takes the time
   * that it takes. Limits may be nested; each turns only its own cancellation into an exception.
   *
   * <p>Cancellation from elsewhere stays a {@link CancelledError}, also if the time has passed,
   * too.
   *
   * @param delay the limit, from now; null for none
   * @throws TimeoutException if the time has passed: it says how long the limit was, and where the
   *     task was suspended when it struck
   * @throws X what the block throws, as it is
   * @throws IllegalStateException outside a task
   */
  @Suspends
  public static <T extends @Nullable Object, X extends Exception> T timeout(
      @Nullable Duration delay, Block<T, X> block) throws X {
    return timeout(delay, (Timeout timeout) -> block.run());
  }

  /** As {@link #timeout(Duration, Block)}, without a result. */
  @Suspends
  public static <X extends Exception> void timeout(@Nullable Duration delay, Block.Action<X> block)
      throws X {
    Asyncio.<@Nullable Void, X>timeout(
        delay,
        (Timeout timeout) -> {
          block.run();
          return null;
        });
  }

  /** As {@link #timeout(Duration, Block)}; the block can move the deadline. */
  @Suspends
  public static <T extends @Nullable Object, X extends Exception> T timeout(
      @Nullable Duration delay, Block.In<Timeout, T, X> block) throws X {
    return Timeout.after(getRunningLoop(), delay, null).run(block);
  }

  /**
   * As {@link #timeout(Duration, Block)}, with a name for the exception: "the time limit of 3 s on
   * all URLs has passed".
   *
   * @param what what the limit is on
   */
  @Suspends
  public static <T extends @Nullable Object, X extends Exception> T timeout(
      @Nullable Duration delay, String what, Block<T, X> block) throws X {
    return timeout(delay, what, (Timeout timeout) -> block.run());
  }

  /** As {@link #timeout(Duration, String, Block)}, without a result. */
  @Suspends
  public static <X extends Exception> void timeout(
      @Nullable Duration delay, String what, Block.Action<X> block) throws X {
    Asyncio.<@Nullable Void, X>timeout(
        delay,
        what,
        (Timeout timeout) -> {
          block.run();
          return null;
        });
  }

  /** As {@link #timeout(Duration, String, Block)}; the block can move the deadline. */
  @Suspends
  public static <T extends @Nullable Object, X extends Exception> T timeout(
      @Nullable Duration delay, String what, Block.In<Timeout, T, X> block) throws X {
    Objects.requireNonNull(what, "what");
    return Timeout.after(getRunningLoop(), delay, what).run(block);
  }

  /**
   * As {@link #timeout(Duration, Block.In)}, with a deadline in the time of {@link EventLoop#time}.
   * As {@code asyncio.timeout_at}.
   */
  @Suspends
  public static <T extends @Nullable Object, X extends Exception> T timeoutAt(
      @Nullable Duration when, Block.In<Timeout, T, X> block) throws X {
    return Timeout.at(getRunningLoop(), when).run(block);
  }

  /**
   * Waits for a future and cancels it when a time has passed, then waits for it to clean up, which
   * may take longer than the limit. Does not suspend if it is done already. As {@code
   * asyncio.wait_for}.
   *
   * <p>Cancellation: cancels the future.
   *
   * @param timeout the limit; null for none. With zero or less the future must be done already
   * @return the future's result, also if it refused to be cancelled
   * @throws TimeoutException if the time has passed
   * @throws java.util.concurrent.CompletionException if the future has a checked exception: it is
   *     the cause. An unchecked one is thrown as it is
   * @throws IllegalStateException outside a task, if it has to wait
   */
  @Suspends
  public static <T extends @Nullable Object> T waitFor(
      Future<T> future, @Nullable Duration timeout) {
    if (timeout == null || timeout.isPositive()) {
      return timeout(timeout, () -> future.await());
    }
    if (!future.done()) {
      String state = Place.ofPending(future);
      Waiting.cancelAndWait(getRunningLoop(), future);
      try {
        return future.result();
      } catch (CancelledError e) {
        throw TimeoutException.of(timeout, state, e);
      }
    }
    return future.result();
  }

  /**
   * As {@link #waitFor(Future, Duration)}, for a body that runs in the calling task. With zero or
   * less it does not start.
   */
  @Suspends
  public static <T extends @Nullable Object> T waitFor(
      Callable<? extends T> body, @Nullable Duration timeout) throws Exception {
    if (timeout == null || timeout.isPositive()) {
      return Asyncio.<T, Exception>timeout(timeout, () -> body.call());
    }
    return waitFor(Asyncio.<T>createTask(body), timeout);
  }

  /**
   * Runs a block that starts tasks and waits for them all; if one fails, or the block does, the
   * others are cancelled. Suspends only if a task is left to wait for. As {@code async with
   * asyncio.TaskGroup()}.
   *
   * <p>Cancellation: cancels the tasks and waits for them. If one fails meanwhile, its error is
   * thrown, and the cancellation comes at the next suspension.
   *
   * @return the block's result; null if {@link TaskGroup#cancel} cut the block short
   * @throws ExceptionGroup with the errors of the tasks and of the block, in the order in which
   *     they happened; the block's own comes last, also if it is a checked one
   * @throws IllegalStateException outside a task
   */
  @Suspends
  public static <T extends @Nullable Object, X extends Exception> @Nullable T taskGroup(
      Block.In<TaskGroup, T, X> block) throws X {
    return new TaskGroup(getRunningLoop()).run(block);
  }

  /**
   * As {@link #taskGroup(Block.In)}, without a result: for a lambda in braces that returns nothing.
   */
  @SuppressWarnings("overloads") // where both would do, the other one is more specific
  @Suspends
  public static <X extends Exception> void taskGroup(Block.ActionIn<TaskGroup, X> block) throws X {
    Asyncio.<@Nullable Void, X>taskGroup((TaskGroup group) -> {
      block.accept(group);
      return null;
    });
  }

  // ---- threads

  /**
   * Runs blocking code in another thread; see {@link EventLoop#runInExecutor(Executor, Callable)}.
   * Without an executor, in the loop's default one. Does not suspend. As {@code
   * loop.run_in_executor}.
   */
  public static <T extends @Nullable Object> Future<T> runInExecutor(
      @Nullable Executor executor, Callable<? extends T> body) {
    return getRunningLoop().runInExecutor(executor, body);
  }

  /** As {@link #runInExecutor(Executor, Callable)}, without a result. */
  public static Future<@Nullable Void> runInExecutor(
      @Nullable Executor executor, ThrowingRunnable body) {
    return runInExecutor(executor, Asyncio.<@Nullable Void>callable(body));
  }

  /**
   * As {@link #runInExecutor(Executor, Callable)}, with a choice of what a cancellation of the
   * future does to the code; see {@link EventLoop#runInExecutor(Executor, Callable,
   * WhenCancelled)}.
   */
  public static <T extends @Nullable Object> Future<T> runInExecutor(
      @Nullable Executor executor, Callable<? extends T> body, WhenCancelled whenCancelled) {
    return getRunningLoop().runInExecutor(executor, body, whenCancelled);
  }

  /** As {@link #runInExecutor(Executor, Callable, WhenCancelled)}, without a result. */
  public static Future<@Nullable Void> runInExecutor(
      @Nullable Executor executor, ThrowingRunnable body, WhenCancelled whenCancelled) {
    return runInExecutor(executor, Asyncio.<@Nullable Void>callable(body), whenCancelled);
  }

  /** As {@link #runInExecutor(Executor, Callable)}, in the loop's default executor. */
  public static <T extends @Nullable Object> Future<T> runInExecutor(Callable<? extends T> body) {
    return runInExecutor(null, body);
  }

  /** As {@link #runInExecutor(Callable)}, without a result. */
  public static Future<@Nullable Void> runInExecutor(ThrowingRunnable body) {
    return runInExecutor(null, body);
  }

  /**
   * Runs blocking code in a thread of the default executor, in a copy of the current context, and
   * waits for its result. As {@code await asyncio.to_thread(...)}.
   *
   * <p>The default executor has at most {@code min(32, processors + 4)} threads. What waits in them
   * keeps others from running: for many calls that wait take {@link #blocking(Block)}.
   *
   * <p>Cancellation: ends the wait; the code runs to its end and its outcome is dropped. Code that
   * has not begun yet never does. {@link #toThread(Callable, WhenCancelled)} can interrupt it.
   *
   * @throws java.util.concurrent.CompletionException if the code threw a checked exception: it is
   *     the cause. An unchecked one is thrown as it is
   * @throws IllegalStateException outside a task, or if the default executor has been shut down
   */
  @Suspends
  public static <T extends @Nullable Object> T toThread(Callable<? extends T> body) {
    return Asyncio.<T>toThread(body, WhenCancelled.DETACH);
  }

  /** As {@link #toThread(Callable)}, without a result. */
  @Suspends
  public static void toThread(ThrowingRunnable body) {
    toThread(callable(body));
  }

  /**
   * As {@link #toThread(Callable)}, with a choice of what a cancellation does to the code. The wait
   * ends at once in any case: interrupted code may still run for a moment.
   */
  @Suspends
  public static <T extends @Nullable Object> T toThread(
      Callable<? extends T> body, WhenCancelled whenCancelled) {
    Objects.requireNonNull(body, "body");
    Context context = Context.copyContext();
    return Asyncio.<T>runInExecutor(null, () -> context.call(body), whenCancelled).await();
  }

  /** As {@link #toThread(Callable, WhenCancelled)}, without a result. */
  @Suspends
  public static void toThread(ThrowingRunnable body, WhenCancelled whenCancelled) {
    toThread(callable(body), whenCancelled);
  }

  /**
   * Calls blocking code on the task's own thread and lets other tasks run while it waits: JDBC,
   * sockets, {@link Thread#sleep}, locks of {@code java.util.concurrent}, {@code HttpClient.send}.
   * There is no hop to another thread.
   *
   * <p>For code that waits. Code that computes, or blocks in a way that a virtual thread cannot
   * give way to (native code, files), belongs into {@link #runInExecutor(Callable) runInExecutor}:
   * with the engine {@code loop-scheduled} it would hold up the loop. What belongs to the loop must
   * not be touched in it; context variables are the task's own, and what is set there stays.
   *
   * <p>Cancellation: interrupts the code; when it has ended, however it did, a {@link
   * CancelledError} is thrown with what it threw as a suppressed exception.
   */
  @Suspends
  public static <T extends @Nullable Object, X extends Exception> T blocking(Block<T, X> block)
      throws X {
    return Blocking.call(requireTask(getRunningLoop(), "call blocking code"), block);
  }

  /** As {@link #blocking(Block)}, without a result. */
  @Suspends
  public static <X extends Exception> void blocking(Block.Action<X> block) throws X {
    Asyncio.<@Nullable Void, X>blocking(() -> {
      block.run();
      return null;
    });
  }

  private static Task<?> requireTask(EventLoop loop, String what) {
    Task<?> task = loop.currentTask();
    if (task == null) {
      throw new IllegalStateException("a callback cannot " + what + "; create a task");
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
