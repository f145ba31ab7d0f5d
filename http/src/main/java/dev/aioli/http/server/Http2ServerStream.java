package dev.aioli.http.server;

import dev.aioli.Asyncio;
import dev.aioli.ExceptionContext;
import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.Task;
import dev.aioli.http.Headers;
import dev.aioli.http.wire.Deadline;
import dev.aioli.http.wire.Http2Fields;
import dev.aioli.http.wire.Tokens;
import dev.aioli.lowlevel.WaitQueue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One request on an HTTP/2 connection of the server, and its answer. In the loop's turn only. */
final class Http2ServerStream implements IncomingBody.Source {
  private static final String VERSION = "HTTP/2";
  private static final int HIGH_WATER_BYTES = 64 * 1024;
  private static final int LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;
  private static final AsciiString CONTINUE = AsciiString.cached("100");

  private final Http2ServerConnection connection;
  private final int id;

  // Of the request.
  private @Nullable IncomingBody body;
  private @Nullable Task<@Nullable ServerResponse> task;
  private @Nullable Deadline arrival;
  private long bodyNanos;
  private int unconsumed;
  private boolean awaitsContinue;

  // Of the answer.
  private final WaitQueue waiters = new WaitQueue();
  private @Nullable Deadline stall;
  private long stallNanos;
  private long outstanding;
  private boolean headSent;
  private boolean lastSent;
  private boolean closed;
  private boolean cancelled;

  Http2ServerStream(Http2ServerConnection connection, int id) {
    this.connection = connection;
    this.id = id;
  }

  // ---- the request, on the loop's thread

  /** Takes the head and has the request handled. */
  void begin(Http2Headers head, boolean last, ServerSettings settings) {
    bodyNanos = Deadline.nanos(settings.bodyTimeout());
    stallNanos = Deadline.nanos(settings.writeTimeout());
    HttpHeaders fields = Http2Fields.received(head);
    awaitsContinue =
        !last && fields.contains(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true);
    IncomingBody incoming =
        new IncomingBody(connection.poller().loop(), this, last ? 0 : length(fields));
    body = incoming;
    if (last) {
      incoming.end();
    } else if (!awaitsContinue) {
      awaitMore();
    }
    ServerRequest request;
    try {
      request = request(head, fields, incoming, settings.maxBodyBytes());
    } catch (HttpStatusException e) {
      respond("GET", e.response());
      return;
    }
    Task<@Nullable ServerResponse> handling =
        connection.poller().loop().createTask(() -> answer(request));
    task = handling;
    handling.addDoneCallback(done -> answered(request, done));
  }

  private static long length(HttpHeaders fields) {
    String length = fields.get(HttpHeaderNames.CONTENT_LENGTH);
    return length == null ? -1 : Long.parseLong(length); // Netty has checked that it is a number
  }

  private ServerRequest request(
      Http2Headers head, HttpHeaders fields, IncomingBody incoming, long maxBodyBytes) {
    CharSequence method = head.method();
    CharSequence target = head.path();
    if (method == null || head.scheme() == null || (target == null && !isConnect(method))) {
      throw new HttpStatusException(400, "expected a request with :method, :scheme and :path");
    }
    if (isConnect(method)) {
      throw new HttpStatusException(405, "this is no proxy");
    }
    CharSequence authority = head.authority();
    String host = fields.get(HttpHeaderNames.HOST);
    if (authority != null && host == null) {
      fields.set(HttpHeaderNames.HOST, authority.toString());
    } else if (authority != null && !host.equalsIgnoreCase(authority.toString())) {
      throw new HttpStatusException(400, "expected the same host in :authority and in Host");
    }
    HttpMethod http1Method;
    try {
      http1Method = HttpMethod.valueOf(Tokens.check(method.toString(), "method"));
    } catch (IllegalArgumentException e) {
      throw new HttpStatusException(400, String.valueOf(e.getMessage()));
    }
    HttpStatusException refusal =
        RequestCheck.refusal(
            new DefaultHttpRequest(
                HttpVersion.HTTP_1_1, http1Method, String.valueOf(target), fields));
    if (refusal != null) {
      throw refusal;
    }
    return new ServerRequest(
        method.toString(),
        String.valueOf(target),
        Headers.NETTY.headers(fields),
        VERSION,
        incoming,
        maxBodyBytes,
        connection.peer());
  }

  private static boolean isConnect(CharSequence method) {
    return HttpMethod.CONNECT.asciiName().contentEquals(method);
  }

