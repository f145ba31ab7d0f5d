package dev.aioli.http.server;

import dev.aioli.http.Headers;
import java.util.Objects;

/**
 * Thrown by a handler to answer with a status, from however deep inside: as aiohttp's {@code
 * web.HTTPException}. It reaches no exception handler.
 *
 * <pre>{@code
 * throw new HttpStatusException(404, "no user '" + name + "'");
 * }</pre>
 *
 * <p>The server throws it, too, when a handler reads a body that is malformed (400), comes too
 * slowly (408) or is too large (413).
 */
public final class HttpStatusException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient Headers headers;

  /**
   * An answer with a text.
   *
   * @param status 300 to 599
   * @param message the body of the answer; the client sees it
   */
  public HttpStatusException(int status, String message) {
    this(status, message, Headers.EMPTY);
  }

  /** As above, with header fields. */
  public HttpStatusException(int status, String message, Headers headers) {
    super(Objects.requireNonNull(message, "message"));
    if (status < 300 || status > 599) {
      throw new IllegalArgumentException("expected a status from 300 to 599, was " + status);
    }
    this.status = status;
    this.headers = Objects.requireNonNull(headers, "headers");
  }

  /** The status code. */
  public int status() {
    return status;
  }

  /** The answer that it stands for. */
  ServerResponse response() {
    ServerResponse response = ServerResponse.text(status, status + ": " + getMessage() + "\n");
    for (var field : headers) {
      response = response.header(field.getKey(), field.getValue());
    }
    return response;
  }
}
