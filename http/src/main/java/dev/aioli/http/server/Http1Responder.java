package dev.aioli.http.server;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import dev.aioli.http.wire.Callbacks;
import dev.aioli.http.wire.ChannelWriter;
import dev.aioli.http.wire.Deadline;
import dev.aioli.net.NettyPoller;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Writes the responses of one HTTP/1.1 connection, one after the other. */
final class Http1Responder {
  private final HttpServer server;
  private final Channel channel;
  private final ResponseEncoder encoder;

  /** Where bytes are written, which the encoder does not see. */
  private final ChannelHandlerContext beforeEncoder;

  private final ChannelWriter writer;
  private final Callbacks callbacks;
  private final boolean secure;
  private boolean headSent;
  private @Nullable ChannelFuture last;

  Http1Responder(
      HttpServer server,
      NettyPoller poller,
      Channel channel,
      ResponseEncoder encoder,
      ServerSettings settings,
      Callbacks callbacks) {
    this.callbacks = callbacks;
    this.server = server;
    this.channel = channel;
    this.encoder = encoder;
    beforeEncoder = channel.pipeline().context(encoder);
    writer = new ChannelWriter(poller, channel, Deadline.nanos(settings.writeTimeout()));
    secure = settings.tls() != null;
  }

  // ---- on the loop's thread