  /**
   * Takes a part of the body.
   *
   * @return how much of the window is free again
   */
  int data(ByteBuf data, int padding, boolean last) {
    int size = data.readableBytes() + padding;
    IncomingBody incoming = Objects.requireNonNull(body);
    incoming.add(data);
    awaitsContinue = false;
    if (last) {
      ended();
    } else if (incoming.full()) {
      stopWaiting(); // it is the handler that is slow
      unconsumed += size;
      return 0;
    } else {
      awaitMore();
    }
    return size;
  }

  /** The client has sent all. */
  void ended() {
    stopWaiting();
    Objects.requireNonNull(body).end();
  }

  private void awaitMore() {
    Deadline present = arrival;
    if (present == null) {
      present = new Deadline(connection.poller().loop(), this::nothingArrives);
      arrival = present;
    }
    present.set(bodyNanos);
  }

  private void stopWaiting() {
    if (arrival != null) {
      arrival.clear();
    }
  }

  private void nothingArrives() {
    Objects.requireNonNull(body)
        .fail(
            new HttpStatusException(
                408, "expected more of the body within " + bodyNanos / 1_000_000 + " ms"));
  }

  // ---- for the body, in the turn

  @Override
  public void wanted() {
    if (awaitsContinue) {
      awaitsContinue = false;
      boolean tooLate = headSent; // the client has its answer, and decides by itself
      connection
          .outbox()
          .add(() -> {
            if (!tooLate) {
              writeHead(ReadOnlyHttp2Headers.serverHeaders(false, CONTINUE), false);
            }
            IncomingBody incoming = Objects.requireNonNull(body);
            if (!closed && !incoming.ended() && !incoming.full()) {
              awaitMore();
            }
          });
    }
  }

  @Override
  public void resume() {
    int bytes = unconsumed;
    unconsumed = 0;
    if (bytes > 0) {
      connection
          .outbox()
          .add(() -> {
            if (!closed) {
              awaitMore();
              connection.consume(id, bytes);
            }
          });
    }
  }

  // ---- the answer

  /** Runs in the task of the request. A response that can be sent at once is given back. */
  @Suspends
  private @Nullable ServerResponse answer(ServerRequest request) throws Exception {
    ServerResponse response = connection.server().answer(request);
    switch (response.body()) {
      case ResponseBody.Bytes bytes -> {
        return response;
      }
      case ResponseBody.Streamed(BodyWriter writer, long length) ->
          stream(request, response, length, writer);
      case ResponseBody.FilePart part -> sendFile(request, response, part);
      case ResponseBody.Upgrade upgrade -> {
        return ServerResponse.text(
            426, "426: expected a WebSocket, which this server talks over HTTP/1.1 only\n");
      }
    }
    return null;
  }

  @Suspends
  private void stream(
      ServerRequest request, ServerResponse response, long length, BodyWriter writer)
      throws Exception {
    if (begin(request, response, length)) {
      ResponseStream out = new ResponseStream(new PieceSink());
      writer.write(out);
      if (length >= 0 && out.written() != length) {
        throw new IllegalStateException(
            "expected a body of " + length + " bytes, the handler wrote " + out.written());
      }
      end();
    }
  }

  @Suspends
  private void sendFile(ServerRequest request, ServerResponse response, ResponseBody.FilePart part)
      throws Exception {
    try (FileChannel file =
        Asyncio.toThread(() -> FileChannel.open(part.file(), StandardOpenOption.READ))) {
      if (begin(request, response, part.length())) {
        FilePieces.copy(file, part, this::write);
        end();
      }
    }
  }

  /** Sends the head; gives whether a body follows. */
  private boolean begin(ServerRequest request, ServerResponse response, long length) {
    boolean bodyFollows = !request.method().equals("HEAD") && hasBody(response);
    Http2Headers head = head(response, length);
    headSent = true;
    lastSent = !bodyFollows;
    connection.outbox().add(() -> writeHead(head, !bodyFollows));
    return bodyFollows;
  }

  /** Where the pieces of a body go. */
  private final class PieceSink implements ResponseStream.Sink {
    @Override
    public void write(byte[] bytes) throws IOException {
      Http2ServerStream.this.write(bytes);
    }

    @Override
    public void flush() throws IOException {
      checkOpen();
      while (outstanding > 0) {
        awaitRoom();
      }
    }
  }

  @Suspends
  private void write(byte[] bytes) throws IOException {
    checkOpen();
    outstanding += bytes.length;
    connection.outbox().add(() -> writeData(bytes, 0, bytes.length, false));
    while (outstanding > HIGH_WATER_BYTES) {
      awaitRoom();
    }
  }

