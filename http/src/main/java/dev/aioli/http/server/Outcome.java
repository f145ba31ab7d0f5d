package dev.aioli.http.server;

import dev.aioli.CancelledError;
import dev.aioli.Future;
import org.jspecify.annotations.Nullable;

/** How the task of a handler ended. */
final class Outcome {
  private Outcome() {}

  /**
   * The exception of a task that is done; null if there is none. A cancellation is an exception
   * like others here: one that the connection did not ask for, as when a handler awaits something
   * that another task cancels.
   */
  static @Nullable Throwable exception(Future<?> done) {
    try {
      return done.exception();
    } catch (CancelledError e) {
      return e;
    }
  }
}
