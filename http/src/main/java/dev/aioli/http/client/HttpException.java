package dev.aioli.http.client;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request that failed. The message names the request and what was expected, without the user and
 * the password of a URL; the nested classes tell the kinds apart.
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

  /** Something took longer than its time limit; {@link #limit} tells what. */
  public static final class TimedOut extends HttpException {
    private static final long serialVersionUID = 1L;
    private final Limit limit;

    /** The time limits of a client. */
    public enum Limit {
      /** {@link HttpClientBuilder#connectTimeout}. */
      CONNECT,
      /** {@link HttpClientBuilder#responseTimeout}. */
      RESPONSE,
      /** {@link HttpClientBuilder#readTimeout}. */
      READ,
      /** {@link HttpClientBuilder#timeout}, or {@link HttpRequest#timeout}. */
      TOTAL
    }

    TimedOut(Limit limit, String message, @Nullable Throwable cause) {
      super(message, cause);
      this.limit = limit;
    }

    /** Which limit it was. */
    public Limit limit() {
      return limit;
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

  /** The body of the request could not be had, or is not as long as it promised. */
  public static final class BodyFailed extends HttpException {
    private static final long serialVersionUID = 1L;

    BodyFailed(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** A redirect that cannot be followed: one too many, or to what the client cannot ask. */
  public static final class BadRedirect extends HttpException {
    private static final long serialVersionUID = 1L;

    private final transient List<HttpResponse> history;

    BadRedirect(String message, List<HttpResponse> history, @Nullable Throwable cause) {
      super(message, cause);
      this.history = history;
    }

    /** The redirects, first to last. */
    public List<HttpResponse> history() {
      return history;
    }
  }

  /** A response with a status of 400 or more, for those who asked to be told so. */
  public static final class BadStatus extends HttpException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_TEXT = 200;
    private static final Pattern TEXT =
        Pattern.compile(
            "^(text/(?!html)|application/([a-z0-9.-]+\\+)?json)", Pattern.CASE_INSENSITIVE);
    private static final Pattern CONTROLS = Pattern.compile("\\p{Cntrl}");
    private final transient HttpResponse response;

    BadStatus(String method, HttpResponse response) {
      super(
          "expected a status below 400, found "
              + response.status()
              + ": "
              + method
              + " "
              + response.url()
              + beginning(response),
          null);
      this.response = response;
    }

    /** The first line of a text, which often says what is wrong. */
    private static String beginning(HttpResponse response) {
      String type = response.headers().get("content-type");
      if (type == null || !TEXT.matcher(type).find()) {
        return "";
      }
      String line =
          response
              .text()
              .lines()
              .map(String::strip)
              .filter(text -> !text.isEmpty())
              .findFirst()
              .orElse("");
      line = CONTROLS.matcher(line).replaceAll("?");
      return line.isEmpty()
          ? ""
          : ": " + (line.length() > MAX_TEXT ? line.substring(0, MAX_TEXT) + "..." : line);
    }

    /** The response. */
    public HttpResponse response() {
      return response;
    }
  }
}
