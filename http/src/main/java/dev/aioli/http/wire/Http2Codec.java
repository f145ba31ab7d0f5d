package dev.aioli.http.wire;

import dev.aioli.EventLoop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
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

  private final EventLoop loop;
  private final Listener listener;
  private final Http2Progress progress;

  // Of a server only: what it remembers of its client.
  private final @Nullable ResetLimit resets;
  private final PastStreams past = new PastStreams();
  private final Http2Connection.PropertyKey peerEnded;

  private @Nullable ChannelHandlerContext context;

  /** Who is told of frames, streams and failures. What it throws does not get to Netty. */
  public interface Listener extends Http2FrameListener, Http2Connection.Listener {
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
      Builder builder) {
    super(decoder, encoder, settings, true);
    loop = builder.loop;
    listener = builder.listener;
    progress = builder.progress;
    resets =
        builder.maxResetsPerSecond < 0 ? null : new ResetLimit(loop, builder.maxResetsPerSecond);
    peerEnded = connection().newKey();
    Http2Guard guard = new Http2Guard(listener, this::listenerFailed, this::resetByPeer);
    decoder.frameListener(resets == null ? guard : new EndOfStreams(guard));
    connection().addListener(guard);
    if (resets != null) {
      connection().addListener(new Memory());
    }
  }

  /** The codec of a client. */
  public static Http2Codec client(EventLoop loop, Listener listener, int maxHeaderBytes) {
    Http2Settings settings =
        new Http2Settings()
            .pushEnabled(false)
            .initialWindowSize(STREAM_WINDOW_BYTES)
            .maxHeaderListSize(maxHeaderBytes);
    return new Builder(loop, listener, false, settings, -1).build();
  }

  /**
   * The codec of a server.
   *
   * @param maxResetsPerSecond how many streams a client may end before their time
   */
  public static Http2Codec server(
      EventLoop loop,
      Listener listener,
      int maxHeaderBytes,
      int maxStreams,
      int maxResetsPerSecond) {
    Http2Settings settings =
        new Http2Settings()
            .maxConcurrentStreams(maxStreams)
            .initialWindowSize(STREAM_WINDOW_BYTES)
            .maxHeaderListSize(maxHeaderBytes);
    return new Builder(loop, listener, true, settings, maxResetsPerSecond).build();
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Http2Codec, Builder> {
    private final EventLoop loop;
    private final Listener listener;
    private final Http2Progress progress;
    private final int maxResetsPerSecond;

    Builder(
        EventLoop loop,
        Listener listener,
        boolean server,
        Http2Settings settings,
        int maxResetsPerSecond) {
      this.loop = loop;
      this.listener = listener;
      this.maxResetsPerSecond = maxResetsPerSecond;
      DefaultHttp2Connection connection =
          server ? new DefaultHttp2Connection(true) : new DefaultHttp2Connection(false, 0);
      connection
          .local()
          .flowController(
              new DefaultHttp2LocalFlowController(
                  connection, DefaultHttp2LocalFlowController.DEFAULT_WINDOW_UPDATE_RATIO, true));
      // Priorities are gone from HTTP/2 (RFC 9113, 5.3), so all streams share alike.
      progress = new Http2Progress(connection, new UniformStreamByteDistributor(connection));
      connection
          .remote()
          .flowController(new DefaultHttp2RemoteFlowController(connection, progress));
      connection(connection);
      initialSettings(settings);
      // Paths differ from one request to the next, and would only push those fields that do not
      // out of the table of header fields.
      headerSensitivityDetector((name, value) -> name.length() == 5 && ":path".contentEquals(name));
      // Netty's guards, which it has for clients, too, count resets that are our own doing, or a
      // server's that fails, and cannot be told otherwise.
      decoderEnforceMaxRstFramesPerWindow(0, 1);
      encoderEnforceMaxRstFramesPerWindow(0, 1);
      if (server) {
        validateRequiredPseudoHeaders(true);
      } else {
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
      return new Http2Codec(decoder, encoder, settings, this);
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
    if (!outbound && resets != null) {
      Http2Exception worse = worseThan(error, resets);
      if (worse != null) {
        onError(newContext, false, worse);
        return;
      }
    }
    super.onStreamError(newContext, outbound, cause, error);
    if (!outbound) { // else who writes is told
      listener.streamFailed(error.streamId(), error);
    }
  }

  /** What an error of a client on a stream is for the whole connection; null if nothing. */
  private @Nullable Http2Exception worseThan(
      Http2Exception.StreamException error, ResetLimit limit) {
    int id = error.streamId();
    if (error.error() == Http2Error.STREAM_CLOSED && connection().stream(id) == null) {
      Http2Error judgement = past.judge(id);
      if (judgement != null) {
        return Http2Exception.connectionError(judgement, error.getMessage());
      }
    }
    return limit.passed() ? tooManyResets(limit) : null;
  }

  private static Http2Exception tooManyResets(ResetLimit limit) {
    return Http2Exception.connectionError(
        Http2Error.ENHANCE_YOUR_CALM, "expected at most %s", limit);
  }

  private void resetByPeer(int streamId) {
    ChannelHandlerContext open = context;
    if (resets != null && resets.passed() && open != null) {
      onError(open, false, tooManyResets(resets));
    }
  }

  /** A listener has failed: the stream that it is about ends, and nothing else. */
  private void listenerFailed(int streamId, Throwable cause) {
    Callbacks.report(loop, "an HTTP/2 connection, stream " + streamId, cause);
    fail(streamId, cause);
  }

  /**
   * Ends a stream, since this side cannot go on with it.
   *
   * @param streamId 0 for the whole connection
   */
  public void fail(int streamId, Throwable cause) {
    ChannelHandlerContext open = context;
    if (open == null) {
      listener.connectionFailed(cause);
    } else if (streamId == 0) {
      onError(
          open,
          true,
          Http2Exception.connectionError(Http2Error.INTERNAL_ERROR, cause, "internal error"));
    } else {
      listener.streamFailed(streamId, cause);
      if (connection().stream(streamId) != null) {
        var _ =
            encoder()
                .writeRstStream(
                    open, streamId, Http2Error.INTERNAL_ERROR.code(), open.newPromise());
        open.flush();
      }
    }
  }

  /** How much of a stream's data the peer has let out so far; negative if there is none such. */
  public long progress(int streamId) {
    Http2Stream stream = connection().stream(streamId);
    return stream == null ? -1 : progress.bytes(stream);
  }

  /** Marks the streams that a client has ended in the way it should. */
  private final class EndOfStreams extends Http2FrameListenerDecorator {
    EndOfStreams(Http2FrameListener listener) {
      super(listener);
    }

    private void end(int streamId) {
      Http2Stream stream = connection().stream(streamId);
      if (stream != null) {
        stream.setProperty(peerEnded, true);
      }
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext open, int streamId, ByteBuf data, int padding, boolean last)
        throws Http2Exception {
      if (last) {
        end(streamId);
      }
      return super.onDataRead(open, streamId, data, padding, last);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext open, int streamId, Http2Headers head, int padding, boolean last)
        throws Http2Exception {
      if (last) {
        end(streamId);
      }
      super.onHeadersRead(open, streamId, head, padding, last);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext open,
        int streamId,
        Http2Headers head,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean last)
        throws Http2Exception {
      onHeadersRead(open, streamId, head, padding, last);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext open, int streamId, long errorCode)
        throws Http2Exception {
      end(streamId);
      super.onRstStreamRead(open, streamId, errorCode);
    }
  }

  /** Remembers streams that are no more. */
  private final class Memory extends Http2ConnectionAdapter {
    @Override
    public void onStreamAdded(Http2Stream stream) {
      past.begun(stream.id());
    }

    @Override
    public void onStreamClosed(Http2Stream stream) {
      if (stream.getProperty(peerEnded) == null) {
        past.abandoned(stream.id());
      }
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
