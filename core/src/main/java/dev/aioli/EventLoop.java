package dev.aioli;

import dev.aioli.lowlevel.Clock;
import dev.aioli.lowlevel.Outside;
import dev.aioli.lowlevel.Poller;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * One thread that runs callbacks and tasks, one at a time, in asyncio's order. As {@code
 * asyncio.EventLoop}.
 *
 * <p>Most programs need only {@link Asyncio#run}. A loop of your own: {@link #newEventLoop} or
 * {@link #builder}, then {@link #runUntilComplete} or {@link #runForever}, and {@link #close} at
 * the end.
 *
 * <p>The loop runs on the thread that calls {@code run...}. An engine that cannot use that kind of
 * thread has it run on one of the other kind, platform or virtual, while the caller waits.
 */
public final class EventLoop implements AutoCloseable {
  /** Whether loops start in debug mode: {@code -Ddev.aioli.debug=true}. */
  static final boolean DEBUG_BY_DEFAULT = Boolean.getBoolean("dev.aioli.debug");

  /** What {@link #setCloseTimeout} says of it. */
  private static final long CLOSE_TIMEOUT_NANOS =
      MillisProperty.nanos(
          "dev.aioli.closeTimeoutMillis", Duration.ofSeconds(10).toNanos(), 0, "no time");

  // Fixed.
  private final Engine engine;
  private final Clock clock;
  private final Turn turn = new Turn(this);
  private final Inbox inbox = new Inbox();
  private final LookOut lookOutForTasks = new LookOut();
  private final Iterations iterations;
  private final LoopEnd end;
  private final ReadyQueue ready;
  private final TimerQueue timers;
  private final DefaultExecutor defaultExecutor = new DefaultExecutor(this);
  private final ErrorReports errorReports = new ErrorReports(this);
  private final UnseenFailures unseenFailures = new UnseenFailures(this);
  private final LoopSignals signals = new LoopSignals(this);
  private final Context callbacksContext = new Context();
  private final Outside outside = new Outside();

  // Touched in the turn only, or by anyone while the loop does not run.
  private final TaskList tasks = new TaskList();
  private final WaitingOutside waitingOutside = new WaitingOutside();
  private final IdentityHashMap<Task<?>, Future<?>> awaitedThroughQueues = new IdentityHashMap<>();
  private long timersCreated;
  private @Nullable TaskFactory taskFactory;

  // Read by any thread.
  private volatile Poller poller;
  private volatile boolean debug;
  private volatile boolean closed;

  /** {@link Watchdog#DEFAULT}, {@link Watchdog#NEVER}, or how long a step may take. */
  private volatile long blockedLoopNanos;

  private volatile long closeTimeoutNanos = CLOSE_TIMEOUT_NANOS;

  EventLoop(Engine engine, Clock clock, Poller poller, boolean debug, long blockedLoopNanos) {
    this.engine = engine;
    this.clock = clock;
    this.poller = poller;
    this.debug = debug;
    this.blockedLoopNanos = blockedLoopNanos;
    iterations = new Iterations(this, clock, turn, inbox);
    end = new LoopEnd(this, iterations, turn);
    ready = iterations.ready();
    timers = iterations.timers();
  }

  /** A new loop with the default settings. Close it after use. */
  public static EventLoop newEventLoop() {
    return builder().build();
  }

  /** A new loop with settings of your own. */
  public static EventLoopBuilder builder() {
    return new EventLoopBuilder();
  }

  // ---- the running loop

  /**
   * The loop in whose turn the caller runs. From any thread.
   *
   * @throws IllegalStateException outside a task or callback
   */
  public static EventLoop getRunningLoop() {
    EventLoop loop = currentOrNull();
    if (loop == null) {
      throw LoopErrors.noRunningLoop();
    }
    return loop;
  }

  /** As {@link #getRunningLoop}, but null outside a task or callback. From any thread. */
  public static @Nullable EventLoop currentOrNull() {
    Thread current = CurrentThread.get();
    for (EventLoop loop : RunningLoops.all()) {
      if (loop.turn.isWith(current)) {
        return loop;
      }
    }
    return null;
  }

  /** The engine on which this loop's tasks run. From any thread. */
  public Engine engine() {
    return engine;
  }

  /**
   * The time of this loop's clock, since an arbitrary start; the time that {@link #callAt} takes.
   * From any thread.
   */
  public Duration time() {
    return Duration.ofNanos(clock.nanoTime());
  }

  /** As {@link #time}, in nanoseconds. From any thread. */
  public long timeNanos() {
    return clock.nanoTime();
  }

  // ---- scheduling

  /**
   * Runs a callback in the next iteration, after those scheduled before it, in a copy of the
   * current context. In the turn, or while the loop does not run.
   *
   * @throws IllegalStateException if the loop is closed, or from a foreign thread
   */
  public Handle callSoon(Runnable callback) {
    return callSoon(callback, Context.copyContext());
  }

  /** As {@link #callSoon(Runnable)}, in the given context. */
  public Handle callSoon(Runnable callback, Context context) {
    Objects.requireNonNull(callback, "callback");
    checkClosed();
    checkTurn();
    Handle handle = new Handle(this, callback, context);
    append(handle);
    return handle;
  }

  /**
   * As {@link #callSoon}, from any thread, in a copy of that thread's context: the door through
   * which other threads reach the loop. A stopped loop keeps the callback until it runs again, or
   * closes: {@link #close} runs what was accepted before it.
   *
   * <p>The handle may be cancelled from any thread. A callback that has begun runs to its end.
   *
   * <p>There is one order for all that is scheduled: a callback that was posted before something
   * else was scheduled or posted runs before it. That is so within a thread, the loop's own or
   * another, and between threads of which one waits for the other.
   *
   * @throws IllegalStateException if the loop is closed: the callback will not run
   */
  public Handle callSoonThreadsafe(Runnable callback) {
    Objects.requireNonNull(callback, "callback");
    Handle handle = new ThreadsafeHandle(this, callback, Context.copyContext());
    if (!post(handle)) {
      throw LoopErrors.closed(this);
    }
    iterations.hangWatch().posted();
    return handle;
  }

  /** As {@link #callSoonThreadsafe}, for what the loop expects; a closed one has nobody to tell. */
  void postOutcome(Runnable callback) {
    post(new ThreadsafeHandle(this, callback, Context.copyContext()));
  }

  /**
   * The loop as an executor: runs commands in its turn, as {@link #callSoonThreadsafe} does. From
   * any thread; a closed loop refuses with a {@link
   * java.util.concurrent.RejectedExecutionException}.
   */
  public Executor asExecutor() {
    return Interop.executor(this);
  }

  /**
   * Runs a callback when a time has passed, never early; zero or less is due in the next iteration.
   * Otherwise as {@link #callAt}. As {@code loop.call_later}.
   */
  public TimerHandle callLater(Duration delay, Runnable callback) {
    return callAtNanos(Nanos.plus(clock.nanoTime(), Nanos.of(delay)), callback);
  }

  /**
   * Runs a callback at a time of {@link #time}, never early, in a copy of the current context.
   * Callbacks with equal times run in the order in which they were set, unlike in asyncio, which
   * leaves that open. In the turn, or while the loop does not run.
   *
   * @param when nanoseconds are kept; further than 292 years away counts as never
   * @throws IllegalStateException if the loop is closed, or from a foreign thread
   */
  public TimerHandle callAt(Duration when, Runnable callback) {
    return callAtNanos(Nanos.of(when), callback);
  }

  /** The time that it is when the delay has passed. */
  Duration after(Duration delay) {
    return Duration.ofNanos(Nanos.plus(clock.nanoTime(), Nanos.of(delay)));
  }

  private TimerHandle callAtNanos(long deadlineNanos, Runnable callback) {
    return callAtNanos(
        deadlineNanos, Objects.requireNonNull(callback, "callback"), Context.copyContext());
  }

  /** As {@link #callLater}, for callbacks of ours that look at no context. */
  TimerHandle timer(Duration delay, Runnable callback) {
    return callAtNanos(Nanos.plus(clock.nanoTime(), Nanos.of(delay)), callback, callbacksContext);
  }

  private TimerHandle callAtNanos(long deadlineNanos, Runnable callback, Context context) {
    checkClosed();
    checkTurn();
    TimerHandle timer = new TimerHandle(this, callback, context, deadlineNanos, timersCreated++);
    timers.add(timer);
    return timer;
  }

  /** A pending future of this loop. In the turn, or while the loop does not run. */
  public <T extends @Nullable Object> Future<T> createFuture() {
    return new Future<>(this);
  }

  /**
   * Starts a task: its first step runs in the next iteration, in a copy of the current context. In
   * the turn, or while the loop does not run.
   *
   * @throws IllegalStateException if the loop is closed, or from a foreign thread
   */
  public <T extends @Nullable Object> Task<T> createTask(Callable<? extends T> body) {
    return createTask(body, TaskOptions.DEFAULT);
  }

  /**
   * As {@link #createTask(Callable)}, with options; through the {@linkplain #setTaskFactory
   * factory}.
   */
  public <T extends @Nullable Object> Task<T> createTask(
      Callable<? extends T> body, TaskOptions options) {
    TaskFactory factory = taskFactory;
    return factory == null ? newTask(body, options) : factory.create(this, body, options);
  }

  /** As {@link #createTask(Callable)}, without a result. */
  public Task<@Nullable Void> createTask(ThrowingRunnable body) {
    return createTask(Asyncio.<@Nullable Void>callable(body));
  }

  /**
   * Starts a task without asking the factory: for use by factories. Otherwise as {@link
   * #createTask(Callable)}.
   */
  public <T extends @Nullable Object> Task<T> newTask(
      Callable<? extends T> body, TaskOptions options) {
    checkClosed();
    checkTurn();
    Task<T> task = new Task<>(this, body, options);
    tasks.add(task);
    if (Boolean.TRUE.equals(options.eagerStart()) && isRunning()) {
      task.startEagerly(turn.currentTask());
    } else {
      append(task);
    }
    return task;
  }

  /** The factory set last; null for the default. */
  public @Nullable TaskFactory getTaskFactory() {
    return taskFactory;
  }

  /** Sets who makes the tasks of this loop; null for the default. In the turn. */
  public void setTaskFactory(@Nullable TaskFactory factory) {
    checkTurn();
    taskFactory = factory;
  }

  /**
   * The task that has the turn; null in a callback or while the loop does not run. In the turn, or
   * while the loop does not run.
   */
  public @Nullable Task<?> currentTask() {
    return turn.currentTask();
  }

  /**
   * The tasks that are not done, in order of creation. In the turn, or while the loop does not run.
   */
  public List<Task<?>> allTasks() {
    checkTurn();
    return tasks.toList();
  }

  /**
   * Has a callback run when the process receives a signal: as by {@link #callSoonThreadsafe}, in a
   * copy of the current context. It replaces the one set before, and a cancellation by {@link
   * Runner#handleSignals}, until it is removed or the loop closes. In the turn, or while the loop
   * does not run. As {@code loop.add_signal_handler}, but on any thread.
   *
   * @param signal its name on this system, as "HUP" or "SIGHUP"
   * @throws IllegalArgumentException if there is no such signal
   * @throws IllegalStateException if system or JVM keep it, as KILL and QUIT; on a closed loop
   */
  public void addSignalHandler(String signal, Runnable callback) {
    signals.add(signal, callback);
  }

  /** Gives a signal back to who handled it before; whether there was a callback for it. */
  public boolean removeSignalHandler(String signal) {
    return signals.remove(signal);
  }

  // ---- executors

  /**
   * Runs blocking code in another thread; the future gets its outcome. In the turn.
   *
   * <p>Without an executor, in the loop's default one: threads named {@code aioli-executor-N}, at
   * most {@code min(32, processors + 4)}. Context variables are not carried over: {@link
   * Asyncio#toThread} does that.
   *
   * <p>The default executor is for code that computes, and for a few calls that wait. For many
   * calls that wait, name an executor with a virtual thread each ({@link
   * java.util.concurrent.Executors#newVirtualThreadPerTaskExecutor}), or use {@link
   * Asyncio#blocking}.
   *
   * <p>Cancellation: the future is cancelled at once; the code runs to its end and its outcome is
   * dropped. A {@link dev.aioli.lowlevel.JobExecutor} stops it instead. Code that has not begun yet
   * never does. {@link #runInExecutor(Executor, Callable, WhenCancelled)} leaves you the choice.
   *
   * <p>What the code did before it ended happens before its outcome is seen; callbacks that it
   * posted by {@link #callSoonThreadsafe} run before a task that awaits it goes on.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the executor refuses
   * @throws IllegalStateException if the default executor has been shut down
   */
  public <T extends @Nullable Object> Future<T> runInExecutor(
      @Nullable Executor executor, Callable<? extends T> body) {
    return runInExecutor(executor, body, null);
  }

  /**
   * As {@link #runInExecutor(Executor, Callable)}, with a choice of what a cancellation of the
   * future does to the code.
   *
   * @param whenCancelled null for what is usual with the executor. A {@link
   *     dev.aioli.lowlevel.JobExecutor} is asked to stop the job, or, with {@link
   *     WhenCancelled#DETACH}, to let it finish if it runs
   */
  public <T extends @Nullable Object> Future<T> runInExecutor(
      @Nullable Executor executor,
      Callable<? extends T> body,
      @Nullable WhenCancelled whenCancelled) {
    Objects.requireNonNull(body, "body");
    checkClosed();
    checkTurn();
    return defaultExecutor.run(executor, body, whenCancelled);
  }

  /**
   * Replaces the default executor; the loop shuts it down when it closes, but not the one that was
   * there before. In the turn, or while the loop does not run. As {@code
   * loop.set_default_executor}.
   *
   * @throws IllegalArgumentException if it runs its calls elsewhere than in threads of this JVM;
   *     asyncio takes thread pools only, too
   */
  public void setDefaultExecutor(ExecutorService executor) {
    checkTurn();
    defaultExecutor.replace(Objects.requireNonNull(executor, "executor"));
  }

  /**
   * Shuts the default executor down and waits until its threads have ended, for the given time at
   * most; then logs a warning with the stack of each that is still busy and leaves them to end by
   * themselves. {@link #runInExecutor(Executor, Callable) runInExecutor} without an executor fails
   * from now on.
   *
   * <p>Cancellation: the wait ends, the shutdown goes on.
   */
  @Suspends
  public void shutdownDefaultExecutor(Duration timeout) {
    defaultExecutor.shutdown(timeout);
  }

  // ---- running

  /**
   * Runs until {@link #stop} is called; the calling thread is busy, or waits, until then. What
   * happened in that thread before is visible to tasks and callbacks, and what they did to it
   * afterwards. As {@code loop.run_forever}.
   *
   * @throws KeyboardInterrupt if a task or callback threw it; the loop can run again
   * @throws SystemExit if a task or callback threw it; the loop can run again
   * @throws IllegalStateException if the loop is closed or runs already, or if the calling thread
   *     runs another one
   */
  public void runForever() {
    checkMayRun();
    DumpSignal.install();
    LoopThread.run(engine, iterations::run);
  }

  /**
   * Runs until the future is done and gives its result, or throws what {@link Future#result}
   * throws. As {@code loop.run_until_complete}.
   *
   * @throws IllegalStateException as {@link #runForever}, and if the loop was stopped before the
   *     future was done
   */
  public <T extends @Nullable Object> T runUntilComplete(Future<T> future) {
    checkMayRun();
    if (future.getLoop() != this) {
      throw LoopErrors.ofAnotherLoop(future, this);
    }
    StopWhenDone stopWhenDone = new StopWhenDone(this);
    future.addDoneCallback(stopWhenDone);
    try {
      runForever();
    } catch (KeyboardInterrupt | SystemExit e) {
      if (future.done() && !future.cancelled()) {
        future.exception(); // seen: it is most likely this one
      }
      throw e;
    } finally {
      future.removeDoneCallback(stopWhenDone);
    }
    if (!future.done()) {
      throw new IllegalStateException("the event loop was stopped before the end of " + future);
    }
    return future.result();
  }

  /**
   * Starts a task, runs until it is done and gives its result. As {@link
   * #runUntilComplete(Future)}.
   */
  public <T extends @Nullable Object> T runUntilComplete(Callable<? extends T> body) {
    checkMayRun();
    return runUntilComplete(this.<T>createTask(body));
  }

  /** As {@link #runUntilComplete(Callable)}, without a result. */
  public void runUntilComplete(ThrowingRunnable body) {
    runUntilComplete(Asyncio.callable(body));
  }

  /**
   * Ends {@link #runForever} after the current iteration: callbacks that are ready run; what they
   * schedule waits for the next run. On a loop that does not run: the next run is one iteration. In
   * the turn, or while the loop does not run.
   */
  public void stop() {
    checkTurn();
    iterations.stop();
  }

  /** Whether the loop runs. From any thread. */
  public boolean isRunning() {
    return turn.isRunning();
  }

  /** Whether the loop is closed. From any thread. */
  public boolean isClosed() {
    return closed;
  }

  /**
   * Closes the loop: runs the callbacks that other threads have posted, drops its own callbacks and
   * timers, ends tasks that are not done by a {@link CancelledError} and reports them to the
   * exception handler, and shuts the default executor down without waiting. For code in {@link
   * Asyncio#blocking} it waits {@linkplain #setCloseTimeout for a time}. Idempotent.
   *
   * <p>A task that catches a thousand of these errors and still goes on to wait is reported with
   * its stack, counts as cancelled, and is left behind with its thread. So that this holds where a
   * task cannot be suspended, too, tasks that have started end on a thread {@code aioli-close} on
   * engine loop-scheduled. The caller waits for it. On engine bare a task that cannot be suspended
   * keeps the caller until it ends.
   *
   * <p>Callbacks that run here find the loop closed: what they want to schedule is refused.
   *
   * @throws IllegalStateException while the loop runs
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (isRunning()) {
      throw new IllegalStateException("cannot close " + this + " while it runs; stop it first");
    }
    closed = true;
    List<Handle> last = iterations.shut();
    try {
      if (!last.isEmpty() || !tasks.isEmpty() || !waitingOutside.isEmpty()) {
        LoopThread.run(engine, () -> end.run(last));
      }
      unseenFailures.reportAll();
    } finally {
      signals.close();
      defaultExecutor.shutdownWithoutWaiting();
      poller.close();
      Watchdog.endUnlessNeeded();
    }
    end.closed();
  }

  /**
   * How long {@link #close} waits, in all and in real time, for code that is inside {@link
   * Asyncio#blocking} and has been interrupted. A task whose code has not ended by then is reported
   * to the exception handler with its stack, counts as cancelled, and is left behind with its
   * thread, which is a daemon. Default 10 s. From any thread.
   *
   * <p>{@code -Ddev.aioli.closeTimeoutMillis} sets it for all loops.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public void setCloseTimeout(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("expected a close timeout >= 0, was " + timeout);
    }
    closeTimeoutNanos = Nanos.of(timeout);
  }

  /** So short that it can be added to a time. */
  long closeTimeoutNanos() {
    return Math.min(closeTimeoutNanos, Long.MAX_VALUE / 4);
  }

  private void checkMayRun() {
    checkClosed();
    if (isRunning()) {
      throw new IllegalStateException(this + " runs already, in " + turn.thread());
    }
    EventLoop other = currentOrNull();
    if (other != null) {
      throw LoopErrors.secondLoop(this, other);
    }
  }

  // ---- errors and debugging

  /**
   * The handler set last; null for the default one. In the turn, or while the loop does not run.
   */
  public @Nullable ExceptionHandler getExceptionHandler() {
    return errorReports.handler();
  }

  /**
   * Sets who receives errors that nobody else can receive; null for the default, which logs. In the
   * turn, or while the loop does not run. As {@code loop.set_exception_handler}.
   */
  public void setExceptionHandler(@Nullable ExceptionHandler handler) {
    checkTurn();
    errorReports.setHandler(handler);
  }

  /**
   * Logs an error through {@link System.Logger} {@code dev.aioli} at level ERROR: for handlers that
   * want to pass some errors on. From any thread.
   */
  public void defaultExceptionHandler(ExceptionContext context) {
    ErrorReports.log(context);
  }

  /**
   * Hands an error to the exception handler, in the context of what failed. Throws nothing but the
   * errors that end the loop; what the handler throws is logged. In the turn, or while the loop
   * does not run.
   */
  public void callExceptionHandler(ExceptionContext context) {
    errorReports.report(context);
  }

  /** Whether debug mode is on. From any thread. */
  public boolean isDebug() {
    return debug;
  }

  /**
   * Switches debug mode: a callback or a step of a task that takes long is logged, futures and
   * handles remember where they were made, exceptions remember where they were awaited, and objects
   * are bound to the loop on their first use of any kind. Costs a stack trace an object. From any
   * thread.
   *
   * <p>{@code -Ddev.aioli.debug=true} switches it on for all loops and gives {@link
   * CancelledError}s stack traces.
   */
  public void setDebug(boolean enabled) {
    debug = enabled;
    RunningLoops.debugChanged();
    Watchdog.settingsChanged(this);
  }

  /**
   * How long a callback, or a task between two suspensions, may take before debug mode logs it.
   * Default 100 ms. In the turn, or while the loop does not run. As {@code
   * loop.slow_callback_duration}.
   */
  public void setSlowCallbackDuration(Duration duration) {
    checkTurn();
    iterations.setSlowCallbackNanos(Nanos.of(duration));
  }

  /**
   * How long a task or callback may hold the turn before a warning tells so, with the stack of its
   * thread, while it still does. The default is 1 s, in debug mode 100 ms. In real time, whatever
   * the loop's clock says. A wait inside {@link Asyncio#blocking} does not hold the turn. From any
   * thread.
   *
   * <p>{@code -Ddev.aioli.blockedLoopMillis} sets it for all loops, 0 switches it off.
   *
   * @param duration null, or zero, for no warnings
   * @throws IllegalArgumentException if it is negative
   */
  public void setBlockedLoopDuration(@Nullable Duration duration) {
    blockedLoopNanos = Watchdog.toNanos(duration);
    Watchdog.settingsChanged(this);
  }

  /** How long a step may take before the watchdog reports it. From any thread. */
  long blockedLoopNanos() {
    long chosen = blockedLoopNanos;
    return chosen == Watchdog.DEFAULT ? Watchdog.defaultNanos(debug) : chosen;
  }

  // ---- for lowlevel and the rest of this package

  /** The loop's poller. From any thread. */
  public Poller poller() {
    return poller;
  }

  /**
   * Puts another poller in place, from the next iteration on; the previous one is closed. In the
   * turn, or while the loop does not run.
   */
  public void setPoller(Poller replacement) {
    checkTurn();
    Poller previous = poller;
    poller = Objects.requireNonNull(replacement, "replacement");
    if (engine == Engine.HAND_OVER) { // whose loop is on a virtual thread, and may wait for sockets
      JdkPollers.start();
    }
    previous.close();
  }

  /**
   * Checks that the caller may touch what belongs to this loop: it has the turn, or the loop does
   * not run.
   *
   * @throws IllegalStateException that names the thread and the way in
   */
  public void checkTurn() {
    turn.check();
  }

  /**
   * As {@link #checkTurn()}, for a use of an object of this loop, which the error names.
   *
   * @return false if the loop does not run and the caller has the turn of another one, which is in
   *     debug mode
   */
  public boolean checkTurn(Object object) {
    return turn.checkFor(object);
  }

  /** Checks a use of an object that no loop has seen: in debug mode not beside a loop that runs. */
  public static void checkUnbound(Object object) {
    RunningLoops.checkUnbound(object);
  }

  /** Whether a loop runs in any thread. From any thread. */
  public static boolean isAnyRunning() {
    return RunningLoops.all().length > 0;
  }

  void checkClosed() {
    if (closed) {
      throw LoopErrors.closed(this);
    }
  }

  /** Appends to the ready queue; a closed loop ends its tasks itself. */
  void ready(Ready entry) {
    if (!closed) {
      append(entry);
    } else if (entry instanceof Handle handle) {
      end.atClose(handle::drop); // none may keep the next one from being told
    }
  }

  /**
   * Appends to the ready queue, behind what has been posted until now: as if posts stood in it,
   * too. So whoever posts and then schedules, here or in a thread that is waited for, is served in
   * that order. If nothing has been posted, this is one look.
   */
  private void append(Ready entry) {
    inbox.drainTo(ready);
    ready.add(entry);
  }

  /** As {@link #callSoonThreadsafe}, for effects that nobody needs once the loop is closed. */
  void postUnlessClosed(Runnable callback) {
    post(new Handle(this, callback, Context.copyContext()));
  }

  /** Has a task that went on outside the turn get it again. From any thread; throws nothing. */
  void continueLater(Task<?> task) {
    post(new Handle(this, task::step, callbacksContext)); // a closed loop resumes its tasks itself
  }

  /** Puts a callback into the inbox and wakes the loop if need be; false if the loop is closed. */
  private boolean post(Handle handle) {
    Inbox.Posted posted = inbox.post(handle);
    if (posted == Inbox.Posted.FIRST) {
      poller.wakeup();
    }
    return posted != Inbox.Posted.REFUSED;
  }

  /** An empty context, for callbacks of ours that look at none. */
  Context callbacksContext() {
    return callbacksContext;
  }

  /** What goes on outside the turn and will come back to it. From any thread. */
  public Outside outside() {
    return outside;
  }

  DefaultExecutor defaultExecutor() {
    return defaultExecutor;
  }

  UnseenFailures unseenFailures() {
    return unseenFailures;
  }

  TimerQueue timers() {
    return timers;
  }

  /** For threads that wait for this loop's tasks. */
  LookOut lookOutForTasks() {
    return lookOutForTasks;
  }

  TaskList tasks() {
    return tasks;
  }

  /**
   * What tasks wait for that wait in a queue for it: combinators know, queues do not. In the turn.
   */
  Map<Task<?>, Future<?>> awaitedThroughQueues() {
    return awaitedThroughQueues;
  }

  /** To be told when the loop closes, by whoever has somebody outside wait. In the turn. */
  WaitingOutside waitingOutside() {
    return waitingOutside;
  }

  Turn turn() {
    return turn;
  }

  LoopEnd end() {
    return end;
  }

  Iterations iterations() {
    return iterations;
  }

  @Override
  public String toString() {
    String state = closed ? "closed" : isRunning() ? "running" : "stopped";
    return "EventLoop["
        + Integer.toHexString(System.identityHashCode(this))
        + " "
        + engine
        + " "
        + state
        + "]";
  }
}