  /** Sends a response that is at hand. */
  void sendNow(ServerRequest request, ServerResponse response, boolean keepAlive) {
    byte[] bytes = ((ResponseBody.Bytes) response.body()).bytes();
    if (SmallResponse.suits(request, response.status(), bytes)) {
      last =
          writer.writeNow(
              beforeEncoder,
              server
                  .smallResponses()
                  .encode(channel.alloc(), request, response, bytes, server.date(), keepAlive),
              bytes.length);
      return;
    }
    boolean head = request.method().equals("HEAD");
    encoder.answersHead(head);
    last =
        writer.writeNow(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(response.status()),
                head || bytes.length == 0 || !hasBody(response)
                    ? Unpooled.EMPTY_BUFFER
                    : Unpooled.wrappedBuffer(bytes),
                head(request, response, bytes.length, keepAlive),
                EmptyHttpHeaders.INSTANCE),
            bytes.length);
  }

  /** Sends what is said to a request that cannot be understood. */
  void refuse(HttpStatusException refusal) {
    ServerResponse response = refusal.response();
    byte[] bytes = ((ResponseBody.Bytes) response.body()).bytes();
    HttpHeaders headers = Headers.NETTY.fields(response.headers()).copy();
    removeFraming(headers);
    headers.set(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
    headers.set(HttpHeaderNames.DATE, server.date());
    headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    encoder.answersHead(false);
    last =
        writer.writeNow(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(response.status()),
                Unpooled.wrappedBuffer(bytes),
                headers,
                EmptyHttpHeaders.INSTANCE),
            bytes.length);
  }

  /** Runs something when all that was sent is in the hands of the system. */
  void whenSent(Runnable action) {
    ChannelFuture pending = last;
    if (pending == null || pending.isDone()) {
      action.run();
    } else {
      pending.addListener(done -> {
        if (done.isSuccess()) {
          callbacks.run(action); // Netty would swallow its failure
        }
      });
    }
  }

  void closeWhenSent() {
    whenSent(() -> {
      var _ = channel.close();
    });
  }

  /** The next response has not begun. */
  void reset() {
    headSent = false;
  }

  void closed() {
    writer.closed();
  }

  // ---- in the turn

  /** Whether the head of the present response is out, so that no other can be sent. */
  boolean headSent() {
    return headSent;
  }

  /** Sends a message between responses. */
  void post(Object message) {
    writer.post(message);
  }

  /**
   * Sends a response that takes a while.
   *
   * @throws Exception of the writer of the body; an {@link IOException} if the client has gone
   */
  @Suspends
  void send(ServerRequest request, ServerResponse response, boolean keepAlive) throws Exception {
    switch (response.body()) {
      case ResponseBody.Streamed(BodyWriter body, long length) ->
          stream(request, response, length, keepAlive, body);
      case ResponseBody.FilePart part -> sendFile(request, response, part, keepAlive);
      default -> throw new AssertionError(response.body());
    }
  }

  @Suspends
  private void stream(
      ServerRequest request,
      ServerResponse response,
      long length,
      boolean keepAlive,
      BodyWriter body)
      throws Exception {
    boolean sendsBody = begin(request, response, length, keepAlive);
    if (sendsBody) {
      ResponseStream out = new ResponseStream(new BodySink(length));
      body.write(out);
      if (length >= 0 && out.written() != length) {
        throw new IllegalStateException(
            "expected a body of " + length + " bytes, the handler wrote " + out.written());
      }
    }
    end();
  }

  /** Sends the head; gives whether a body follows. */
  private boolean begin(
      ServerRequest request, ServerResponse response, long length, boolean keepAlive) {
    boolean isHead = request.method().equals("HEAD");
    headSent = true;
    HttpHeaders headers = head(request, response, length, keepAlive);
    encoder.answersHead(isHead); // the response before this one has been written
    writer.post(
        new DefaultHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(response.status()), headers));
    return !isHead && hasBody(response);
  }

  @Suspends
  private void end() throws IOException {
    writer.write(LastHttpContent.EMPTY_LAST_CONTENT, 0);
    writer.flush();
  }

  /** Where the pieces of a body go. */
  private final class BodySink implements ResponseStream.Sink {
    private long left;

    BodySink(long length) {
      left = length < 0 ? Long.MAX_VALUE : length;
    }

    @Override
    public void write(byte[] bytes) throws IOException {
      left -= bytes.length;
      if (left < 0) {
        throw new IllegalStateException(
            "the handler wrote more than the length that it had announced, by " + -left + " bytes");
      }
      writer.write(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)), bytes.length);
    }

    @Override
    public void flush() throws IOException {
      writer.flush();
    }
  }

  @Suspends
  private void sendFile(
      ServerRequest request, ServerResponse response, ResponseBody.FilePart part, boolean keepAlive)
      throws Exception {
    FileChannel file =
        Asyncio.toThread(() -> FileChannel.open(part.file(), StandardOpenOption.READ));
    try {
      if (begin(request, response, part.length(), keepAlive)) {
        if (secure) {
          // What is encrypted has to pass through memory.
          FilePieces.copy(
              file,
              part,
              piece ->
                  writer.write(
                      new DefaultHttpContent(Unpooled.wrappedBuffer(piece)), piece.length));
        } else {
          // The region closes the file when it has been sent, or is dropped.
          FileChannel handedOver = file;
          file = null;
          writer.write(
              new DefaultFileRegion(handedOver, part.offset(), part.length()), part.length());
        }
      }
      end();
    } finally {
      if (file != null) {
        file.close();
      }
    }
  }

  private static boolean hasBody(ServerResponse response) {
    return response.status() != 204 && response.status() != 304;
  }

  /** Where a message ends is decided here: two opinions would let one be smuggled in. */
  private static void removeFraming(HttpHeaders headers) {
    headers.remove(HttpHeaderNames.CONTENT_LENGTH);
    headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
    headers.remove(HttpHeaderNames.CONNECTION);
  }

  private HttpHeaders head(
      ServerRequest request, ServerResponse response, long length, boolean keepAlive) {
    HttpHeaders headers =
        DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
    headers.set(Headers.NETTY.fields(response.headers()));
    removeFraming(headers);
    if (hasBody(response)) {
      if (length >= 0) {
        headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
      } else if (request.version().equals("HTTP/1.1")) {
        headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      }
    }
    headers.set(HttpHeaderNames.DATE, server.date());
    if (!keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (!request.version().equals("HTTP/1.1")) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    return headers;
  }
}
