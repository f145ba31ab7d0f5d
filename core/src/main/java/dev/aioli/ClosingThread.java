package dev.aioli;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread on which {@link EventLoop#close} ends tasks, so that it can do without it: a task that
 * neither ends nor can be suspended has its frames there, and keeps it.
 */
final class ClosingThread extends FutureTask<ClosingThread.@Nullable Refusal> {
  private final Thread thread;

  /**
   * A task keeps the thread.
   *
   * @param where its stack
   */
  record Refusal(Task<?> task, Throwable where) {}

  ClosingThread(Runnable body) {
    super(body, null);
    thread = Thread.ofPlatform().name("aioli-close").daemon().unstarted(this);
  }

  /**
   * Runs the body there. Throws what the body throws. An interrupt of the caller is passed on, and
   * kept.
   *
   * @return what ended it before the body did; else null
   */
  @Nullable Refusal startAndAwait() {
    try {
      thread.start();
    } catch (OutOfMemoryError e) { // no more threads: here, then, where no task can be left
      run();
    }
    boolean interrupted = false;
    while (!isDone()) {
      try {
        get();
      } catch (InterruptedException e) {
        interrupted = true;
        thread.interrupt();
      } catch (ExecutionException e) {
        // rethrown below
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (state() == State.FAILED) {
      throw LoopThread.rethrow(exceptionNow());
    }
    return resultNow();
  }

  /**
   * Has the caller of {@link #startAndAwait} go on, and stays here for good: the task must not get
   * the turn back. On the task's thread, holding the turn.
   */
  void keepFor(Refusal refusal) {
    set(refusal);
    while (true) {
      LockSupport.park(this);
      boolean ignored = Thread.interrupted(); // or park would return at once, and spin
    }
  }
}
