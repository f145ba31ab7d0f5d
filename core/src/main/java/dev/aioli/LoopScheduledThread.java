package dev.aioli;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Engine {@code loop-scheduled}: a virtual thread whose scheduler is the loop. Each thread has a
 * scheduler of its own, this object, so that it knows whose continuation it is handed.
 */
final class LoopScheduledThread extends TaskThread implements Executor, Runnable {
  /*
   * A virtual thread hands its continuation to its scheduler whenever it can go on. Who calls
   * execute(), where, and what it means:
   *
   *   start() in resume()             loop's thread   keep it: it is the same object ever after
   *   Thread.yield() in suspend()     loop's thread   a suspension: withhold it until resume()
   *   unpark, timeout, monitor, ...   any thread      the body blocked without suspending and can go
   *                                                   on: the loop waits for that in resume()
   *   a stack trace was taken         other threads   the same call, to be safe: the JVM makes the
   *                                                   thread unrunnable meanwhile, so resume() may
   *                                                   find that nothing ran and must wait, too
   *   the same inside detached()      any thread      the loop has gone on without it: it is put into
   *                                                   the inbox and continues in a turn of its own
   *   another thread's continuation   any thread      a virtual thread started inside the task; it
   *                                                   inherits the scheduler but is not ours: it
   *                                                   goes to threads of its own
   *
   * execute() must never throw: a rejected continuation leaves its thread dead for ever.
   */
  private static final int NO_INHERITED_THREAD_LOCALS = 1 << 2; // ThreadBuilders' characteristics
  private static final AtomicIntegerFieldUpdater<LoopScheduledThread> LEFT_BEHIND =
      AtomicIntegerFieldUpdater.newUpdater(LoopScheduledThread.class, "leftBehind");
  private static final @Nullable MethodHandle NEW_THREAD;
  private static final @Nullable Throwable UNAVAILABLE;

  static {
    MethodHandle newThread = null;
    Throwable unavailable = null;
    try {
      Class<?> builders = Class.forName("java.lang.ThreadBuilders");
      newThread =
          MethodHandles.privateLookupIn(builders, MethodHandles.lookup())
              .findStatic(
                  builders,
                  "newVirtualThread",
                  MethodType.methodType(
                      Thread.class, Executor.class, String.class, int.class, Runnable.class));
    } catch (ReflectiveOperationException | RuntimeException e) {
      unavailable = e;
    }
    NEW_THREAD = newThread;
    UNAVAILABLE = unavailable;
  }

  private final Thread thread;

  // In the turn only.
  private @Nullable Runnable continuation;
  private boolean suspended;
  private boolean ended;
  private boolean detached;
  private boolean attached;
  private long attachedUntilNanos;

  /**
   * Set by whoever unblocks the body; taken by the loop, which waits for it. May be set without
   * need: running a continuation that is not runnable does nothing.
   */
  private volatile boolean unblocked;

  /** 1 while the loop goes on without the detached body; who sets it to 0 has it continued. */
  private volatile int leftBehind;

  LoopScheduledThread(EventLoop loop, Task<?> task) {
    super(loop, task);
    try {
      thread =
          (Thread)
              newThreadHandle()
                  .invokeExact(
                      (Executor) this,
                      task.threadName(),
                      NO_INHERITED_THREAD_LOCALS,
                      (Runnable) this);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new LinkageError("ThreadBuilders.newVirtualThread", e);
    }
  }

  private static MethodHandle newThreadHandle() {
    MethodHandle handle = NEW_THREAD;
    if (handle == null) {
      throw new IllegalStateException("engine loop-scheduled is not available", UNAVAILABLE);
    }
    return handle;
  }

  /** Why this engine cannot run in this JVM; null if it can. */
  static @Nullable Throwable unavailable() {
    return UNAVAILABLE == null ? InterruptWatch.unavailable() : UNAVAILABLE;
  }

  @Override
  Thread thread() {
    return thread;
  }

