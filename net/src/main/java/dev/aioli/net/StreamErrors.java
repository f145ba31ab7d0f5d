package dev.aioli.net;

import dev.aioli.EventLoop;
import dev.aioli.ExceptionContext;
import org.jspecify.annotations.Nullable;

/** Errors of streams that nobody else would hear of. */
final class StreamErrors {
  private StreamErrors() {}

  /** Hands an error to the loop's exception handler; with what made the stream, in debug mode. */
  static void report(
      EventLoop loop, String message, @Nullable Throwable cause, @Nullable Throwable source) {
    loop.callExceptionHandler(new ExceptionContext(message, cause, null, null, source));
  }
}
