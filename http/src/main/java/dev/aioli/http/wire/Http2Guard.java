package dev.aioli.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.function.IntConsumer;

/**
 * Stands between Netty's HTTP/2 and a listener, so that no exception of the listener gets out but
 * those that name an error of HTTP/2. Netty would end the connection for one that leaves a listener
 * of frames, with everybody else's streams, and swallow one that leaves a listener of streams.
 */
final class Http2Guard implements Http2FrameListener, Http2Connection.Listener {
  private final Http2Codec.Listener listener;
  private final Failures failures;
  private final IntConsumer resetByPeer;

  /** Who is told of a failure. */
  interface Failures {
    /**
     * The listener failed.
     *
     * @param streamId 0 if that is about the whole connection
     */
    void failed(int streamId, Throwable cause);
  }

  /** What a listener does. */
  private interface Call {
    void run() throws Http2Exception;
  }

  /**
   * A guard of a listener.
   *
   * @param peerReset is told of streams that the peer has reset, before the listener is
   */
  Http2Guard(Http2Codec.Listener listener, Failures failures, IntConsumer peerReset) {
    this.listener = listener;
    this.failures = failures;
    resetByPeer = peerReset;
  }

  private void guard(int streamId, Call call) throws Http2Exception {
    try {
      call.run();
    } catch (RuntimeException | Error e) {
      failures.failed(streamId, e);
    }
  }

  private void guardStream(int streamId, Runnable call) {
    try {
      call.run();
    } catch (RuntimeException | Error e) {
      failures.failed(streamId, e);
    }
  }

  // ---- frames

  @Override
  public int onDataRead(
      ChannelHandlerContext context, int streamId, ByteBuf data, int padding, boolean endOfStream)
      throws Http2Exception {
    int size = data.readableBytes() + padding;
    try {
      return listener.onDataRead(context, streamId, data, padding, endOfStream);
    } catch (RuntimeException | Error e) {
      failures.failed(streamId, e);
      return size;
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int streamId,
      Http2Headers headers,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    guard(streamId, () -> listener.onHeadersRead(context, streamId, headers, padding, endOfStream));
  }

  /** Priorities are gone from HTTP/2 (RFC 9113, 5.3): to a listener all heads are alike. */
  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int streamId,
      Http2Headers headers,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    onHeadersRead(context, streamId, headers, padding, endOfStream);
  }

  @Override
  public void onPriorityRead(
      ChannelHandlerContext context, int streamId, int dependency, short weight, boolean exclusive)
      throws Http2Exception {
    guard(
        streamId, () -> listener.onPriorityRead(context, streamId, dependency, weight, exclusive));
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext context, int streamId, long errorCode)
      throws Http2Exception {
    resetByPeer.accept(streamId);
    guard(streamId, () -> listener.onRstStreamRead(context, streamId, errorCode));
  }

  @Override
  public void onSettingsAckRead(ChannelHandlerContext context) throws Http2Exception {
    guard(0, () -> listener.onSettingsAckRead(context));
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings)
      throws Http2Exception {
    guard(0, () -> listener.onSettingsRead(context, settings));
  }

  @Override
  public void onPingRead(ChannelHandlerContext context, long data) throws Http2Exception {
    guard(0, () -> listener.onPingRead(context, data));
  }

  @Override
  public void onPingAckRead(ChannelHandlerContext context, long data) throws Http2Exception {
    guard(0, () -> listener.onPingAckRead(context, data));
  }

  @Override
  public void onPushPromiseRead(
      ChannelHandlerContext context,
      int streamId,
      int promisedStreamId,
      Http2Headers headers,
      int padding)
      throws Http2Exception {
    guard(
        streamId,
        () -> listener.onPushPromiseRead(context, streamId, promisedStreamId, headers, padding));
  }

  @Override
  public void onGoAwayRead(
      ChannelHandlerContext context, int lastStreamId, long errorCode, ByteBuf debugData)
      throws Http2Exception {
    guard(0, () -> listener.onGoAwayRead(context, lastStreamId, errorCode, debugData));
  }

  @Override
  public void onWindowUpdateRead(ChannelHandlerContext context, int streamId, int increment)
      throws Http2Exception {
    guard(streamId, () -> listener.onWindowUpdateRead(context, streamId, increment));
  }

  @Override
  public void onUnknownFrame(
      ChannelHandlerContext context, byte type, int streamId, Http2Flags flags, ByteBuf payload)
      throws Http2Exception {
    guard(0, () -> listener.onUnknownFrame(context, type, streamId, flags, payload));
  }

  // ---- streams

  @Override
  public void onStreamAdded(Http2Stream stream) {
    guardStream(stream.id(), () -> listener.onStreamAdded(stream));
  }

  @Override
  public void onStreamActive(Http2Stream stream) {
    guardStream(stream.id(), () -> listener.onStreamActive(stream));
  }

  @Override
  public void onStreamHalfClosed(Http2Stream stream) {
    guardStream(stream.id(), () -> listener.onStreamHalfClosed(stream));
  }

  @Override
  public void onStreamClosed(Http2Stream stream) {
    guardStream(stream.id(), () -> listener.onStreamClosed(stream));
  }

  @Override
  public void onStreamRemoved(Http2Stream stream) {
    guardStream(stream.id(), () -> listener.onStreamRemoved(stream));
  }

  @Override
  public void onGoAwaySent(int lastStreamId, long errorCode, ByteBuf debugData) {
    guardStream(0, () -> listener.onGoAwaySent(lastStreamId, errorCode, debugData));
  }

  @Override
  public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
    guardStream(0, () -> listener.onGoAwayReceived(lastStreamId, errorCode, debugData));
  }
}
