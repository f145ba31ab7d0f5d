package dev.aioli.process;

import java.io.Serializable;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A callable that can be sent to another process. A lambda that is given where a {@code Job} is
 * expected is serializable, if what it captures is:
 *
 * <pre>{@code
 * pool.submit(() -> Primes.count(limit));                            // a Job by itself
 * runInExecutor(pool, Job.of(() -> Primes.count(limit))).await();    // a Callable, if not for Job.of
 * }</pre>
 *
 * <p>A lambda that uses a field or method of the surrounding object captures that object.
 *
 * @param <T> the type of its result, which must be serializable too
 */
@FunctionalInterface
public interface Job<T extends @Nullable Object> extends Callable<T>, Serializable {
  /** Gives a lambda this type where the context would not. */
  static <T extends @Nullable Object> Job<T> of(Job<T> job) {
    return job;
  }

  /** A job without a result. */
  @FunctionalInterface
  interface Action extends Runnable, Serializable {}

  /**
   * A function that can be sent to another process.
   *
   * @param <A> the type of its argument
   * @param <R> the type of its result
   */
  @FunctionalInterface
  interface Mapping<A extends @Nullable Object, R extends @Nullable Object> extends Serializable {
    /** Applies the function. */
    R apply(A argument) throws Exception;
  }
}
