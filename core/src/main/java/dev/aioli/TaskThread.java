package dev.aioli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The thread of one task: the small interface between the loop and an {@link Engine}. On engine
 * bare it is the loop's own.
 *
 * <p>The turn is either with the loop's thread or with one task's thread. {@link #resume} gives it
 * to the task, {@link #suspend} gives it back; each returns when the turn has come back to its
 * caller. Whatever one side wrote before, the other sees after.
 */
abstract sealed class TaskThread permits LoopScheduledThread, HandOverThread, BareThread {
  private final EventLoop loop;
  private Task<?> task;

  TaskThread(EventLoop loop, Task<?> task) {
    this.loop = loop;
    this.task = task;
  }

  /**
   * Starts the task's body or lets it go on, until it suspends or ends. On the loop's thread.
   *
   * <p>If the body blocks without suspending (a lock of {@code java.util.concurrent}, {@code
   * Thread.sleep}, a socket), the turn stays with it and so this call waits.
   */
  abstract void resume();

  /**
   * Gives the turn back until the next {@link #resume}. On the task's thread, holding the turn.
   *
   * @throws IllegalStateException if the thread cannot be suspended where it is
   */
  abstract void suspend();

  /**
   * Runs blocking code while the loop goes on, and returns when it has ended and the turn is back.
   * On the task's thread, holding the turn.
   */
  abstract <T extends @Nullable Object> T detached(Callable<? extends T> body) throws Exception;

  /**
   * Has {@link #resume} wait for code inside {@link #detached}, too, but not for ever: if it has
   * not ended by then, resume returns and the task is left where it is. On the loop's thread.
   *
   * @param deadlineNanos in the time of {@link System#nanoTime}
   */
  abstract void attach(long deadlineNanos);

  /**
   * The thread that runs the body. From any thread.
   *
   * @return null if none does now
   */
  abstract @Nullable Thread thread();

  /** Asks code inside {@link #detached} to end. In the turn. */
  final void interrupt() {
    Thread thread = thread();
    if (thread != null) {
      thread.interrupt();
    }
  }

  /** Takes back what {@link #interrupt} left behind. On the task's thread. */
  void clearInterrupt() {
    Thread.interrupted();
  }

  /** Where the body is, innermost frame first. */
  StackTraceElement[] stack() {
    Thread thread = thread();
    return thread == null ? new StackTraceElement[0] : thread.getStackTrace();
  }

  /** The error of {@link #suspend} where the JVM cannot take the frames off the thread. */
  final IllegalStateException pinned(@Nullable Throwable cause) {
    return new IllegalStateException(
        task()
            + " cannot wait here: a native frame or a class initialiser on its stack pins it"
            + " to the thread of the event loop; move the call out of it",
        cause);
  }

  final EventLoop loop() {
    return loop;
  }

  /** The task whose body it runs. */
  final Task<?> task() {
    return task;
  }

  /** Goes on with another task, since the one before has ended. On the task's thread. */
  final void goOnWith(Task<?> next) {
    task = next;
  }
}
