package dev.aioli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The thread of one task: the small interface between the loop and an {@link Engine}.
 *
 * <p>The turn is either with the loop's thread or with one task's thread. {@link #resume} gives it
 * to the task, {@link #suspend} gives it back; each returns when the turn has come back to its
 * caller. Whatever one side wrote before, the other sees after.
 */
abstract sealed class TaskThread permits LoopScheduledThread, HandOverThread {
  private final EventLoop loop;
  private final Task<?> task;

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

  /** Has {@link #resume} wait for code inside {@link #detached}, too. On the loop's thread. */
  abstract void attach();

  /** The virtual thread that runs the body. */
  abstract Thread thread();

  final EventLoop loop() {
    return loop;
  }

  final Task<?> task() {
    return task;
  }
}
