package dev.aioli;

import org.jspecify.annotations.Nullable;

/**
 * A piece of code that runs in the calling task, inside a scope such as {@link Asyncio#timeout}.
 * What it throws comes out of the scope as it is, checked exceptions included.
 *
 * @param <T> the type of its result
 * @param <X> the checked exception it may throw
 */
@FunctionalInterface
public interface Block<T extends @Nullable Object, X extends Exception> {
  /** Runs the code. */
  T run() throws X;

  /** A block without a result. */
  @FunctionalInterface
  interface Action<X extends Exception> {
    /** Runs the code. */
    void run() throws X;
  }

  /** A block that is given the scope it runs in. */
  @FunctionalInterface
  interface In<S, T extends @Nullable Object, X extends Exception> {
    /** Runs the code. */
    T run(S scope) throws X;
  }

  /** A block without a result that is given the scope it runs in. */
  @FunctionalInterface
  interface ActionIn<S, X extends Exception> {
    /** Runs the code. */
    void run(S scope) throws X;
  }
}
