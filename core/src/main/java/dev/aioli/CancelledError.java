package dev.aioli;

import org.jspecify.annotations.Nullable;

/**
 * Thrown out of a suspending method when the task has been cancelled, and by {@link Future#result}
 * of a cancelled future. As {@code asyncio.CancelledError}.
 *
 * <p>It extends {@link Error}, not {@link Exception}, so that {@code catch (Exception e)} around an
 * await cannot swallow a cancellation; asyncio moved it out of {@code Exception} in Python 3.8 for
 * the same reason. Clean up in {@code finally}; if you must catch it, throw it again.
 *
 * <p>Its stack trace is filled in only when the JVM runs with {@code -Ddev.aioli.debug=true}:
 * cancelling is ordinary control flow here, and the trace is most of what it would cost.
 */
public final class CancelledError extends Error {
  private static final long serialVersionUID = 1L;

  /** A cancellation without a message. */
  public CancelledError() {
    this(null);
  }

  /** A cancellation with the message given to {@link Future#cancel(String)}. */
  public CancelledError(@Nullable String message) {
    super(message, null, true, EventLoop.DEBUG_BY_DEFAULT);
  }
}
