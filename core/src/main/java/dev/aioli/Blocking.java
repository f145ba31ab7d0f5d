package dev.aioli;

import org.jspecify.annotations.Nullable;

/** {@link Asyncio#blocking}: keeps the static type of the exception that the block may throw. */
final class Blocking {
  private Blocking() {}

  @Suspends
  @SuppressWarnings("unchecked") // the block throws no other checked exception than X
  static <T extends @Nullable Object, X extends Exception> T call(Task<?> task, Block<T, X> block)
      throws X {
    try {
      return task.<T>blocking(block::run);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw (X) e;
    }
  }
}
