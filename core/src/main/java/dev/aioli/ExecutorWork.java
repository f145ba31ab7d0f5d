package dev.aioli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * One call in a thread of an executor, which can be called off and interrupted. A {@code
 * FutureTask} would do but for one thing: it leaves the interrupt of a cancellation to the next job
 * of the thread, unless the executor clears it.
 */
final class ExecutorWork<T extends @Nullable Object> implements Runnable {
  /** Receives the outcome, in the worker's thread. Not called for work that was called off. */
  interface Outcome<T extends @Nullable Object> {
    void of(@Nullable T result, @Nullable Throwable thrown);
  }

  private final Outcome<T> outcome;

  // Guarded by this. The runner is set only while the body runs: an interrupt hits nothing else.
  private @Nullable Callable<? extends T> body;
  private @Nullable Thread runner;
  private boolean cancelled;
  private boolean interrupted;

  ExecutorWork(Callable<? extends T> body, Outcome<T> outcome) {
    this.body = body;
    this.outcome = outcome;
  }

  @Override
  public void run() {
    Callable<? extends T> taken = begin();
    if (taken == null) {
      return;
    }
    T result = null;
    Throwable thrown = null;
    try {
      result = taken.call();
    } catch (Throwable e) {
      thrown = e;
    }
    if (end()) {
      outcome.of(result, thrown);
    }
  }

  /** Nobody wants the outcome any more; does nothing to work that has ended. From any thread. */
  synchronized void cancel(WhenCancelled how) {
    cancelled = true;
    body = null; // which may hold much, while the executor holds this
    Thread running = runner;
    if (running != null && how == WhenCancelled.INTERRUPT) {
      interrupted = true;
      running.interrupt();
    }
  }

  /** The body, once; null if there is nothing to run. */
  private synchronized @Nullable Callable<? extends T> begin() {
    Callable<? extends T> taken = body;
    if (taken != null) {
      body = null;
      runner = Thread.currentThread();
    }
    return taken;
  }

  /** Whether somebody wants the outcome. */
  private synchronized boolean end() {
    runner = null;
    if (interrupted) {
      Thread.interrupted(); // ours, if the body has left it
    }
    return !cancelled;
  }
}
