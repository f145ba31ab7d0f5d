package dev.aioli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who may touch what belongs to a loop: its own thread during callbacks, a task's thread while that
 * task runs. Also which task and which context are current.
 */
final class Turn {
  private final EventLoop loop;

  /** The thread that runs the loop; null while it does not run. Read by any thread. */
  private volatile @Nullable Thread thread;

  /**
   * The thread that has the turn; null while the loop does not run. Not volatile: a thread asks
   * only whether it is the one itself, and what it wrote or was handed last is what it sees.
   */
  private @Nullable Thread holder;

  private @Nullable Task<?> currentTask;
  private Context callbackContext = new Context();

  Turn(EventLoop loop) {
    this.loop = loop;
  }

  /** The loop starts to run on the calling thread. */
  void enter() {
    thread = Thread.currentThread();
    holder = thread;
    RunningLoops.add(loop);
  }

  /** The loop ends to run. */
  void leave() {
    RunningLoops.remove(loop);
    holder = null;
    thread = null;
  }

  boolean isRunning() {
    return thread != null;
  }

  /** The thread that runs the loop. Only while it runs. */
  Thread thread() {
    return Objects.requireNonNull(thread);
  }

  /** The thread that runs the loop; null while it does not run. From any thread. */
  @Nullable Thread threadOrNull() {
    return thread;
  }

  void passTo(Thread next) {
    holder = next;
  }

  void passToLoop() {
    holder = thread;
  }

  boolean isWith(Thread candidate) {
    return holder == candidate;
  }

  /** Fails unless the calling thread has the turn, or the loop does not run. */
  void check() {
    if (holder != CurrentThread.get() && thread != null) {
      throw foreignUse(null);
    }
  }

  /** As {@link #check}, in debug mode only: for methods that just look. */
  void checkInDebugMode() {
    if (loop.isDebug()) {
      check();
    }
  }

  /** As {@link #check}, for an object of the loop; see {@link EventLoop#checkTurn(Object)}. */
  boolean checkFor(Object object) {
    if (holder == CurrentThread.get()) {
      return true;
    }
    if (thread != null) {
      throw foreignUse(object);
    }
    EventLoop running = EventLoop.currentOrNull();
    return running == null || !running.isDebug();
  }

  /** The error for a caller that does not have the turn, and for the object, if it is known. */
  IllegalStateException foreignUse(@Nullable Object object) {
    return new IllegalStateException(
        (object == null ? "" : object + ": ")
            + "expected the turn of "
            + loop
            + ", was called from "
            + CurrentThread.get()
            + "; "
            + Blocking.orHint("use callSoonThreadsafe or runCoroutineThreadsafe"));
  }

  @Nullable Task<?> currentTask() {
    return currentTask;
  }

  /** Makes this the current task; returns the previous one. */
  @Nullable Task<?> swapCurrentTask(@Nullable Task<?> task) {
    Task<?> previous = currentTask;
    currentTask = task;
    return previous;
  }

  Context context() {
    return currentTask == null ? callbackContext : currentTask.getContext();
  }

  /** Makes this the current context; returns the previous one. */
  Context swapContext(Context next) {
    if (currentTask != null) {
      return currentTask.swapContext(next);
    }
    Context previous = callbackContext;
    callbackContext = next;
    return previous;
  }
}
