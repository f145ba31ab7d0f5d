package dev.aioli.http.client;

import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.http.wire.Http2Codec;
import dev.aioli.http.wire.Http2Outbox;
import dev.aioli.http.wire.Origin;
import dev.aioli.net.NettyPoller;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection of the client. Carries as many exchanges at a time as the server permits.
 */
final class Http2Connection extends Http2EventAdapter
    implements ClientConnection, Http2Codec.Listener {
  /*
   * Tasks register an exchange and put what is to be sent into the outbox: Http2Streams knows what is
   * under way, Http2Sender makes the frames, and this takes those of the server.
   *
   * Exchanges beyond the server's limit have a stream number already and wait in Netty's encoder, in
   * that order; they count as not sent. A GOAWAY, or the end of the connection, fails those that the
   * server has certainly not looked at as unprocessed, and the Call makes them again elsewhere.
   *
   * After a GOAWAY the connection is not usable any more: what is under way goes on, and whoever is last
   * closes it.
   */
  private final Origin origin;
  private final NettyPoller poller;
  private final Pool pool;
  private final Http2RequestFields fields;
  private final Http2Codec codec;
  private final Future<ClientConnection> ready;
  private final Http2Outbox outbox;
  private final Http2Sender sender;
  private final Http2Streams streams = new Http2Streams();

  private boolean usable = true;
  private boolean closed;
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
    codec = Http2Codec.client(poller.loop(), this, settings.maxHeaderBytes);
    outbox = new Http2Outbox(poller, codec);
    sender = new Http2Sender(codec, outbox);
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
    return streams.size() == 0;
  }

  @Override
  public boolean usable() {
    ChannelHandlerContext open = codec.context();
    return usable && open != null && open.channel().isActive();
  }

  @Override
  public boolean reused() {
    return streams.reused();
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
    streams.begin();
    outbox.add(() -> open(stream, head), cause -> streams.fail(stream, stream.notSent(cause)));
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
    sender.body(exchange, bytes);
  }

  @Override
  public void endBody(Exchange exchange) {
    sender.endBody(exchange);
  }

  @Override
  public void resumeReading(Exchange exchange) {
    Http2ClientStream stream = exchange.stream();
    if (stream != null && stream.paused()) {
      sender.consume(stream, stream.takeUnconsumed());
    }
  }

  @Override
  public void leave(Exchange exchange) {
    Http2ClientStream stream = exchange.stream();
    if (stream != null && !stream.over()) {
      streams.forget(stream);
      stream.failUpload(stream.disconnected("is not asked any more", null));
      sender.reset(stream, Http2Error.CANCEL);
    }
  }

  @Override
  public void abort(Exchange exchange, HttpException error) {
    Http2ClientStream stream = exchange.stream();
    if (stream != null && !stream.over()) {
      sender.reset(stream, Http2Error.CANCEL);
      streams.fail(stream, error);
    }
  }

  @Override
  public void close(HttpException error) {
    usable = false;
    for (Http2ClientStream stream : streams.inOrder()) {
      streams.fail(stream, error);
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

  // ---- how exchanges begin and end

  private void open(Http2ClientStream stream, Http2Headers head) {
    if (stream.over()) {
      return; // it was given up in the meantime
    }
    int id = usable() ? codec.connection().local().incrementAndGetNextStreamId() : -1;
    if (id < 0) { // or there are no more numbers
      retire();
      boolean others = streams.reused() || streams.size() > 1;
      streams.failUnprocessed(
          stream, others, stream.disconnected("closed the connection", failure));
      return;
    }
    streams.number(stream, id);
    sender.request(stream, head, cause -> notSent(stream, cause));
  }

  /** A head could not be sent. */
  private void notSent(Http2ClientStream stream, Throwable cause) {
    if (!stream.exchange().sent() && isOfTheConnection(cause)) {
      streams.failUnprocessed(
          stream, streams.reused(), stream.disconnected("closed the connection", cause));
    } else {
      streams.fail(stream, stream.notSent(cause));
    }
  }

  /**
   * Whether a request was not sent for something that has nothing to do with it, so that another
   * connection may carry it: the code tells, as Netty has a class each for a connection that has
   * ended while the request waited, for a GOAWAY, for numbers that are used up.
   */
  private static boolean isOfTheConnection(Throwable cause) {
    return cause instanceof IOException
        || (cause instanceof Http2Exception http2
            && (!Http2Exception.isStreamError(http2)
                || http2.error() == Http2Error.REFUSED_STREAM));
  }

  /** The response of a stream is complete. */
  void completed(Http2ClientStream stream) {
    streams.complete(stream);
    if (!stream.exchange().requestComplete()) {
      stream.failUpload(stream.disconnected("wants no more of the body", null));
      sender.reset(stream, Http2Error.CANCEL);
    }
  }

  /** No more exchanges are begun. */
  private void retire() {
    usable = false;
    pool.retired(this);
    if (idle()) {
      discard();
    }
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
    sender.reset(
        stream,
        error instanceof HttpException.ProtocolError
            ? Http2Error.PROTOCOL_ERROR
            : Http2Error.CANCEL);
    streams.fail(stream, error);
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext context, int streamId, long errorCode) {
    Http2ClientStream stream = streams.get(streamId);
    if (stream == null) {
      return;
    }
    HttpException error =
        stream.disconnected("reset the stream (" + describe(errorCode) + ")", null);
    if (errorCode == Http2Error.HTTP_1_1_REQUIRED.code()) {
      pool.wantsHttp1(this);
      streams.failUnprocessed(stream, false, error);
      retire();
    } else if (errorCode == Http2Error.REFUSED_STREAM.code()) {
      // RFC 9113, 8.7. That others are served says nothing: it may be this one that is refused.
      streams.failUnprocessed(stream, false, error);
    } else {
      streams.fail(stream, error);
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
    for (Http2ClientStream stream : streams.inOrder()) {
      if (stream.id() > lastStreamId) {
        streams.failUnprocessed(
            stream, streams.reused() || lastStreamId > 0, stream.disconnected(ending, null));
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
      streams.fail(stream, stream.malformed(cause));
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
    for (Http2ClientStream stream : streams.inOrder()) {
      if (stream.exchange().sent()) {
        streams.fail(stream, stream.ended(cause));
      } else {
        streams.failUnprocessed(
            stream, streams.reused(), stream.disconnected("closed the connection", cause));
      }
    }
    pool.ended(this);
  }

  @Override
  public String toString() {
    return "Http2Connection["
        + origin
        + ", "
        + (idle() ? "idle" : streams.size() + " exchanges")
        + (usable ? "]" : ", retired]");
  }
}
