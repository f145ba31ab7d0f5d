package dev.aioli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link ExceptionHandler} is told: asyncio's context dictionary.
 *
 * @param message what happened
 * @param exception the error, if there is one
 * @param future the future or task that it concerns; of one whose failure is told since it is
 *     garbage, one that looks like it
 * @param handle the callback that threw
 * @param source where the object was made; known in debug mode only
 */
public record ExceptionContext(
    String message,
    @Nullable Throwable exception,
    @Nullable Future<?> future,
    @Nullable Handle handle,
    @Nullable Throwable source) {

  /** Checks that there is a message. */
  public ExceptionContext {
    Objects.requireNonNull(message, "message");
  }

  /** A context with a message and an error. */
  public static ExceptionContext of(String message, @Nullable Throwable exception) {
    return new ExceptionContext(message, exception, null, null, null);
  }

  /** The same about a future or task. */
  public ExceptionContext withFuture(Future<?> future) {
    return new ExceptionContext(message, exception, future, handle, future.source());
  }

  /** The same about a callback. */
  public ExceptionContext withHandle(Handle handle) {
    return new ExceptionContext(message, exception, future, handle, handle.source());
  }

  /** The context in which the handler is called: that of the future or handle, if it has one. */
  @Nullable Context context() {
    if (future instanceof Task<?> task) {
      return task.getContext();
    }
    return handle == null ? null : handle.getContext();
  }
}
