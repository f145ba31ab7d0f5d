package dev.aioli;

import org.jspecify.annotations.Nullable;

/** {@link Asyncio#blocking}: keeps the static type of the exception that the block may throw. */
final class Blocking {
  private Blocking() {}

  /** The way out of a call that needs the loop's turn: the given one, or that of blocking code. */
  static String orHint(String otherwise) {
    return isInside()
        ? "you are inside blocking(...), which runs beside the loop: leave it before you suspend or"
            + " touch what belongs to the loop, or use callSoonThreadsafe or runCoroutineThreadsafe"
        : otherwise;
  }

  /** Whether the caller is blocking code. A look at the stack, for error messages. */
  private static boolean isInside() {
    return StackWalker.getInstance()
        .walk(frames ->
            frames.anyMatch(frame ->
                frame.getMethodName().equals("callBesideLoop")
                    && frame.getClassName().equals(Context.class.getName())));
  }

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
