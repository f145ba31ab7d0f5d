package dev.aioli;

/**
 * A coroutine without a result: the void twin of {@link java.util.concurrent.Callable}.
 *
 * <p>What it throws becomes the outcome of the task that runs it.
 */
@FunctionalInterface
public interface ThrowingRunnable {
  /** Runs the body. */
  void run() throws Exception;
}
