package dev.aioli.http;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A handler's answer.
 *
 * @param status the status code, 200 to 599
 * @param headers sent as they are; Content-Length, Date and Connection are the server's
 * @param body empty for none
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes are handed over, not compared
public record ServerResponse(int status, Headers headers, byte[] body) {
  private static final byte[] EMPTY = {};
  private static final Headers TEXT = Headers.of("Content-Type", "text/plain; charset=utf-8");
  private static final Headers JSON = Headers.of("Content-Type", "application/json");
  private static final Headers BYTES = Headers.of("Content-Type", "application/octet-stream");

  /**
   * Checks the status.
   *
   * @throws IllegalArgumentException if it is not from 200 to 599
   */
  public ServerResponse {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("expected a status from 200 to 599, was " + status);
    }
    Objects.requireNonNull(headers, "headers");
    Objects.requireNonNull(body, "body");
  }

  /** A status without a body. */
  public static ServerResponse status(int status) {
    return new ServerResponse(status, Headers.EMPTY, EMPTY);
  }

  /** Text, in UTF-8. */
  public static ServerResponse text(int status, String text) {
    return new ServerResponse(status, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Text, in UTF-8, with status 200. */
  public static ServerResponse text(String text) {
    return text(200, text);
  }

  /** A value as JSON, with status 200: a tree, or anything else that Jackson can write. */
  public static ServerResponse json(Object value) {
    return new ServerResponse(200, JSON, Json.MAPPER.writeValueAsBytes(value));
  }

  /** Bytes, with status 200. */
  public static ServerResponse bytes(byte[] body) {
    return new ServerResponse(200, BYTES, body);
  }

  /** The same with one more header field. */
  public ServerResponse header(String name, String value) {
    return new ServerResponse(status, headers.with(name, value), body);
  }

  @Override
  public String toString() {
    return "ServerResponse[" + status + ", " + body.length + " bytes]";
  }
}
