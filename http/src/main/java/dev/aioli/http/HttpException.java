package dev.aioli.http;

import org.jspecify.annotations.Nullable;

/**
 * A request that got no complete response. The message names the request and what was expected; the
 * nested classes tell the kinds apart.
 */
public sealed class HttpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private HttpException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The URL is not one that the client can ask. Nothing was sent. */
  public static final class InvalidUrl extends HttpException {
    private static final long serialVersionUID = 1L;

    InvalidUrl(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** No connection: the host is unknown, refuses, or its certificate does not convince. */
  public static final class ConnectFailed extends HttpException {
    private static final long serialVersionUID = 1L;

    ConnectFailed(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The connection, or the response, took longer than its time limit. */
  public static final class TimedOut extends HttpException {
    private static final long serialVersionUID = 1L;

    TimedOut(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The connection ended before the response was complete. */
  public static final class Disconnected extends HttpException {
    private static final long serialVersionUID = 1L;

    Disconnected(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** What the server sent is not HTTP, or breaks its rules. */
  public static final class ProtocolError extends HttpException {
    private static final long serialVersionUID = 1L;

    ProtocolError(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The body is larger than what the client is willing to hold; read it as a stream. */
  public static final class BodyTooLarge extends HttpException {
    private static final long serialVersionUID = 1L;

    BodyTooLarge(String message) {
      super(message, null);
    }
  }
}
