package dev.aioli.http.client;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.PrematureChannelClosureException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** Why a connection ended, for messages. */
final class Causes {
  private Causes() {}

  /** What Netty has wrapped, or the cause itself. */
  static Throwable unwrapped(Throwable cause) {
    Throwable inner = cause.getCause();
    return cause instanceof DecoderException && inner != null ? inner : cause;
  }

  /** The reason in brackets, to be appended; nothing if it tells no more than that it ended. */
  static String reason(@Nullable Throwable cause) {
    if (cause == null) {
      return "";
    }
    Throwable told = unwrapped(cause);
    if (told instanceof ClosedChannelException
        || told instanceof PrematureChannelClosureException) {
      return "";
    }
    String message = told.getMessage();
    return " (" + (message == null ? told.toString() : message) + ")";
  }
}
