package dev.aioli;

import java.util.concurrent.Executors;
import java.util.concurrent.Future.State;
import java.util.concurrent.FutureTask;

/**
 * Sees to it that a loop runs on the kind of thread that its engine wants, while the caller waits
 * if it is of the other kind.
 */
final class LoopThread {
  private LoopThread() {}

  /**
   * Runs the body on such a thread: this one if it will do, and no loop runs on it. Throws what the
   * body throws.
   */
  static void run(Engine engine, Runnable body) {
    if (Thread.currentThread().isVirtual() == engine.loopIsVirtual()
        && EventLoop.currentOrNull() == null) { // else both loops would have its turn
      body.run();
    } else {
      runElsewhere(engine, body);
    }
  }

  private static void runElsewhere(Engine engine, Runnable body) {
    FutureTask<Object> outcome = new FutureTask<>(Executors.callable(body));
    Thread.Builder builder = engine.loopIsVirtual() ? Thread.ofVirtual() : Thread.ofPlatform();
    Thread thread = builder.name("aioli-loop").start(outcome);
    boolean interrupted = false;
    while (!outcome.isDone()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
        thread.interrupt();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (outcome.state() == State.FAILED) {
      throw rethrow(outcome.exceptionNow());
    }
  }

  /** Throws it, or returns it to be thrown: what a Runnable has thrown. */
  static RuntimeException rethrow(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return (RuntimeException) thrown; // a Runnable throws nothing else
  }
}