  @Override
  void resume() {
    EventLoop loop = loop();
    if (!detached) {
      loop.turn().passTo(thread);
    }
    suspended = false;
    if (continuation == null) {
      thread.start();
    }
    Runnable step = continuation;
    if (step == null) {
      throw new IllegalStateException("the JVM did not hand over the thread of " + task());
    }
    loop.iterations().keepInterrupts(); // since mounting and unmounting the task clears the flag
    step.run();
    while (!suspended && !ended && !leaveBehind()) {
      if (!awaitUnblocked()) {
        leftBehind = 1; // for good: a closed loop continues nothing
        break;
      }
      step.run();
    }
    loop.turn().passToLoop();
  }

  /** Whether the body blocks inside {@link #detached} and somebody else will have it continued. */
  private boolean leaveBehind() {
    if (!detached || attached) {
      return false;
    }
    leftBehind = 1;
    return !unblocked || !LEFT_BEHIND.compareAndSet(this, 1, 0);
  }

  /**
   * Runs the body right here: nothing is switched as long as it does not block. When it does, the
   * turn goes back to the loop.
   */
  @Override
  <T extends @Nullable Object> T detached(Callable<? extends T> body) throws Exception {
    detached = true;
    loop().turn().passToLoop();
    try {
      return body.call();
    } finally {
      detached = false;
      loop().turn().passTo(thread);
    }
  }

  @Override
  void attach(long deadlineNanos) {
    attached = true;
    attachedUntilNanos = deadlineNanos;
  }

  @Override
  @SuppressWarnings(
      "ThreadPriorityCheck") // the yield goes to our own scheduler, which withholds it
  void suspend() {
    suspended = true;
    Thread.yield();
    if (suspended) {
      suspended = false;
      throw pinned(null);
    }
  }

  /** The body of the virtual thread. */
  @Override
  public void run() {
    ClassLoader contextClassLoader = thread.getContextClassLoader();
    try {
      Task<?> next = task();
      do {
        next.runBody();
        next = takeFreshTask(contextClassLoader);
      } while (next != null);
    } finally {
      ended = true;
    }
  }

  /**
   * Goes on with the task whose turn is next, if it needs a new thread: to make one costs more than
   * to run a short task. Null if that is not so.
   */
  private @Nullable Task<?> takeFreshTask(@Nullable ClassLoader contextClassLoader) {
    Thread loopThread = loop().turn().threadOrNull();
    if (loopThread == null
        || loopThread.isInterrupted()
        || !UsedThread.clean(thread, contextClassLoader)) {
      return null;
    }
    Task<?> next = loop().iterations().takeFreshTask();
    if (next != null) {
      next.startOn(this);
      thread.setName(next.threadName());
    }
    return next;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the continuation of a thread is one object all its life
  public void execute(Runnable next) {
    if (continuation == null) {
      continuation = next;
    } else if (continuation != next) {
      OutsideThreads.execute(next);
    } else {
      unblocked(Thread.currentThread(), loop().turn().threadOrNull());
    }
  }

  private void unblocked(Thread caller, @Nullable Thread loopThread) {
    if (caller == loopThread && suspended) {
      return; // the yield in suspend()
    }
    unblocked = true;
    if (LEFT_BEHIND.compareAndSet(this, 1, 0)) {
      loop().continueLater(task());
    } else if (caller != loopThread) {
      LockSupport.unpark(loopThread);
    } // else it was unparked before it had quite parked: resume() looks
  }

  /** Whether it is; false if attached code is still blocked when the time is up. */
  private boolean awaitUnblocked() {
    boolean interrupted = false;
    while (!unblocked && mayWait()) {
      if (Thread.interrupted()) { // or park would return at once, and spin
        interrupted = true;
        if (!detached && loop().iterations().tellsOfInterrupts()) {
          thread.interrupt(); // the run is to end, and this is what keeps it
        }
      }
    }
    boolean inTime = unblocked;
    unblocked = false;
    if (interrupted) {
      loop().iterations().keepInterrupt();
    }
    return inTime;
  }

  /** Parks, once; false if there is no time left for that. */
  private boolean mayWait() {
    if (!detached) {
      LockSupport.park(this);
      return true;
    }
    long left = attachedUntilNanos - System.nanoTime();
    if (left <= 0) {
      return false;
    }
    LockSupport.parkNanos(this, left);
    return true;
  }
}
