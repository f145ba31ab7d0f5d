package dev.aioli;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A body of plain sequential code that runs on the event loop, on a virtual thread of its own, and
 * gives up the turn where it waits. As {@code asyncio.Task}.
 *
 * <p>Made by {@link Asyncio#createTask} or {@link EventLoop#createTask}; its first step runs in a
 * later iteration of the loop. It is held by the loop until it is done.
 *
 * <p>Its result or exception is its body's; {@link #setResult} and {@link #setException} are
 * refused.
 *
 * @param <T> the type of the result
 */
public final class Task<T extends @Nullable Object> extends Future<T> implements Ready {
  /*
   * Life of a task, with asyncio's name for each step:
   *
   *   created    in the ready queue; no thread yet                      __init__: call_soon(__step)
   *   running    step() gave it the turn                                __step: coro.send(None)
   *   waiting    suspendUntilDone(): registered with `waitingFor`       add_done_callback(__wakeup)
   *   ready      `waitingFor` is done; in the ready queue               __wakeup scheduled
   *   done       runBody() stored the outcome                           StopIteration, exception
   *
   * A cancellation goes to `waitingFor` if there is one that takes it, and comes back as its outcome;
   * else `mustCancel` is set and the next step throws.
   */

  /** A body that catches more CancelledErrors of a closed loop than this will never end. */
  private static final int MAX_REFUSALS = 1_000;

  /** Null until someone asks: most tasks are never named. */
  private @Nullable String name;

  private final long number;
  private @Nullable Callable<? extends T> body;
  private @Nullable TaskThread thread;
  private Context context;

  /** A task that this one has just created and that runs first: see {@link #startEagerly}. */
  private @Nullable Task<?> eagerChild;

  /** What it waits for; null while it runs or stands in the ready queue for another reason. */
  private @Nullable Future<?> waitingFor;

  private int cancelRequests;
  private boolean mustCancel;

  /** Whether the body is in {@link #blocking}. */
  private boolean inBlocking;

  /** How many times it was to wait, or to block, though its loop is closed. */
  private int refusals;

  /** How many times it stands in the ready queue for a suspension that failed. */
  private int staleWakeups;

  // Neighbours in the loop's list of tasks that are not done.
  @Nullable Task<?> previousTask;
  @Nullable Task<?> nextTask;

  Task(EventLoop loop, Callable<? extends T> body, TaskOptions options) {
    super(loop);
    this.body = Objects.requireNonNull(body, "body");
    name = options.name();
    number = name == null ? loop.tasks().nextNumber() : 0;
    context = options.context() == null ? Context.copyContext() : options.context();
  }

  /** What is shown of a task that has failed and is garbage. */
  static Task<?> standIn(EventLoop loop, String name, Context context) {
    return new Task<>(loop, name, context);
  }

  private Task(EventLoop loop, String name, Context context) {
    super(loop);
    this.name = name;
    this.context = context;
    number = 0;
  }

  /** The name given at creation or by {@link #setName}, else {@code Task-N}. */
  public String getName() {
    String known = name;
    return known == null ? "Task-" + number : known;
  }

  /** Gives the task another name. Its thread keeps the name that it started with. */
  public void setName(String name) {
    this.name = Objects.requireNonNull(name, "name");
  }

  /** The context in which the body runs; not a copy. */
  public Context getContext() {
    return context;
  }

  /**
   * Requests that the task be cancelled: a {@link CancelledError} comes out of what it waits for,
   * or of its next suspension. Every call counts, see {@link #cancelling}. A body that catches the
   * error and returns ends normally. One that has not started never does. In {@link
   * Asyncio#blocking} the thread is interrupted.
   *
   * <p>If the task waits for another one, that one is cancelled, and so on down to the innermost
   * wait. Returns at once: {@link #await} the task to know that it has ended.
   *
   * <p>As {@code asyncio.Task.cancel}.
   *
   * @param message for the {@link CancelledError}; of several requests the latest counts
   * @return false if the task is done, else true
   * @throws IllegalStateException from a foreign thread
   */
  @Override
  public boolean cancel(@Nullable String message) {
    getLoop().turn().checkInDebugMode();
    if (done()) {
      return cancelDone();
    }
    getLoop().checkTurn();
    cancelRequests++;
    if (waitingFor != null && waitingFor.cancel(message)) {
      return true;
    }
    mustCancel = true;
    cancelMessage = message;
    interruptBlocking();
    return true;
  }

  /**
   * The number of {@link #cancel} calls not taken back by {@link #uncancel}: more than 0 also after
   * the task has caught the error, or has ended. As {@code asyncio.Task.cancelling}.
   */
  public int cancelling() {
    getLoop().turn().checkInDebugMode();
    return cancelRequests;
  }

  /**
   * Takes back one request of cancellation; at zero also one that has not been delivered. For code
   * that cancelled a task for a reason of its own, as timeouts do. In the turn. As {@code
   * asyncio.Task.uncancel}.
   *
   * @return the number of requests that remain, never below zero
   */
  public int uncancel() {
    getLoop().checkTurn();
    if (cancelRequests > 0) {
      cancelRequests--;
      if (cancelRequests == 0) {
        mustCancel = false;
      }
    }
    return cancelRequests;
  }

  /** Always refused: the body's outcome is the task's. */
  @Override
  public void setResult(T result) {
    throw new UnsupportedOperationException("a task gets its result from its body: " + this);
  }

  /** Always refused: the body's outcome is the task's. */
  @Override
  public void setException(Throwable exception) {
    throw new UnsupportedOperationException("a task gets its exception from its body: " + this);
  }

  /**
   * Where the task is suspended or, in its own turn, where it runs: frames from the innermost
   * outwards, those of the engine included. Empty if it has not started or is done.
   *
   * <p>From any thread; on {@link Engine#BARE} in the turn, and empty for other threads.
   */
  public StackTraceElement[] getStack() {
    return thread == null || done() ? new StackTraceElement[0] : thread.stack();
  }

  /** The task that is about to wait for a future in the calling thread. */
  static Task<?> currentForAwait(Future<?> future) {
    EventLoop running = EventLoop.currentOrNull();
    Task<?> task = running == null ? null : running.currentTask();
    if (task == null) {
      throw new IllegalStateException(
          "await of "
              + future
              + " outside a task; "
              + (running == null
                  ? Blocking.orHint(
                      "use Asyncio.run, or runCoroutineThreadsafe from another thread")
                  : "a callback cannot wait: use addDoneCallback, or create a task"));
    }
    return task;
  }

  /** Waits until a pending future is done. On this task's thread. */
  void suspendUntilDone(Future<?> future) {
    EventLoop loop = getLoop();
    if (future.getLoop() != loop) {
      failNextStep(
          new IllegalStateException(
              this
                  + " awaits "
                  + future
                  + ", which belongs to another event loop: expected "
                  + loop
                  + ", found "
                  + future.getLoop()));
    }
    if (future == this) {
      failNextStep(new IllegalStateException("a task cannot await itself: " + this));
    }
    try {
      suspendFor(future);
    } catch (IllegalStateException e) {
      future.awaitRefused();
      throw e;
    }
  }

  private void suspendFor(Future<?> future) {
    AwaitCycle.check(this, future);
    future.addWaiter(this);
    waitingFor = future;
    if (mustCancel && future.cancel(cancelMessage)) {
      mustCancel = false;
    }
    suspend(future);
    if (mustCancel) {
      mustCancel = false;
      if (future.cancelled() || future.exception() instanceof CancelledError) {
        return; // its own cancellation comes out of result()
      }
      throw makeCancelledError();
    }
  }

  /** Waits for one iteration of the loop. On this task's thread. */
  void yieldOnce() {
    getLoop().ready(this);
    suspend(null);
    throwIfCancelled();
  }

  /** Runs blocking code beside the loop. On this task's thread. */
  <R extends @Nullable Object> R blocking(Callable<? extends R> code) throws Exception {
    throwIfCancelled();
    if (refusals >= MAX_REFUSALS) {
      suspend(null); // for good
    }
    R result;
    inBlocking = true;
    try {
      Context ofTask = context;
      result = Objects.requireNonNull(thread).<R>detached(() -> ofTask.callBesideLoop(code));
    } catch (Throwable e) {
      endBlocking(e);
      throw e;
    }
    endBlocking(null);
    return result;
  }

  private void endBlocking(@Nullable Throwable thrown) {
    inBlocking = false;
    boolean closed = getLoop().isClosed();
    if (!mustCancel && !closed) {
      return;
    }
    if (closed) {
      refusals++;
    }
    Objects.requireNonNull(thread).clearInterrupt(); // by which it was asked to end
    CancelledError error = mustCancel ? makeCancelledError() : loopClosed();
    mustCancel = false;
    if (thrown != null) {
      error.addSuppressed(thrown);
    }
    throw error;
  }

  /** As asyncio's call_soon(__step, exception): the error comes one iteration later. */
  private void failNextStep(IllegalStateException error) {
    yieldOnce();
    throw error;
  }

  private void throwIfCancelled() {
    if (mustCancel) {
      mustCancel = false;
      throw makeCancelledError();
    }
  }

  /** Gives up the turn; `waitedFor` or the ready queue will bring it back. */
  private void suspend(@Nullable Future<?> waitedFor) {
    if (getLoop().isClosed() && ++refusals <= MAX_REFUSALS) {
      throw loopClosed();
    }
    try {
      Objects.requireNonNull(thread).suspend(); // for good, if the loop is closed
    } catch (IllegalStateException e) { // it cannot be suspended here: take back what was arranged
      if (getLoop().isClosed()) {
        getLoop().end().leaveBehindHere(this, refusal());
      }
      waitingFor = null;
      if (waitedFor == null || !waitedFor.removeWaiter(this)) {
        staleWakeups++;
      }
      throw e;
    }
    if (getLoop().isClosed()) {
      throw loopClosed();
    }
  }

  /** Runs the task until it suspends or is done. On the loop's thread. */
  void step() {
    if (staleWakeups > 0) {
      staleWakeups--;
      return;
    }
    if (done()) {
      throw new InvalidStateException("step of a task that is done: " + this);
    }
    waitingFor = null;
    if (thread == null) {
      if (mustCancel) {
        mustCancel = false;
        endCancelled(null, makeCancelledError());
        return;
      }
      try {
        thread = getLoop().engine().newThread(getLoop(), this);
      } catch (Throwable e) { // no memory, for one: the task fails, the loop lives
        end();
        finishWithException(e);
        return;
      }
    }
    resumeThread(thread);
  }

  /** Whether its next step is the first, and runs the body. */
  boolean isFresh() {
    return thread == null && !mustCancel && !done();
  }

  /**
   * Has the thread of a task that has ended run this fresh one, instead of a thread of its own. On
   * that thread, in the turn.
   */
  void startOn(TaskThread free) {
    thread = free;
    free.goOnWith(this);
    getLoop().turn().swapCurrentTask(this);
  }

  /** The body of the task's thread. Throws nothing. */
  void runBody() {
    T result;
    try {
      context.restoreCarried();
      result = Objects.requireNonNull(body).call();
    } catch (CancelledError e) {
      endCancelled(null, e);
      return;
    } catch (Throwable e) {
      end();
      finishWithException(e);
      if (e instanceof KeyboardInterrupt || e instanceof SystemExit) {
        endLoop((Error) e);
      }
      return;
    }
    if (mustCancel) { // cancelled right before it returned: the value is lost
      mustCancel = false;
      endCancelled(cancelMessage, null);
    } else {
      end();
      finishWithResult(result);
    }
  }

  /** Who runs the loop receives the error: no report has to tell of it, too. */
  private void endLoop(Error error) {
    getLoop().iterations().exitWith(error);
    if (!getLoop().isClosed()) {
      markSeen();
    }
  }

  /**
   * Ends the task because its loop closes: it is not resumed for any other reason any more. One
   * that refuses to end is left behind where it waits, and counts as cancelled.
   *
   * @param deadlineNanos until when blocking code may take to end, in real time
   * @return where it was left behind; null if it has ended
   */
  @Nullable Throwable abandon(long deadlineNanos) {
    waitingFor = null;
    if (thread == null) {
      endCancelled(null, loopClosed());
      return null;
    }
    thread.attach(deadlineNanos);
    resumeThread(thread);
    if (done()) {
      return null;
    }
    Throwable refusal = refusal();
    endLeftBehind();
    return refusal;
  }

  private Throwable refusal() {
    Throwable refusal =
        new IllegalStateException(
            inBlocking
                ? "its code in blocking(...) was interrupted and has not ended in time"
                : "caught CancelledError " + refusals + " times");
    refusal.setStackTrace(getStack());
    return refusal;
  }

  /** It counts as cancelled though its body has not ended. */
  void endLeftBehind() {
    endCancelled(null, loopClosed());
  }

  /** Whether it has, or had, a thread. */
  boolean hasStarted() {
    return thread != null;
  }

  /** Asks code in {@link #blocking} to end. */
  void interruptBlocking() {
    if (inBlocking && thread != null) {
      thread.interrupt();
    }
  }

  /**
   * Gives the turn to the task's thread until it suspends or ends; in between to a task that it
   * starts eagerly, which a virtual thread cannot do itself.
   */
  private void resumeThread(TaskThread thread) {
    Task<?> previous = getLoop().turn().swapCurrentTask(this);
    try {
      thread.resume();
      Task<?> running = thread.task(); // this one, or one with which its thread has gone on
      while (running.eagerChild != null) {
        Task<?> child = running.eagerChild;
        running.eagerChild = null;
        child.firstStepInside();
        thread.resume();
        running = thread.task();
      }
    } finally {
      getLoop().turn().swapCurrentTask(previous);
    }
  }

  /** Runs this new task to its first suspension. On the thread of the creator, or of the loop. */
  void startEagerly(@Nullable Task<?> creator) {
    if (creator == null) {
      firstStepInside();
    } else {
      creator.eagerChild = this;
      try {
        Objects.requireNonNull(creator.thread).suspend();
      } catch (IllegalStateException e) { // its thread cannot be left here: start as usual
        creator.eagerChild = null;
        getLoop().ready(this);
      }
    }
    getLoop().iterations().throwExit();
  }

  /** Its first step, in the middle of the one of who created it. On the loop's thread. */
  private void firstStepInside() {
    Iterations iterations = getLoop().iterations();
    iterations.beginInside();
    try {
      step();
    } finally {
      iterations.endInside();
    }
  }

  private void endCancelled(@Nullable String message, @Nullable CancelledError error) {
    end();
    finishCancelled(message, error);
  }

  private void end() {
    body = null;
    getLoop().tasks().remove(this);
  }

  private static CancelledError loopClosed() {
    return new CancelledError("the event loop was closed");
  }

  /** What the task waits for; null if it runs, is ready or done. */
  @Nullable Future<?> waitingFor() {
    return waitingFor;
  }

  /** Its thread; null before its first step. */
  @Nullable Thread threadOrNull() {
    TaskThread present = thread;
    return present == null ? null : present.thread();
  }

  /** Whether it is inside {@link Asyncio#blocking}. */
  boolean isInBlocking() {
    return inBlocking;
  }

  Context swapContext(Context next) {
    Context previous = context;
    context = next;
    return previous;
  }

  /** The name for its thread, seen in thread dumps. */
  String threadName() {
    return getName();
  }

  @Override
  public String toString() {
    String waits =
        waitingFor == null ? "" : " waiting for " + waitingFor.getClass().getSimpleName();
    String state = done() || cancelRequests == 0 ? describeState() : "cancelling";
    return "Task[" + getName() + " " + state + waits + "]";
  }
}
