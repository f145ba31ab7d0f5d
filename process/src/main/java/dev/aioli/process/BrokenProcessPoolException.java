package dev.aioli.process;

import java.util.concurrent.RejectedExecutionException;

/**
 * No worker process can be started: the JVM is not found, its options are wrong, its initializer
 * fails, each several times in a row. All waiting jobs fail with this, and the pool takes no more.
 * The cause says what happened last.
 *
 * <p>As {@code concurrent.futures.process.BrokenProcessPool}, except that the death of a worker
 * that had started does not break the pool.
 */
public final class BrokenProcessPoolException extends RejectedExecutionException {
  BrokenProcessPoolException(String message, Throwable cause) {
    super(message, cause);
  }
}
