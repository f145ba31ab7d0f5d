package dev.aioli.http.server;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import dev.aioli.http.wire.Deadline;
import dev.aioli.http.wire.WriteProgress;
import dev.aioli.lowlevel.WaitQueue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Writes the answer to one request of an HTTP/2 connection. A client that takes nothing of it for
 * too long has its stream reset.
 */
final class Http2Responder {
  private static final int HIGH_WATER_BYTES = 64 * 1024;
  private static final int LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;
  private static final AsciiString CONTINUE = AsciiString.cached("100");

  private final Http2ServerConnection connection;
  private final int id;
  private final long stallNanos;
  private final Runnable allWritten;
  private final WaitQueue waiters = new WaitQueue();
  private @Nullable Deadline stall;
  private WriteProgress seen = WriteProgress.NONE;
  private long outstanding;
  private long submitted;
  private boolean headSent;
  private boolean lastSent;
  private boolean closed;

  /**
   * A responder of a stream.
   *
   * @param stallNanos how long the client may take nothing
   * @param allWritten runs on the loop's thread when the whole answer has been written
   */
  Http2Responder(Http2ServerConnection connection, int id, long stallNanos, Runnable allWritten) {
    this.connection = connection;
    this.id = id;
    this.stallNanos = stallNanos;
    this.allWritten = allWritten;
  }

  // ---- in the turn

  /** Whether the head of the answer is out, so that no other can be sent. */
  boolean headSent() {
    return headSent;
  }

  /** Whether the whole answer has been given to the connection. */
  boolean lastSent() {
    return lastSent;
  }

  // ---- in the task of the request

  /**
   * Sends a response that takes a while.
   *
   * @throws Exception of the writer of the body; an {@link IOException} if the client has gone
   */
  @Suspends
  void send(ServerRequest request, ServerResponse response) throws Exception {
    switch (response.body()) {
      case ResponseBody.Streamed(BodyWriter writer, long length) ->
          stream(request, response, length, writer);
      case ResponseBody.FilePart part -> sendFile(request, response, part);
      default -> throw new AssertionError(response.body());
    }
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
    connection.later(id, () -> writeHead(head, !bodyFollows));
    return bodyFollows;
  }

  /** Where the pieces of a body go. */
  private final class PieceSink implements ResponseStream.Sink {
    @Override
    public void write(byte[] bytes) throws IOException {
      Http2Responder.this.write(bytes);
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
    connection.later(id, () -> writeData(bytes, 0, bytes.length, false));
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
    connection.later(id, () -> writeData(new byte[0], 0, 0, true));
  }

  // ---- on the loop's thread

  /** Tells a client that waits for that to send the body. */
  void writeContinue() {
    writeHead(ReadOnlyHttp2Headers.serverHeaders(false, CONTINUE), false);
  }

  /** Sends a response that is at hand. */
  void sendNow(String method, ServerResponse response) {
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
            connection.now(id, allWritten);
          }
        });
  }

  private void writeData(byte[] bytes, int from, int size, boolean last) {
    if (closed) {
      return;
    }
    ChannelHandlerContext open = connection.context();
    submitted += size;
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
          connection.now(id, this::written);
          if (last && done.isSuccess()) {
            connection.now(id, allWritten);
          }
        });
  }

  private void startStall() {
    Deadline present = stall;
    if (present == null) {
      present = new Deadline(connection.poller().loop(), this::checkStall);
      stall = present;
      seen = progress();
      present.set(stallNanos);
    }
  }

  private void written() {
    if (stall != null && outstanding == 0) {
      stall.close();
      stall = null;
    }
    if (outstanding < LOW_WATER_BYTES) {
      waiters.wakeAll();
    }
  }

  /** Resets the stream if the client has taken nothing of it, not even a part of a piece. */
  private void checkStall() {
    WriteProgress now = progress();
    if (now.equals(seen)) {
      connection.reset(id, Http2Error.CANCEL);
    } else if (stall != null) {
      seen = now;
      stall.set(stallNanos);
    }
  }

  private WriteProgress progress() {
    long taken = connection.codec().progress(id);
    return taken < submitted
        ? new WriteProgress(taken, 0, 0) // what the socket takes is others'
        : WriteProgress.of(connection.context().channel(), taken);
  }

  /** The stream is no more: whoever waits will not wait longer. */
  void closed() {
    closed = true;
    if (stall != null) {
      stall.close();
    }
    waiters.wakeAll();
  }
}
