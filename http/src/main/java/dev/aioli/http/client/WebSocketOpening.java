package dev.aioli.http.client;

import dev.aioli.http.Headers;
import dev.aioli.http.WebSocket;
import dev.aioli.http.WebSocketOptions;
import dev.aioli.http.websocket.OpenWebSocket;
import dev.aioli.http.websocket.PerMessageDeflate;
import dev.aioli.http.websocket.WebSocketFrames;
import dev.aioli.net.NettyPoller;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A WebSocket of the client that is being made: its connection, then the upgrade. */
final class WebSocketOpening extends SocketOpening<WebSocket> {
  private static final int MAX_REFUSAL_BYTES = 64 * 1024;
  private static final int MAX_CHUNK_BYTES = 8 * 1024;
  private static final long WRITE_STALL_NANOS = Duration.ofMinutes(1).toNanos();
  private static final long NO_FORCED_CLOSE = 0;

  private final NettyPoller poller;
  private final Url url;
  private final WebSocketOptions options;
  private final int maxHeaderBytes;
  private final Consumer<Headers> answered;
  private final WebSocketClientHandshaker handshaker;

  /**
   * Nothing is sent yet.
   *
   * @param fields what the request has besides those of the handshake; taken over
   * @param answered is told the header of the answer, whatever it says
   */
  WebSocketOpening(
      Url url,
      HttpHeaders fields,
      WebSocketOptions options,
      HttpClientBuilder settings,
      NettyPoller poller,
      Consumer<Headers> answered) {
    super(url.origin(), poller, settings);
    this.poller = poller;
    this.url = url;
    this.options = options;
    this.answered = answered;
    maxHeaderBytes = settings.maxHeaderBytes;
    boolean offers = options.compress() == WebSocketOptions.Compress.OFFER;
    if (offers) {
      fields.set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, PerMessageDeflate.OFFER);
    }
    // Netty would make up an Origin, which is for browsers: servers go by it.
    handshaker =
        WebSocketClientHandshakerFactory.newHandshaker(
            URI.create(scheme() + "://" + url.origin().authority() + url.target()),
            WebSocketVersion.V13,
            WebSocketFrames.protocols(options),
            offers,
            fields,
            WebSocketFrames.maxFrameBytes(options, offers),
            true,
            false,
            NO_FORCED_CLOSE,
            false,
            false);
  }

  private String scheme() {
    return url.origin().secure() ? "wss" : "ws";
  }

  /** As RFC 6455 has it (4.1): what is not a request an HTTP proxy could not pass on. */
  @Override
  boolean tunnels() {
    return proxy() != null;
  }

  @Override
  String[] protocols() {
    return new String[0];
  }

  @Override
  void speak(ChannelPipeline pipeline) {
    if (!url.origin().secure()) {
      String expected = "a WebSocket of " + this + ", it speaks TLS; use wss://";
      pipeline.addLast(new TlsAlertWatch(expected, this::fail));
    }
    pipeline.addLast(
        new HttpClientCodec(maxHeaderBytes, maxHeaderBytes, MAX_CHUNK_BYTES),
        new HttpObjectAggregator(MAX_REFUSAL_BYTES),
        new Handshake());
  }

  @Override
  public String toString() {
    String target = "ws" + url.text().substring("http".length());
    return target + (proxy() == null ? "" : " through " + proxy());
  }

  /** Asks for the upgrade and waits for the answer. */
  private final class Handshake extends SimpleChannelInboundHandler<FullHttpResponse> {
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      handshaker
          .handshake(context.channel())
          .addListener(sent -> {
            if (!sent.isSuccess()) {
              exceptionCaught(context, sent.cause());
            }
          });
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      if (response.decoderResult().isFailure()) {
        exceptionCaught(context, response.decoderResult().cause());
        return;
      }
      answered.accept(Headers.NETTY.headers(response.headers().copy()));
      if (response.status().code() != 101) {
        refuse(context, "(status 101), it answered " + response.status(), null);
        return;
      }
      PerMessageDeflate deflate;
      try {
        deflate =
            PerMessageDeflate.agreed(
                response.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS), options);
        handshaker.finishHandshake(context.channel(), response);
      } catch (RuntimeException e) {
        refuse(context, "and an answer that fits: " + e.getMessage(), e);
        return;
      }
      WebSocketFrames frames =
          new WebSocketFrames(
              poller, context.channel(), options, deflate, false, WRITE_STALL_NANOS);
      context.pipeline().replace(this, null, frames);
      if (ready().done()) {
        var _ = context.close(); // given up meanwhile
      } else {
        ready().setResult(new OpenWebSocket(frames, handshaker.actualSubprotocol()));
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      lost(new IOException("the connection was closed during the handshake"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (Causes.unwrapped(cause) instanceof IOException io) {
        lost(io);
      } else {
        refuse(context, "and an answer that makes sense: " + cause.getMessage(), cause);
      }
      var _ = context.close();
    }

    private void refuse(ChannelHandlerContext context, String problem, @Nullable Throwable cause) {
      fail(
          new HttpException.ProtocolError(
              "expected a WebSocket of " + WebSocketOpening.this + " " + problem, cause));
      var _ = context.close();
    }

    private void lost(IOException cause) {
      fail(Connector.failed(WebSocketOpening.this, url.origin().host(), cause));
    }
  }
}
