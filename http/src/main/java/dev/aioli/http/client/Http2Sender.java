package dev.aioli.http.client;

import dev.aioli.http.wire.Http2Codec;
import dev.aioli.http.wire.Http2Outbox;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the client sends on one HTTP/2 connection: the frames of its streams. All but {@link
 * #request} may be called by tasks, and happens in the next batch of the outbox.
 */
final class Http2Sender {
  private static final byte[] EMPTY = {};

  private final Http2Codec codec;
  private final Http2Outbox outbox;

  Http2Sender(Http2Codec codec, Http2Outbox outbox) {
    this.codec = codec;
    this.outbox = outbox;
  }

  /**
   * Sends the head of a request, and its body if that is at hand. On the loop's thread.
   *
   * @param failed is told why the head could not be sent
   */
  void request(Http2ClientStream stream, Http2Headers head, Consumer<Throwable> failed) {
    Exchange exchange = stream.exchange();
    byte[] bytes = exchange.request().body() instanceof BytesBody body ? body.bytes : EMPTY;
    boolean last = exchange.upload() == null && bytes.length == 0;
    ChannelHandlerContext open = context();
    codec
        .encoder()
        .writeHeaders(open, stream.id(), head, 0, last, open.newPromise())
        .addListener(written -> {
          if (!written.isSuccess()) {
            failed.accept(written.cause());
          }
        });
    if (bytes.length > 0 && !stream.over()) {
      var _ = write(stream, Unpooled.wrappedBuffer(bytes), true);
    }
  }

  /** Sends a piece of a body, and tells the upload's sink when that is done. */
  void body(Exchange exchange, byte[] bytes) {
    later(
        exchange.stream(),
        () -> {
          Upload upload = exchange.upload();
          Http2ClientStream stream = exchange.stream();
          if (upload == null || stream == null) {
            return;
          }
          if (stream.over()) {
            upload.sink().fail(stream.disconnected("wants no more of the body", null));
            return;
          }
          write(stream, Unpooled.wrappedBuffer(bytes), false)
              .addListener(written -> {
                if (written.isSuccess()) {
                  upload.sink().sent(bytes.length);
                } else {
                  upload
                      .sink()
                      .fail(stream.disconnected("wants no more of the body", written.cause()));
                }
              });
        });
  }

  /** Ends a body. */
  void endBody(Exchange exchange) {
    later(
        exchange.stream(),
        () -> {
          Http2ClientStream stream = exchange.stream();
          if (stream != null && !stream.over()) {
            var _ = write(stream, Unpooled.EMPTY_BUFFER, true);
            stream.bodySent();
          }
        });
  }

  private ChannelFuture write(Http2ClientStream stream, ByteBuf bytes, boolean last) {
    ChannelHandlerContext open = context();
    return codec.encoder().writeData(open, stream.id(), bytes, 0, last, open.newPromise());
  }

  /** Gives the server room for more of a response. */
  void consume(Http2ClientStream stream, int bytes) {
    later(
        stream,
        () -> {
          Http2Stream open = codec.connection().stream(stream.id());
          if (open != null) {
            try {
              var _ = codec.decoder().flowController().consumeBytes(open, bytes);
            } catch (Http2Exception e) {
              codec.onError(context(), true, e);
            }
          }
        });
  }

  /**
   * Tells the server that a stream is of no interest any more; one that it knows nothing of just
   * ends.
   */
  void reset(Http2ClientStream stream, Http2Error reason) {
    later(
        stream,
        () -> {
          ChannelHandlerContext open = codec.context();
          if (stream.id() > 0 && open != null && open.channel().isActive()) {
            var _ =
                codec.encoder().writeRstStream(open, stream.id(), reason.code(), open.newPromise());
          }
        });
  }

  /** Has something done in the next batch. If it fails the stream does. */
  private void later(@Nullable Http2ClientStream stream, Runnable operation) {
    outbox.add(operation, cause -> codec.fail(stream == null ? 0 : stream.id(), cause));
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(codec.context());
  }
}
