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

  /**
   * A block that is given the scope it runs in.
   *
   * <p>It is an {@link ActionIn} whose result is of interest, so that where a method is overloaded
   * with both, a lambda that could be either ({@code scope -> call()}, or one that only throws) is
   * this one and not ambiguous.
   */
  @FunctionalInterface
  interface In<S, T extends @Nullable Object, X extends Exception> extends ActionIn<S, X> {
    /** Runs the code. */
    T run(S scope) throws X;

    /** Runs the code and drops its result. */
    @Override
    default void accept(S scope) throws X {
      run(scope);
    }
  }

  /** A block without a result that is given the scope it runs in. */
  @FunctionalInterface
  interface ActionIn<S, X extends Exception> {
    /** Runs the code. */
    void accept(S scope) throws X;
  }
}
