package dev.aioli.http.server;

import dev.aioli.http.Headers;
import dev.aioli.http.WebSocket;
import dev.aioli.http.WebSocketOptions;
import dev.aioli.http.json.Json;
import dev.aioli.http.url.UrlParts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A handler's answer. Not changed once made: {@link #header} and the like give a new one. */
public final class ServerResponse {
  private static final Headers TEXT = Headers.of("Content-Type", "text/plain; charset=utf-8");
  private static final Headers HTML = Headers.of("Content-Type", "text/html; charset=utf-8");
  private static final Headers JSON = Headers.of("Content-Type", "application/json");
  private static final Headers BYTES = Headers.of("Content-Type", "application/octet-stream");

  private static final List<String> OF_THE_BODY = List.of("Content-Type");

  private final int status;
  private final Headers headers;
  private final ResponseBody body;

  /** What an answer with 304 says that the client has; null if that is not known. */
  private final @Nullable ServerResponse unmodified;

  ServerResponse(int status, Headers headers, ResponseBody body) {
    this(status, headers, body, null);
  }

  private ServerResponse(
      int status, Headers headers, ResponseBody body, @Nullable ServerResponse unmodified) {
    this.status = status;
    this.headers = Objects.requireNonNull(headers, "headers");
    this.body = body;
    this.unmodified = unmodified;
  }

  private static int checkStatus(int status) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("expected a status from 200 to 599, was " + status);
    }
    return status;
  }

  /**
   * An answer in full.
   *
   * @param status the status code, 200 to 599
   * @param headers sent as they are; Content-Length, Transfer-Encoding, Date and Connection are the
   *     server's
   * @param body empty for none; not copied
   * @throws IllegalArgumentException if the status is out of range
   */
  public static ServerResponse of(int status, Headers headers, byte[] body) {
    Objects.requireNonNull(body, "body");
    return new ServerResponse(checkStatus(status), headers, new ResponseBody.Bytes(body));
  }

  /** A status without a body. */
  public static ServerResponse status(int status) {
    return new ServerResponse(checkStatus(status), Headers.EMPTY, ResponseBody.EMPTY);
  }

  /** Text, in UTF-8. */
  public static ServerResponse text(int status, String text) {
    return of(status, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Text, in UTF-8, with status 200. */
  public static ServerResponse text(String text) {
    return text(200, text);
  }

  /** A page of HTML, in UTF-8, with status 200. */
  public static ServerResponse html(String page) {
    return of(200, HTML, page.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A value as JSON, with status 200: anything that the server's {@link HttpServerBuilder#json} can
   * write. It is written at once, here: of megabytes the loop should be spared, by {@code
   * toThread}.
   *
   * @throws dev.aioli.http.JsonException if it cannot be written
   * @throws IllegalStateException if there is no codec: Jackson is not there
   */
  public static ServerResponse json(Object value) {
    return json(200, value);
  }

  /** A value as JSON, as {@link #json(Object)}, with another status. */
  public static ServerResponse json(int status, Object value) {
    return of(status, JSON, Json.ofTheServer().write(value));
  }

  /** Bytes, with status 200. */
  public static ServerResponse bytes(byte[] body) {
    return of(200, BYTES, body);
  }

  /** Sends the client to another URL for now: status 302. */
  public static ServerResponse redirect(String location) {
    return redirect(302, location);
  }

  /**
   * Sends the client to another URL.
   *
   * @param status 301, 302, 303, 307 or 308
   * @param location an absolute URL, or one relative to that of the request; what URLs do not hold
   *     is percent-encoded, in UTF-8
   * @throws IllegalArgumentException if it has control characters or half of a surrogate pair
   */
  public static ServerResponse redirect(int status, String location) {
    if (status < 301 || status > 308 || (status > 303 && status < 307)) {
      throw new IllegalArgumentException(
          "expected a status of 301, 302, 303, 307 or 308, was " + status);
    }
    return status(status).header("Location", UrlParts.inField(location));
  }

  /**
   * A body that is written while it is sent, with status 200. The writer runs when the head has
   * been sent. For a HEAD request, or if the client has gone, it never runs: what only the writer
   * would close stays open then.
   *
   * @param contentType such as {@code text/csv}
   */
  public static ServerResponse stream(String contentType, BodyWriter writer) {
    return stream(contentType, -1, writer);
  }

  /**
   * As {@link #stream(String, BodyWriter)}, for a body whose length is known.
   *
   * @param length in bytes; the writer must write just as many, or the connection is closed
   */
  public static ServerResponse stream(String contentType, long length, BodyWriter writer) {
    return new ServerResponse(
        200,
        Headers.of("Content-Type", contentType),
        new ResponseBody.Streamed(Objects.requireNonNull(writer, "writer"), Math.max(length, -1)));
  }

  /** A part of a file. */
  static ServerResponse file(int status, Headers headers, Path file, long offset, long length) {
    return new ServerResponse(status, headers, new ResponseBody.FilePart(file, offset, length));
  }

  /** Says that the client has the answer already: its validators, without what is of the body. */
  static ServerResponse notModified(ServerResponse unmodified) {
    Headers validators = unmodified.headers.without(OF_THE_BODY);
    return new ServerResponse(304, validators, ResponseBody.EMPTY, unmodified);
  }

  /**
   * Makes the connection a {@link WebSocket}. A request that asks for none is answered by 426.
   * Header fields and cookies that are added go with the answer to the handshake.
   *
   * @param handler talks; when it returns the WebSocket is closed
   */
  public static ServerResponse webSocket(WebSocketHandler handler) {
    return webSocket(WebSocketOptions.DEFAULT, handler);
  }

  /** As {@link #webSocket(WebSocketHandler)}, with limits and protocols. */
  public static ServerResponse webSocket(WebSocketOptions options, WebSocketHandler handler) {
    return new ServerResponse(
        101,
        Headers.EMPTY,
        new ResponseBody.Upgrade(
            Objects.requireNonNull(options, "options"),
            Objects.requireNonNull(handler, "handler")));
  }

  /** The status code. */
  public int status() {
    return status;
  }

  /** The header fields, but for those that the server adds. */
  public Headers headers() {
    return headers;
  }

  ResponseBody body() {
    return body;
  }

  /** The same with another status. */
  public ServerResponse withStatus(int newStatus) {
    return new ServerResponse(checkStatus(newStatus), headers, body);
  }

  /** The same with one more header field. */
  public ServerResponse header(String name, String value) {
    return with(headers.with(name, value), body);
  }

  /** The same with a cookie for the client to keep. */
  public ServerResponse cookie(SetCookie cookie) {
    return header("Set-Cookie", cookie.toString());
  }

  /** The same with other header fields and another body. */
  ServerResponse with(Headers newHeaders, ResponseBody newBody) {
    return new ServerResponse(status, newHeaders, newBody, unmodified);
  }

  /** What an answer with 304 says that the client has; null if that is not known. */
  @Nullable ServerResponse unmodified() {
    return unmodified;
  }

  @Override
  public String toString() {
    String size =
        switch (body) {
          case ResponseBody.Bytes bytes -> bytes.bytes().length + " bytes";
          case ResponseBody.Streamed streamed when streamed.length() < 0 -> "streamed";
          case ResponseBody.Streamed streamed -> streamed.length() + " bytes streamed";
          case ResponseBody.FilePart part -> part.length() + " bytes of " + part.file();
          case ResponseBody.Upgrade upgrade -> "WebSocket";
        };
    return "ServerResponse[" + status + ", " + size + "]";
  }
}