  @Suspends
  private void awaitRoom() throws IOException {
    waiters.await(connection.poller().loop(), woken -> {}); // a wake-up is for all
    checkOpen();
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("the client has gone away, or does not want the rest");
    }
  }

  private void end() {
    lastSent = true;
    connection.outbox().add(() -> writeData(new byte[0], 0, 0, true));
  }

  private void answered(ServerRequest request, Future<@Nullable ServerResponse> done) {
    task = null;
    if (done.cancelled() && cancelled) {
      connection.reset(id, Http2Error.CANCEL);
      return;
    }
    Throwable exception = Outcome.exception(done);
    if (exception != null) {
      if (!closed) {
        connection
            .poller()
            .loop()
            .callExceptionHandler(
                ExceptionContext.of("Exception in HTTP handler of " + request, exception)
                    .withFuture(done));
      }
      if (headSent) {
        connection.reset(id, Http2Error.INTERNAL_ERROR); // that is how the client learns
      } else {
        respond(request.method(), ServerResponse.text(500, "500: the handler failed\n"));
      }
    } else if (done.result() != null) {
      respond(request.method(), done.result());
    }
  }

  /** Sends a response that is at hand. On the loop's thread. */
  private void respond(String method, ServerResponse response) {
    byte[] bytes = ((ResponseBody.Bytes) response.body()).bytes();
    boolean bodyFollows = bytes.length > 0 && !method.equals("HEAD") && hasBody(response);
    headSent = true;
    lastSent = true;
    writeHead(head(response, bytes.length), !bodyFollows);
    if (bodyFollows) {
      outstanding += bytes.length;
      for (int from = 0; from < bytes.length; from += HIGH_WATER_BYTES) {
        int size = Math.min(HIGH_WATER_BYTES, bytes.length - from);
        writeData(bytes, from, size, from + size == bytes.length);
      }
    }
    connection.outbox().flushSoon();
  }

  private static boolean hasBody(ServerResponse response) {
    return response.status() != 204 && response.status() != 304;
  }

  private Http2Headers head(ServerResponse response, long length) {
    HttpHeaders fields = Headers.NETTY.fields(response.headers());
    Http2Headers head =
        new DefaultHttp2Headers(false, fields.size() + 4).status(String.valueOf(response.status()));
    HttpConversionUtil.toHttp2Headers(fields, head);
    head.remove(HttpHeaderNames.CONTENT_LENGTH); // the handler has no say in that
    if (hasBody(response) && length >= 0) {
      head.setLong(HttpHeaderNames.CONTENT_LENGTH, length);
    }
    head.set(HttpHeaderNames.DATE, connection.server().date());
    return head;
  }

  // ---- what is written, on the loop's thread

  private void writeHead(Http2Headers head, boolean last) {
    if (closed) {
      return;
    }
    ChannelHandlerContext open = connection.context();
    connection
        .codec()
        .encoder()
        .writeHeaders(open, id, head, 0, last, open.newPromise())
        .addListener(done -> {
          if (last) {
            lastWritten();
          }
        });
  }

  private void writeData(byte[] bytes, int from, int size, boolean last) {
    if (closed) {
      return;
    }
    ChannelHandlerContext open = connection.context();
    if (size > 0) {
      startStall();
    }
    ByteBuf content = Unpooled.wrappedBuffer(bytes, from, size);
    connection
        .codec()
        .encoder()
        .writeData(open, id, content, 0, last, open.newPromise())
        .addListener(done -> {
          outstanding -= size;
          written();
          if (last && done.isSuccess()) {
            lastWritten();
          }
        });
  }

  private void startStall() {
    Deadline present = stall;
    if (present == null) {
      present = new Deadline(connection.poller().loop(), this::stalled);
      stall = present;
      present.set(stallNanos);
    }
  }

  private void written() {
    if (stall != null) {
      if (outstanding > 0) {
        stall.set(stallNanos);
      } else {
        stall.close();
        stall = null;
      }
    }
    if (outstanding < LOW_WATER_BYTES) {
      waiters.wakeAll();
    }
  }

  private void stalled() {
    connection.reset(id, Http2Error.CANCEL);
  }

  /** The answer is out; the rest of the request is of no interest (RFC 9113, 8.1). */
  private void lastWritten() {
    if (!Objects.requireNonNull(body).ended()) {
      connection.reset(id, Http2Error.NO_ERROR);
    }
  }

  // ---- ending

  /** The stream is no more. */
  void closed() {
    closed = true;
    if (arrival != null) {
      arrival.close();
    }
    if (stall != null) {
      stall.close();
    }
    if (body != null) {
      body.fail(new HttpStatusException(400, "the client has given the request up"));
    }
    if (!lastSent) {
      cancel("the client has gone away");
    }
    waiters.wakeAll();
  }

  /** Cancels the handler. */
  void cancel(String reason) {
    cancelled = true;
    if (task != null) {
      task.cancel(reason);
    }
  }
}
