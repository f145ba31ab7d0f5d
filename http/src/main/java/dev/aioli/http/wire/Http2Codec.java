package dev.aioli.http.wire;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import org.jspecify.annotations.Nullable;

/**
 * Netty's HTTP/2 on one connection, client's or server's: frames, header compression, flow control
 * and the guards against floods. On the loop's thread only.
 */
public final class Http2Codec extends Http2ConnectionHandler {
  /*
   * Frames are taken from Netty's frame listener, not from a channel for each stream: those cost a
   * pipeline and several objects a request, and what they add is in Exchange anyway.
   *
   * The connection's receive window is refilled at once and only those of the streams wait for their
   * readers: so a reader who is slow holds up nobody else on the connection, and what it can pile up is
   * one window.
   */
  private static final int STREAM_WINDOW_BYTES = 256 * 1024;
  private static final int CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;
  private static final int DEFAULT_WINDOW_BYTES = 65_535;

  private final Listener listener;
  private @Nullable ChannelHandlerContext context;

  /** Who is told of frames, and of failures. */
  public interface Listener extends Http2FrameListener {
    /** A stream broke the rules and is being reset. */
    void streamFailed(int streamId, Throwable cause);

    /** The peer broke the rules, or the socket did; the connection is being closed. */
    void connectionFailed(Throwable cause);

    /** The peer sends no more, on a channel that may be half-closed. */
    default void inputEnded() {}

    /** The connection is closed. */
    void closed();
  }

  private Http2Codec(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings,
      Listener listener) {
    super(decoder, encoder, settings, true);
    this.listener = listener;
  }

  /** The codec of a client. */
  public static Http2Codec client(Listener listener, int maxHeaderBytes) {
    Http2Settings settings =
        new Http2Settings()
            .pushEnabled(false)
            .initialWindowSize(STREAM_WINDOW_BYTES)
            .maxHeaderListSize(maxHeaderBytes);
    return new Builder(listener, false, settings).build();
  }

  /** The codec of a server. */
  public static Http2Codec server(Listener listener, int maxHeaderBytes, int maxStreams) {
    Http2Settings settings =
        new Http2Settings()
            .maxConcurrentStreams(maxStreams)
            .initialWindowSize(STREAM_WINDOW_BYTES)
            .maxHeaderListSize(maxHeaderBytes);
    return new Builder(listener, true, settings).build();
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Http2Codec, Builder> {
    private final Listener listener;

    Builder(Listener listener, boolean server, Http2Settings settings) {
      this.listener = listener;
      DefaultHttp2Connection connection =
          server ? new DefaultHttp2Connection(true) : new DefaultHttp2Connection(false, 0);
      connection
          .local()
          .flowController(
              new DefaultHttp2LocalFlowController(
                  connection, DefaultHttp2LocalFlowController.DEFAULT_WINDOW_UPDATE_RATIO, true));
      // Priorities are gone from HTTP/2 (RFC 9113, 5.3), so all streams share alike.
      connection
          .remote()
          .flowController(
              new DefaultHttp2RemoteFlowController(
                  connection, new UniformStreamByteDistributor(connection)));
      connection(connection);
      initialSettings(settings);
      frameListener(listener);
      // Paths differ from one request to the next, and would only push those fields that do not
      // out of the table of header fields.
      headerSensitivityDetector((name, value) -> name.length() == 5 && ":path".contentEquals(name));
      if (!server) {
        encoderEnforceMaxConcurrentStreams(true); // requests beyond the peer's limit wait
      }
    }

    @Override
    protected Http2Codec build() {
      return super.build();
    }

    @Override
    protected Http2Codec build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Http2Codec(decoder, encoder, settings, listener);
    }
  }

  /** Where to write; null until this is in a pipeline. */
  public @Nullable ChannelHandlerContext context() {
    return context;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext newContext) throws Exception {
    context = newContext;
    super.handlerAdded(newContext);
    if (newContext.channel().isActive()) {
      opened(newContext);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext newContext) throws Exception {
    super.channelActive(newContext);
    opened(newContext);
  }

  private void opened(ChannelHandlerContext newContext) throws Http2Exception {
    decoder()
        .flowController()
        .incrementWindowSize(
            connection().connectionStream(), CONNECTION_WINDOW_BYTES - DEFAULT_WINDOW_BYTES);
    newContext.flush();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext newContext, Object event) throws Exception {
    super.userEventTriggered(newContext, event);
    if (event instanceof ChannelInputShutdownEvent) {
      listener.inputEnded();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext newContext) throws Exception {
    super.channelInactive(newContext);
    listener.closed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext newContext, Throwable cause) {
    listener.connectionFailed(cause);
    var _ = newContext.close();
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext newContext,
      boolean outbound,
      Throwable cause,
      Http2Exception.StreamException error) {
    super.onStreamError(newContext, outbound, cause, error);
    if (!outbound) { // else who writes is told
      listener.streamFailed(error.streamId(), error);
    }
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext newContext,
      boolean outbound,
      Throwable cause,
      @Nullable Http2Exception error) {
    listener.connectionFailed(cause);
    super.onConnectionError(newContext, outbound, cause, error);
  }

  /** Tells the peer that there is no more to come, and closes the connection. */
  public void closePolitely(Http2Error reason) {
    ChannelHandlerContext open = context;
    if (open != null) {
      if (open.channel().isActive() && !connection().goAwaySent()) {
        var _ =
            goAway(
                open,
                connection().remote().lastStreamCreated(),
                reason.code(),
                Unpooled.EMPTY_BUFFER,
                open.newPromise());
        open.flush();
      }
      var _ = open.close();
    }
  }
}
