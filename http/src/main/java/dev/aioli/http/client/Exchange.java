package dev.aioli.http.client;

import dev.aioli.Future;
import dev.aioli.http.Headers;
import dev.aioli.http.JsonCodec;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way and what becomes of its response. The connection calls the {@code on...}
 * methods on the loop's thread, in this order: head, any number of chunks, end; or an error at any
 * time, and then nothing more.
 */
abstract sealed class Exchange permits FullExchange, StreamedResponse {
  private final HttpRequest request;
  private final Url url;
  private final HttpHeaders fields;
  private final @Nullable JsonCodec json;
  private @Nullable Upload upload;
  private boolean sent;
  private boolean answered;
  private boolean unprocessed;
  private boolean othersProcessed;
  private boolean endsWithConnection;
  private String version = "HTTP/1.1";
  private @Nullable Http2ClientStream stream;

  /**
   * An exchange.
   *
   * @param fields what the head has besides what every request on the connection has
   * @param json what reads the response, if that is JSON; null for the default
   */
  Exchange(HttpRequest request, Url url, HttpHeaders fields, @Nullable JsonCodec json) {
    this.json = json;
    this.request = request;
    this.url = url;
    this.fields = fields;
  }

  final HttpRequest request() {
    return request;
  }

  /** Where the request goes; after a redirect not where the request says. */
  final Url asked() {
    return url;
  }

  final HttpHeaders fields() {
    return fields;
  }

  final @Nullable JsonCodec json() {
    return json;
  }

  /** The body that a task writes; null if there is none, or it is in memory. */
  final @Nullable Upload upload() {
    return upload;
  }

  final void upload(Upload newUpload) {
    upload = newUpload;
  }

  /** Whether the server has got all of the request. */
  final boolean requestComplete() {
    return upload == null || upload.complete();
  }

  /** Whether the request has been handed to the socket. */
  final boolean sent() {
    return sent;
  }

  final void markSent() {
    sent = true;
  }

  /** Whether something of the response has arrived. */
  final boolean answered() {
    return answered;
  }

  /**
   * Something of the response has arrived.
   *
   * @param newVersion in which version of HTTP
   */
  final void markAnswered(String newVersion) {
    answered = true;
    version = newVersion;
  }

  /** The version of HTTP in which it came: "HTTP/1.0", "HTTP/1.1" or "HTTP/2". */
  String version() {
    return version;
  }

  /** Whether it is certain that the server has not looked at the request. */
  final boolean unprocessed() {
    return unprocessed;
  }

  /**
   * Whether it is so while the server has looked at others, so that asking on gets us somewhere.
   */
  final boolean overtaken() {
    return unprocessed && othersProcessed;
  }

  /**
   * The server has not looked at the request.
   *
   * @param others whether it has looked at others on the same connection
   */
  final void markUnprocessed(boolean others) {
    unprocessed = true;
    othersProcessed = others;
  }

  /** What an HTTP/2 connection knows of this; null on others. */
  final @Nullable Http2ClientStream stream() {
    return stream;
  }

  final void stream(Http2ClientStream newStream) {
    stream = newStream;
  }

  /** Whether nothing but the end of the connection will end the response. */
  final boolean endsWithConnection() {
    return endsWithConnection;
  }

  /** Before the head is handed on. */
  final void endsWithConnection(boolean newEndsWithConnection) {
    endsWithConnection = newEndsWithConnection;
  }

  /** The fields of the head; none if it has not arrived. */
  abstract Headers headers();

  /** Whether the response has no body, whatever its head says (RFC 9112, 6.3). */
  final boolean bodiless(int status) {
    return request.method().equals("HEAD") || status == 204 || status == 304;
  }

  /** What the task that made the request waits for: the whole response, or its head. */
  abstract Future<?> outcome();

  /**
   * The head has arrived.
   *
   * @param length the length of the body as announced; negative if unknown
   */
  abstract void onHead(int status, Headers headers, long length);

  /** A part of the body has arrived. It is the caller's, who releases it. */
  abstract void onChunk(ByteBuf chunk);

  /** Whether the connection should be left alone until {@link ClientConnection#resumeReading}. */
  boolean full() {
    return false;
  }

  /** The response is complete. */
  abstract void onEnd();

  /** There will be no complete response. */
  abstract void onError(HttpException error);

  /** How much of the body has arrived, in bytes on the wire. */
  abstract long received();

  @Override
  public final String toString() {
    return request.method() + " " + url;
  }
}
