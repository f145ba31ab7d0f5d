package dev.aioli;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs several bodies, one after the other, on one event loop and in one context, and cleans up at
 * the end. As {@code asyncio.Runner}; {@link Asyncio#run} is the short form for one body.
 *
 * <p>{@link #close} cancels the tasks that are left, waits for them, shuts the default executor
 * down and closes the loop. The loop is made on first use.
 *
 * <p>Used by one thread.
 */
public final class Runner implements AutoCloseable {
  private static final Duration SHUTDOWN = Duration.ofMinutes(5);
  private static final String INTERRUPTED = "the thread in run was interrupted";

  private final Supplier<EventLoop> loopFactory;
  private @Nullable EventLoop loop;
  private Context context = new Context();
  private boolean closed;
  private boolean handlesSignals = true;
  private @Nullable Drain drain;
  private Duration shutdownLimit = SHUTDOWN;

  /** Whether an interrupt has ended the loop before all was done. */
  private boolean abandoned;

  /** The error that ended the loop and came out of {@link #run}. */
  private @Nullable Error exit;

  /** A runner with a {@linkplain EventLoop#newEventLoop default} loop. */
  public Runner() {
    this(EventLoop::newEventLoop);
  }

  /** A runner with a loop that the factory makes. */
  public Runner(Supplier<EventLoop> loopFactory) {
    this.loopFactory = loopFactory;
  }

  /**
   * The runner's loop, made on the first call. The context of that moment is copied: what bodies
   * change in it, later bodies see.
   *
   * @throws IllegalStateException if the runner is closed
   */
  public EventLoop getLoop() {
    if (closed) {
      throw new IllegalStateException("the Runner is closed");
    }
    EventLoop present = loop;
    if (present == null) {
      present = loopFactory.get();
      context = Context.copyContext();
      loop = present;
    }
    return present;
  }

  /**
   * Runs a body to its end and gives its result; the calling thread is busy, or waits, until then.
   * Tasks that it leaves go on in the next run.
   *
   * <p>Ctrl-C and SIGTERM: see {@link #handleSignals}.
   *
   * <p>An interrupt of the calling thread cancels the body, once; one that is pending when this is
   * called cancels it before it begins. A second interrupt ends the run though the body has not
   * ended: {@link #close} does not wait for it then. The thread's flag is set again afterwards.
   * There are no interrupts in asyncio; this is what a caller in {@code java.util.concurrent}
   * expects of a method that waits.
   *
   * @throws CancelledError if the body was cancelled
   * @throws java.util.concurrent.CompletionException if the body threw a checked exception: it is
   *     the cause. An unchecked one is thrown as it is
   * @throws IllegalStateException if the runner is closed, or inside a running loop
   */
  public <T extends @Nullable Object> T run(Callable<? extends T> body) {
    return run(body, null);
  }

  /** As {@link #run(Callable)}, without a result. */
  public void run(ThrowingRunnable body) {
    run(Asyncio.callable(body));
  }

  /** As {@link #run(Callable)}, in a context of its own. */
  public <T extends @Nullable Object> T run(
      Callable<? extends T> body, @Nullable Context ownContext) {
    checkNotInLoop();
    EventLoop runLoop = getLoop();
    Task<T> main =
        runLoop.createTask(
            body, TaskOptions.DEFAULT.withContext(ownContext == null ? context : ownContext));
    StopSignals signals = handlesSignals ? StopSignals.listen(runLoop, main, drain) : null;
    boolean interruptedBefore = Thread.interrupted();
    if (interruptedBefore) {
      main.cancel(INTERRUPTED);
    }
    try {
      return runInterruptibly(runLoop, main, interruptedBefore);
    } catch (CancelledError e) {
      Error bySignal = signals == null ? null : signals.error();
      throw bySignal == null ? e : bySignal;
    } catch (KeyboardInterrupt | SystemExit e) {
      exit = e;
      throw e;
    } finally {
      if (signals != null) {
        signals.close();
      }
      restoreInterrupt(interruptedBefore);
    }
  }

  private <T extends @Nullable Object> T runInterruptibly(
      EventLoop runLoop, Task<T> main, boolean interruptedBefore) {
    boolean[] cancelled = {interruptedBefore};
    runLoop
        .iterations()
        .onInterrupt(() -> {
          if (cancelled[0]) {
            abandon(runLoop);
          } else {
            cancelled[0] = true;
            main.cancel(INTERRUPTED);
          }
        });
    try {
      return runLoop.runUntilComplete(main);
    } catch (IllegalStateException e) {
      if (abandoned && !main.done()) {
        throw new CancelledError("a second interrupt has ended the run; left behind: " + main);
      }
      throw e;
    } finally {
      runLoop.iterations().onInterrupt(null);
    }
  }

  /** Ends the loop though not all is done. In the turn. */
  private void abandon(EventLoop running) {
    abandoned = true;
    running.stop();
  }

  private static void restoreInterrupt(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Whether the first Ctrl-C or SIGTERM during {@link #run} cancels the body; a second one ends the
   * JVM at once. The default is true, and means something only in the program's main thread, and
   * for signals that the program does not handle itself.
   *
   * <p>A body that ends by this cancellation comes out as {@link KeyboardInterrupt} after Ctrl-C,
   * and as {@link SystemExit} with the code 143 after SIGTERM. If nothing in the main thread
   * catches that, the JVM ends as the signal would have ended it: its shutdown hooks run, after the
   * clean-up of the tasks, and its exit status is 130 or 143.
   */
  public Runner handleSignals(boolean handle) {
    handlesSignals = handle;
    return this;
  }

  /**
   * What the first Ctrl-C or SIGTERM during {@link #run} does, in place of cancelling the body: it
   * runs this as a task, beside the body, which has so long to come to its end; then the body is
   * cancelled. It is cancelled at once if this fails, which the exception handler is told. A second
   * signal ends the JVM. Means something where {@link #handleSignals} does.
   *
   * @param body stops what brings new work: closes a server, shuts a queue down, sets an event
   * @param grace zero or more; from the signal on
   */
  public Runner drain(ThrowingRunnable body, Duration grace) {
    drain = new Drain(body, grace);
    return this;
  }

  /**
   * Ends what is left and closes the loop. Waits for tasks as long as their clean-up takes, but
   * when only those are left that are in {@link Asyncio#blocking}, and for the default executor,
   * five minutes at most; then they are left behind and reported. Errors of these tasks go to the
   * loop's exception handler; which tasks they were is logged at level DEBUG, in debug mode
   * WARNING. Idempotent.
   *
   * <p>An interrupt of the calling thread that comes meanwhile ends the wait: tasks are ended as by
   * {@link EventLoop#close}. One that is pending already does not. The flag is set again
   * afterwards.
   *
   * @throws IllegalStateException inside a running loop, or while its own runs
   */
  @Override
  @SuppressWarnings("ReferenceEquality") // the very same error, not one like it
  public void close() {
    EventLoop present = loop;
    if (closed || present == null) {
      closed = true;
      return;
    }
    checkNotInLoop();
    if (present.isRunning()) {
      throw new IllegalStateException(
          "cannot close the Runner while its loop runs, from another thread: " + present);
    }
    boolean interruptedBefore = Thread.interrupted();
    present.iterations().onInterrupt(() -> abandon(present));
    try {
      if (!abandoned) {
        endInOrder(present);
      }
    } catch (IllegalStateException e) {
      if (!abandoned) {
        throw e;
      }
    } catch (KeyboardInterrupt | SystemExit e) {
      if (e != exit) { // a task may end with the error that run() threw: once is enough, and
        throw e; // try-with-resources cannot add an error to itself
      }
    } finally {
      closed = true;
      present.iterations().onInterrupt(null);
      present.close();
      restoreInterrupt(interruptedBefore);
    }
  }

  private void endInOrder(EventLoop present) {
    cancelAllTasks(present);
    if (present.defaultExecutor().isInUse()) {
      present.runUntilComplete(() -> {
        present.shutdownDefaultExecutor(shutdownLimit);
        return null;
      });
    }
  }

  private static void checkNotInLoop() {
    EventLoop running = EventLoop.currentOrNull();
    if (running != null) {
      throw new IllegalStateException(
          "cannot run a loop inside " + running + "; await, or create a task");
    }
  }

  /** Another limit than five minutes on what does not end by itself. */
  Runner shutdownLimit(Duration limit) {
    shutdownLimit = limit;
    return this;
  }

  private void cancelAllTasks(EventLoop loop) {
    List<Task<?>> left = loop.allTasks();
    if (left.isEmpty()) {
      return;
    }
    LeftoverTasks.report(loop, left);
    for (Task<?> task : left) {
      task.cancel();
    }
    Future<?> ended = Gather.of(loop, left, true);
    TimerHandle limit = loop.timer(shutdownLimit, () -> leaveStuckBehind(ended, left));
    try {
      loop.runUntilComplete(ended);
    } catch (StuckInBlocking e) {
      // closing the loop reports them
    } finally {
      limit.cancel();
    }
    for (Task<?> task : left) {
      if (task.done() && !task.cancelled() && task.exception() != null) {
        loop.callExceptionHandler(
            ExceptionContext.of("unhandled exception during Asyncio.run shutdown", task.exception())
                .withFuture(task));
      }
    }
  }

  /** Ends the wait for tasks whose code in {@code blocking} is deaf to interrupts. */
  private void leaveStuckBehind(Future<?> ended, List<Task<?>> left) {
    List<Task<?>> pending = left.stream().filter(task -> !task.done()).toList();
    if (ended.done() || pending.stream().noneMatch(Task::isInBlocking)) {
      return;
    }
    if (pending.stream().allMatch(Task::isInBlocking)) {
      ended.finishWithException(new StuckInBlocking());
    } else { // the others may take as long as they like, and so may these meanwhile
      ended.getLoop().timer(shutdownLimit, () -> leaveStuckBehind(ended, left));
    }
  }

  private static final class StuckInBlocking extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StuckInBlocking() {
      super(null, null, false, false);
    }
  }
}
