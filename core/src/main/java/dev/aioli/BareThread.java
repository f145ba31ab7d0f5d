package dev.aioli;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Engine {@code bare}: no thread at all, but a continuation that runs on the loop's own thread.
 * Only {@link #detached} code has a thread of its own, as long as it runs.
 */
final class BareThread extends TaskThread implements Runnable {
  /*
   * What the JVM keeps for a thread belongs to the loop's thread here, so that tasks share it:
   *
   *   scoped values          swapped at each switch: a task sees its own
   *   carried thread-locals  the same (ThreadLocalBridge)
   *   other thread-locals    shared
   *   the interrupt flag     shared: it is the loop's
   *   monitors               owned by the loop's thread. A task that suspends inside `synchronized`
   *                          lets the next one in, if the monitor was ever contended; if it was not,
   *                          the next one blocks the loop for ever. The JVM does not tell, and to
   *                          look costs more than ten switches: debug mode does it each time,
   *                          else MonitorWatch says when
   *   j.u.c. locks           owned by the loop's thread: reentrant for all tasks. Nobody can tell
   */
  private static final Object NO_SCOPED_VALUES = Thread.class; // those of a new thread
  private static final StackTraceElement[] NO_FRAMES = {};
  private static final System.Logger LOG = System.getLogger("dev.aioli");

  static {
    CurrentThread.mayChange();
  }

  private final Object continuation;

  // In the turn only.
  private Object scopedValues = NO_SCOPED_VALUES;
  private CarriedValues carried = CarriedValues.NONE;
  private boolean mounted;
  private long attachedUntilNanos;

  /** The blocking code for which the task is suspended. */
  private @Nullable Detached<?> detached;

  BareThread(EventLoop loop, Task<?> task) {
    super(loop, task);
    continuation = JdkContinuation.create(this);
  }

  @Override
  void resume() {
    Detached<?> code = detached;
    do {
      if (code != null && !code.awaitEnd()) { // at once, unless the loop is closed
        return;
      }
      step();
      code = detached;
    } while (code != null && (!code.start() || loop().isClosed()));
  }

  private void step() {
    Object scopedValuesOfLoop = JdkContinuation.scopedValues();
    CarriedValues carriedOfLoop = CarriedValues.capture();
    JdkContinuation.setScopedValues(scopedValues);
    carried.restore();
    mounted = true;
    JdkContinuation.run(continuation);
    mounted = false;
    scopedValues = JdkContinuation.scopedValues();
    carried = CarriedValues.capture();
    JdkContinuation.setScopedValues(scopedValuesOfLoop);
    carriedOfLoop.restore();
  }

  @Override
  void suspend() {
    if (loop().isDebug()) {
      checkMonitors();
    } else if (loop().iterations().monitorWatch().isDue()) {
      tellMonitors();
    }
    try {
      JdkContinuation.suspend();
    } catch (IllegalStateException | StackOverflowError | OutOfMemoryError e) {
      throw pinned(e);
    }
  }

  private void checkMonitors() {
    List<StackTraceElement> holders = JdkContinuation.framesWithMonitors();
    if (!holders.isEmpty()) {
      throw new IllegalStateException(
          task()
              + " cannot wait here: it is in a synchronized block or method, at "
              + holders.getFirst()
              + ", which on engine bare does not keep other tasks out; use dev.aioli.sync.Lock, or"
              + " another engine");
    }
  }

  /** A warning, once a place: outside debug mode the wait goes on, since it may end well. */
  private void tellMonitors() {
    List<StackTraceElement> holders = JdkContinuation.framesWithMonitors();
    if (!holders.isEmpty() && loop().iterations().monitorWatch().isNews(holders.getFirst())) {
      LOG.log(
          Level.WARNING,
          "{0} waits in a synchronized block or method, at {1}: on engine bare it does not keep other"
              + " tasks out, or stops the loop for ever; use dev.aioli.sync.Lock, or another engine",
          task(),
          holders.getFirst());
    }
  }

  /** The body of the continuation. */
  @Override
  public void run() {
    task().runBody();
  }

  /** Runs the body on a thread beside the loop, with the task's scoped and carried values. */
  @Override
  <T extends @Nullable Object> T detached(Callable<? extends T> body) throws Exception {
    Detached<T> code =
        new Detached<>(body, JdkContinuation.scopedValues(), CarriedValues.capture());
    detached = code;
    try {
      suspend(); // and resume() starts it
    } finally {
      detached = null;
    }
    code.carried.restore();
    return code.outcome();
  }

  @Override
  void attach(long deadlineNanos) {
    attachedUntilNanos = deadlineNanos; // resume() waits for it once the loop is closed
  }

  @Override
  void clearInterrupt() {
    // it went to the thread of the detached code, which has ended
  }

  /** The thread that the task has just now: of detached code, or the loop's. */
  @Override
  @Nullable Thread thread() {
    Detached<?> code = detached;
    return code == null ? loop().turn().threadOrNull() : code.thread;
  }

  /** Empty for a foreign thread: the JVM would not let the loop run the task meanwhile. */
  @Override
  StackTraceElement[] stack() {
    Turn turn = loop().turn();
    if (turn.isRunning() && !turn.isWith(CurrentThread.get())) {
      return NO_FRAMES;
    }
    if (mounted) {
      return ofTask(Thread.currentThread().getStackTrace());
    }
    StackTraceElement[] suspended = JdkContinuation.stack(continuation);
    Thread blocking = detached == null ? null : detached.thread;
    return blocking == null
        ? suspended
        : Stream.of(ofTask(blocking.getStackTrace()), suspended)
            .flatMap(Arrays::stream)
            .toArray(StackTraceElement[]::new);
  }

  /** Cuts off what is below the body: the loop, or the thread of detached code. */
  private static StackTraceElement[] ofTask(StackTraceElement[] stack) {
    for (int i = 0; i < stack.length; i++) {
      if (stack[i].getMethodName().equals("run")
          && stack[i].getClassName().startsWith(BareThread.class.getName())) {
        return Arrays.copyOf(stack, i);
      }
    }
    return stack;
  }

  /** Blocking code, on a virtual thread while the task is suspended. */
  private final class Detached<T extends @Nullable Object> implements Runnable {
    private final Callable<? extends T> body;
    private final Object scopedValues;
    private @Nullable Thread thread;

    // Written before `ended`, read after it.
    private CarriedValues carried;
    private @Nullable T result;
    private @Nullable Throwable thrown;
    private volatile boolean ended;

    Detached(Callable<? extends T> body, Object scopedValues, CarriedValues carried) {
      this.body = body;
      this.scopedValues = scopedValues;
      this.carried = carried;
    }

    /** Whether it could be started; else its outcome is the reason. On the loop's thread. */
    boolean start() {
      try {
        thread =
            Thread.ofVirtual()
                .name(task().threadName())
                .inheritInheritableThreadLocals(false)
                .start(this);
        return true;
      } catch (Throwable e) { // no memory, for one: the task fails, the loop lives
        thrown = e;
        return false;
      }
    }

    @Override
    public void run() {
      try {
        JdkContinuation.setScopedValues(scopedValues);
        carried.restore();
        try {
          result = body.call();
        } finally {
          carried = CarriedValues.capture();
        }
      } catch (Throwable e) {
        thrown = e;
      } finally {
        ended = true;
        loop().continueLater(task());
      }
    }

    /** Whether it has ended, in time if the loop is closed. On the loop's thread. */
    boolean awaitEnd() {
      boolean interrupted = false;
      boolean inTime = true;
      while (thread != null && !ended && inTime) {
        try {
          inTime = thread.join(Duration.ofNanos(attachedUntilNanos - System.nanoTime()));
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        loop().iterations().keepInterrupt();
      }
      return inTime || ended;
    }

    /** On the task's side. */
    @SuppressWarnings("NullAway") // the result is as the body says
    T outcome() throws Exception {
      return switch (thrown) {
        case null -> result;
        case Error error -> throw error;
        case Exception exception -> throw exception;
        case Throwable other -> throw new IllegalStateException(other);
      };
    }
  }
}
