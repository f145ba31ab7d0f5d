package dev.aioli.http.server;

import dev.aioli.http.wire.Callbacks;
import dev.aioli.http.wire.Deadline;
import dev.aioli.http.wire.Http2Codec;
import dev.aioli.http.wire.Http2HeadWatch;
import dev.aioli.http.wire.Http2Outbox;
import dev.aioli.net.NettyPoller;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayList;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One HTTP/2 connection of the server: its requests are handled at the same time. */
final class Http2ServerConnection extends Http2EventAdapter
    implements Http2Codec.Listener, OpenConnection {
  private final HttpServer server;
  private final ServerSettings settings;
  private final NettyPoller poller;
  private final ServerRequest.Peer peer;
  private final Http2Codec codec;
  private final Http2Outbox outbox;
  private final Deadline idle;
  private final LingeringClose closing;
  private final IntObjectHashMap<Http2ServerStream> streams = new IntObjectHashMap<>();
  private int requests;
  private boolean ending;

  Http2ServerConnection(HttpServer server, NettyPoller poller, ServerRequest.Peer peer) {
    this.server = server;
    this.poller = poller;
    this.peer = peer;
    settings = server.settings();
    codec =
        Http2Codec.server(
            poller.loop(),
            this,
            settings.maxHeaderBytes(),
            settings.maxConcurrentStreams(),
            settings.maxResetsPerSecond());
    outbox = new Http2Outbox(poller, codec);
    closing = new LingeringClose(poller.loop());
    idle = new Deadline(poller.loop(), () -> end(Http2Error.NO_ERROR));
  }

  /** Takes over a channel whose client speaks HTTP/2. */
  void begin(Channel channel) {
    Deadline head = new Deadline(poller.loop(), this::headTakesTooLong);
    channel
        .pipeline()
        .addLast(
            closing, new Http2HeadWatch(head, Deadline.nanos(settings.headerTimeout())), codec);
    idle.set(Deadline.nanos(settings.headerTimeout()));
    server.opened(this);
  }

  // ---- for the streams

  HttpServer server() {
    return server;
  }

  NettyPoller poller() {
    return poller;
  }

  ServerRequest.Peer peer() {
    return peer;
  }

  Http2Codec codec() {
    return codec;
  }

  Http2Outbox outbox() {
    return outbox;
  }

  /** Has something done for a stream in the next batch. The stream ends if it fails. */
  void later(int streamId, Runnable operation) {
    outbox.add(operation, cause -> codec.fail(streamId, cause));
  }

  /** Does something for a stream now. The stream ends if it fails. */
  void now(int streamId, Runnable operation) {
    Callbacks.run(
        poller.loop(), "stream " + streamId, operation, cause -> codec.fail(streamId, cause));
  }

  ChannelHandlerContext context() {
    return Objects.requireNonNull(codec.context());
  }

  /** Resets a stream, if it is still there. On the loop's thread. */
  void reset(int streamId, Http2Error reason) {
    if (streams.containsKey(streamId) && codec.connection().stream(streamId) != null) {
      ChannelHandlerContext open = context();
      var _ = codec.encoder().writeRstStream(open, streamId, reason.code(), open.newPromise());
      outbox.flushSoon();
    }
  }

  /** Gives room to the sender of a stream. On the loop's thread. */
  void consume(int streamId, int bytes) {
    Http2Stream open = codec.connection().stream(streamId);
    if (open != null) {
      try {
        var _ = codec.decoder().flowController().consumeBytes(open, bytes);
        outbox.flushSoon();
      } catch (Http2Exception e) {
        codec.onError(context(), true, e);
      }
    }
  }

  // ---- what Netty tells, on the loop's thread

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int streamId,
      Http2Headers headers,
      int padding,
      boolean endOfStream) {
    Http2ServerStream known = streams.get(streamId);
    if (known != null) { // trailers, which nobody asks for
      known.ended();
      return;
    }
    idle.clear();
    Http2ServerStream stream = new Http2ServerStream(this, settings, streamId);
    streams.put(streamId, stream);
    requests++;
    stream.begin(headers, endOfStream);
    if (requests >= settings.maxRequestsPerConnection()) {
      closeWhenIdle();
    }
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext context, int streamId, ByteBuf data, int padding, boolean endOfStream) {
    Http2ServerStream stream = streams.get(streamId);
    return stream == null
        ? data.readableBytes() + padding
        : stream.data(data, padding, endOfStream);
  }

  @Override
  public void onStreamClosed(Http2Stream closed) {
    Http2ServerStream stream = streams.remove(closed.id());
    if (stream != null) {
      stream.closed();
    }
    if (streams.isEmpty()) {
      if (ending) {
        later(0, () -> end(Http2Error.NO_ERROR)); // Netty is still at it
      } else {
        idle.set(Deadline.nanos(settings.idleTimeout()));
      }
    }
  }

  @Override
  public void streamFailed(int streamId, Throwable cause) {
    Http2ServerStream stream = streams.get(streamId);
    if (stream != null) { // it is reset, and will be closed by that: nothing more is sent
      stream.closed();
    }
  }

  @Override
  public void connectionFailed(Throwable cause) {
    ending = true; // the client learns why, or cannot be told any more
    if (cause instanceof Http2Exception) {
      closing.expect();
    }
    idle.clear();
    endStreams();
  }

  @Override
  public void inputEnded() {
    closeWhenIdle();
  }

  @Override
  public void closed() {
    idle.close();
    endStreams();
    server.closed(this);
  }

  private void endStreams() {
    for (Http2ServerStream stream : new ArrayList<>(streams.values())) {
      stream.closed();
    }
    streams.clear();
  }

  // ---- ending

  private void headTakesTooLong() {
    codec.onError(
        context(),
        false,
        Http2Exception.connectionError(
            Http2Error.PROTOCOL_ERROR, "expected a head within %s", settings.headerTimeout()));
  }

  @Override
  public void closeNow() {
    var _ = context().close();
  }

  /** Says that no more requests are looked at, so that clients make them elsewhere. */
  @Override
  public void closeWhenIdle() {
    if (streams.isEmpty()) {
      end(Http2Error.NO_ERROR);
    } else if (!ending) {
      ending = true;
      ChannelHandlerContext open = context();
      var _ =
          codec.goAway(
              open,
              codec.connection().remote().lastStreamCreated(),
              Http2Error.NO_ERROR.code(),
              Unpooled.EMPTY_BUFFER,
              open.newPromise());
      outbox.flushSoon();
    }
  }

  @Override
  public void abort() {
    for (Http2ServerStream stream : new ArrayList<>(streams.values())) {
      stream.cancel("the HTTP server is closing");
    }
    closing.hurry();
    end(Http2Error.NO_ERROR);
  }

  private void end(Http2Error reason) {
    ending = true;
    codec.closePolitely(reason);
  }

  /** The stream with a number; null if it has ended. */
  @Nullable Http2ServerStream stream(int streamId) {
    return streams.get(streamId);
  }

  @Override
  public String toString() {
    return "Http2ServerConnection[" + peer.address() + ", " + streams.size() + " streams]";
  }
}
