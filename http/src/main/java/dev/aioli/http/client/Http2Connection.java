package dev.aioli.http.client;

import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.http.wire.Http2Codec;
import dev.aioli.http.wire.Http2Outbox;
import dev.aioli.http.wire.Origin;
import dev.aioli.net.NettyPoller;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.collection.IntObjectHashMap;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection of the client. Carries as many exchanges at a time as the server permits.
 */
final class Http2Connection extends Http2EventAdapter
    implements ClientConnection, Http2Codec.Listener {
  /*
   * Tasks register an exchange and put what is to be sent into the outbox.
   *
   * Exchanges beyond the server's limit have a stream number already and wait in Netty's encoder, in
   * that order; they count as not sent. A GOAWAY, or the end of the connection, fails those that the
   * server has certainly not looked at as unprocessed, and the Call makes them again elsewhere.
   *
   * After a GOAWAY the connection is not usable any more: what is under way goes on, and whoever is last
   * closes it.
   */
  private static final byte[] EMPTY = {};

  private final Origin origin;
  private final NettyPoller poller;
  private final Pool pool;
  private final Http2RequestFields fields;
  private final Http2Codec codec;
  private final Future<ClientConnection> ready;
  private final Http2Outbox outbox;
  private final IntObjectHashMap<Http2ClientStream> streams = new IntObjectHashMap<>();

  private int exchanges;
  private boolean usable = true;
  private boolean closed;
  private boolean reused;
  private long idleSinceNanos;
  private @Nullable Throwable failure;

  /**
   * A connection whose {@link #codec} is to be put into a pipeline.
   *
   * @param ready done when the server has shown that it speaks HTTP/2, or has not
   */
  Http2Connection(
      Origin origin,
      NettyPoller poller,
      Pool pool,
      HttpClientBuilder settings,
      Future<ClientConnection> ready) {
    this.origin = origin;
    this.poller = poller;
    this.pool = pool;
    this.ready = ready;
    fields = new Http2RequestFields(origin, settings);
    codec = Http2Codec.client(this, settings.maxHeaderBytes);
    codec.connection().addListener(this);
    outbox = new Http2Outbox(poller, codec);
  }

  /** The handler that does the work. */
  Http2Codec codec() {
    return codec;
  }

  @Override
  public Origin origin() {
    return origin;
  }

  @Override
  public boolean shared() {
    return true;
  }

  @Override
  public boolean idle() {
    return exchanges == 0;
  }

  @Override
  public boolean usable() {
    ChannelHandlerContext open = codec.context();
    return usable && open != null && open.channel().isActive();
  }

  @Override
  public boolean reused() {
    return reused;
  }

  @Override
  public long idleSinceNanos() {
    return idleSinceNanos;
  }

  @Override
  public void markIdle(long nowNanos) {
    idleSinceNanos = nowNanos;
  }

  // ---- tasks

  @Override
  @Suspends
  public <T> T exchange(Exchange exchange, Future<T> outcome) {
    Http2ClientStream stream = new Http2ClientStream(this, exchange, pool);
    Http2Headers head = fields.request(exchange);
    exchange.stream(stream);
    exchanges++;
    outbox.add(() -> open(stream, head));
    try {
      return outcome.await();
    } finally {
      if (!outcome.done() || outcome.cancelled()) {
        leave(exchange);
      }
    }
  }

  @Override
  public void writeBody(Exchange exchange, byte[] bytes) {
    outbox.add(() -> {
      Upload upload = exchange.upload();
      Http2ClientStream stream = exchange.stream();
      if (upload == null || stream == null) {
        return;
      }
      if (stream.over()) {
        upload.sink().fail(disconnected(stream, "wants no more of the body", null));
        return;
      }
      write(stream, Unpooled.wrappedBuffer(bytes), false)
          .addListener(written -> {
            if (written.isSuccess()) {
              upload.sink().sent(bytes.length);
            } else {
              upload
                  .sink()
                  .fail(disconnected(stream, "wants no more of the body", written.cause()));
            }
          });
    });
  }

  @Override
  public void endBody(Exchange exchange) {
    outbox.add(() -> {
      Http2ClientStream stream = exchange.stream();
      if (stream != null && !stream.over()) {
        var _ = write(stream, Unpooled.EMPTY_BUFFER, true);
        stream.bodySent();
      }
    });
  }

  @Override
  public void resumeReading(Exchange exchange) {
    Http2ClientStream stream = exchange.stream();
    if (stream != null && stream.paused()) {
      int bytes = stream.takeUnconsumed();
      outbox.add(() -> consume(stream, bytes));
    }
  }

  @Override
  public void leave(Exchange exchange) {
    Http2ClientStream stream = exchange.stream();
    if (stream != null && !stream.over()) {
      forget(stream);
      failUpload(stream, disconnected(stream, "is not asked any more", null));
      reset(stream, Http2Error.CANCEL);
    }
  }

  @Override
  public void abort(Exchange exchange, HttpException error) {
    Http2ClientStream stream = exchange.stream();
    if (stream != null && !stream.over()) {
      reset(stream, Http2Error.CANCEL);
      fail(stream, error);
    }
  }

  @Override
  public void close(HttpException error) {
    usable = false;
    for (Http2ClientStream stream : inOrder()) {
      fail(stream, error);
    }
    failure = error;
    discard();
  }

  @Override
  public void discard() {
    usable = false;
    if (!closed) {
      closed = true;
      poller.post(() -> codec.closePolitely(Http2Error.NO_ERROR));
    }
  }

  // ---- what is sent

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(codec.context());
  }

  private void open(Http2ClientStream stream, Http2Headers head) {
    if (stream.over()) {
      return; // it was given up in the meantime
    }
    int id = usable() ? codec.connection().local().incrementAndGetNextStreamId() : -1;
    if (id < 0) { // or there are no more numbers
      retire();
      failUnprocessed(stream, reused, disconnected(stream, "closed the connection", failure));
      return;
    }
    stream.id(id);
    streams.put(id, stream);
    Exchange exchange = stream.exchange();
    byte[] bytes = exchange.request().body() instanceof BytesBody body ? body.bytes : EMPTY;
    boolean last = exchange.upload() == null && bytes.length == 0;
    ChannelHandlerContext open = context();
    codec
        .encoder()
        .writeHeaders(open, id, head, 0, last, open.newPromise())
        .addListener(written -> {
          if (!written.isSuccess()) {
            writeFailed(stream, written.cause());
          }
        });
    if (bytes.length > 0 && !stream.over()) {
      var _ = write(stream, Unpooled.wrappedBuffer(bytes), true);
    }
  }

  private ChannelFuture write(Http2ClientStream stream, ByteBuf bytes, boolean last) {
    ChannelHandlerContext open = context();
    return codec.encoder().writeData(open, stream.id(), bytes, 0, last, open.newPromise());
  }

  private void writeFailed(Http2ClientStream stream, Throwable cause) {
    if (!stream.over()) {
      fail(
          stream,
          cause instanceof Http2Exception && !(cause instanceof ClosedChannelException)
              ? new HttpException.ProtocolError(
                  "the request cannot be sent to "
                      + origin
                      + " ("
                      + cause.getMessage()
                      + "): "
                      + stream.exchange(),
                  cause)
              : disconnected(stream, "closed the connection", cause));
    }
  }

  private void consume(Http2ClientStream stream, int bytes) {
    Http2Stream open = codec.connection().stream(stream.id());
    if (open != null) {
      try {
        var _ = codec.decoder().flowController().consumeBytes(open, bytes);
      } catch (Http2Exception e) {
        codec.onError(context(), true, e);
      }
    }
  }

  /**
   * Tells the server that a stream is of no interest any more; one that it knows nothing of just
   * ends.
   */
  private void reset(Http2ClientStream stream, Http2Error reason) {
    outbox.add(() -> {
      ChannelHandlerContext open = codec.context();
      if (stream.id() > 0 && open != null && open.channel().isActive()) {
        var _ = codec.encoder().writeRstStream(open, stream.id(), reason.code(), open.newPromise());
      }
    });
  }

  // ---- how exchanges end

  /** The response of a stream is complete. */
  void completed(Http2ClientStream stream) {
    reused = true;
    forget(stream);
    if (!stream.exchange().requestComplete()) {
      failUpload(stream, disconnected(stream, "wants no more of the body", null));
      reset(stream, Http2Error.CANCEL);
    }
  }

  private void fail(Http2ClientStream stream, HttpException error) {
    if (!stream.over()) {
      forget(stream);
      failUpload(stream, error);
      stream.exchange().onError(error);
    }
  }

  private void failUnprocessed(
      Http2ClientStream stream, boolean othersProcessed, HttpException error) {
    stream.exchange().markUnprocessed(othersProcessed);
    fail(stream, error);
  }

  private void forget(Http2ClientStream stream) {
    stream.finish();
    streams.remove(stream.id());
    exchanges--;
  }

  /** A copy, so that who came first is served first if it is asked again. */
  private List<Http2ClientStream> inOrder() {
    return streams.values().stream()
        .sorted(Comparator.comparingInt(Http2ClientStream::id))
        .toList();
  }

  private static void failUpload(Http2ClientStream stream, HttpException error) {
    Upload upload = stream.exchange().upload();
    if (upload != null) {
      upload.sink().fail(error);
    }
  }

  /** No more exchanges are begun. */
  private void retire() {
    usable = false;
    pool.retired(this);
    if (exchanges == 0) {
      discard();
    }
  }

  private static HttpException disconnected(
      Http2ClientStream stream, String ending, @Nullable Throwable cause) {
    return new HttpException.Disconnected(stream.describeEnd(ending), cause);
  }

  // ---- what Netty tells, on the loop's thread

  @Override
  public void onStreamActive(Http2Stream created) {
    Http2ClientStream stream = streams.get(created.id());
    if (stream != null) {
      stream.sent();
    }
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) {
    if (!ready.done()) {
      ready.setResult(this);
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int streamId,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endOfStream) {
    onHeadersRead(context, streamId, headers, padding, endOfStream);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int streamId,
      Http2Headers headers,
      int padding,
      boolean endOfStream) {
    Http2ClientStream stream = streams.get(streamId);
    if (stream != null) {
      try {
        stream.head(headers, endOfStream);
      } catch (HttpException e) {
        refuse(stream, e);
      }
    }
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext context, int streamId, ByteBuf data, int padding, boolean endOfStream) {
    Http2ClientStream stream = streams.get(streamId);
    if (stream != null) {
      try {
        return stream.data(data, padding, endOfStream);
      } catch (HttpException e) {
        refuse(stream, e);
      }
    }
    return data.readableBytes() + padding;
  }

  /** The response is not one that can be taken. */
  private void refuse(Http2ClientStream stream, HttpException error) {
    reset(
        stream,
        error instanceof HttpException.ProtocolError
            ? Http2Error.PROTOCOL_ERROR
            : Http2Error.CANCEL);
    fail(stream, error);
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext context, int streamId, long errorCode) {
    Http2ClientStream stream = streams.get(streamId);
    if (stream == null) {
      return;
    }
    HttpException error =
        disconnected(stream, "reset the stream (" + describe(errorCode) + ")", null);
    if (errorCode == Http2Error.REFUSED_STREAM.code()) {
      failUnprocessed(stream, reused, error); // RFC 9113, 8.7
    } else {
      fail(stream, error);
    }
  }

  @Override
  public void onGoAwayRead(
      ChannelHandlerContext context, int lastStreamId, long errorCode, ByteBuf debugData) {
    String text = debugData.toString(StandardCharsets.UTF_8);
    String ending =
        "ended the connection ("
            + describe(errorCode)
            + (text.isEmpty() ? "" : ", '" + text + "'")
            + ")";
    failure = new HttpException.Disconnected(origin + " " + ending, null);
    for (Http2ClientStream stream : inOrder()) {
      if (stream.id() > lastStreamId) {
        failUnprocessed(stream, reused || lastStreamId > 0, disconnected(stream, ending, null));
      }
    }
    retire();
  }

  private static String describe(long errorCode) {
    Http2Error known = Http2Error.valueOf(errorCode);
    return known == null ? "error " + errorCode : known.toString();
  }

  @Override
  public void streamFailed(int streamId, Throwable cause) {
    Http2ClientStream stream = streams.get(streamId);
    if (stream != null) {
      fail(
          stream,
          new HttpException.ProtocolError(
              "expected an HTTP/2 response, "
                  + origin
                  + " sent something else ("
                  + cause.getMessage()
                  + "): "
                  + stream.exchange(),
              cause));
    }
  }

  @Override
  public void connectionFailed(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    retire();
  }

  @Override
  public void closed() {
    usable = false;
    closed = true;
    Throwable cause = failure;
    if (!ready.done()) {
      ready.setException(cause == null ? new ClosedChannelException() : cause);
    }
    for (Http2ClientStream stream : inOrder()) {
      if (!stream.exchange().sent()) {
        stream.exchange().markUnprocessed(reused);
      }
      fail(stream, endOf(stream, cause));
    }
    pool.ended(this);
  }

  private HttpException endOf(Http2ClientStream stream, @Nullable Throwable cause) {
    return cause instanceof Http2Exception
        ? new HttpException.ProtocolError(
            stream.describeEnd("broke the rules of HTTP/2 (" + cause.getMessage() + ")"), cause)
        : disconnected(stream, "closed the connection", cause);
  }

  @Override
  public String toString() {
    return "Http2Connection["
        + origin
        + ", "
        + (exchanges == 0 ? "idle" : exchanges + " exchanges")
        + (usable ? "]" : ", retired]");
  }
}
