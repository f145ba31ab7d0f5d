package dev.aioli.http.client;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.TimeoutException;
import dev.aioli.http.Headers;
import dev.aioli.http.WebSocket;
import dev.aioli.http.WebSocketOptions;
import dev.aioli.http.websocket.OpenWebSocket;
import dev.aioli.http.websocket.WebSocketFrames;
import dev.aioli.http.wire.HttpTls;
import dev.aioli.http.wire.Origin;
import dev.aioli.net.NettyPoller;
import dev.aioli.net.Sockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Connects WebSockets. Not changed once made, so one may be shared.
 *
 * <pre>{@code
 * try (WebSocket socket = WebSocketClient.create().connect("ws://127.0.0.1:8080/chat")) {
 *   socket.send("hello");
 *   println(socket.receiveText());
 * }
 * }</pre>
 */
public final class WebSocketClient {
  private static final int MAX_REFUSAL_BYTES = 64 * 1024;
  private static final long WRITE_STALL_NANOS = Duration.ofMinutes(1).toNanos();

  private final WebSocketOptions options;
  private final Headers headers;
  private final @Nullable SSLContext sslContext;
  private final Duration connectTimeout;

  private WebSocketClient(
      WebSocketOptions options,
      Headers headers,
      @Nullable SSLContext sslContext,
      Duration connectTimeout) {
    this.options = options;
    this.headers = headers;
    this.sslContext = sslContext;
    this.connectTimeout = connectTimeout;
  }

  /** A client with the default options: the JVM's trust store, 30 seconds to connect. */
  public static WebSocketClient create() {
    return new WebSocketClient(
        WebSocketOptions.DEFAULT, Headers.EMPTY, null, Duration.ofSeconds(30));
  }

  /** The same with other options. */
  public WebSocketClient with(WebSocketOptions newOptions) {
    return new WebSocketClient(
        Objects.requireNonNull(newOptions), headers, sslContext, connectTimeout);
  }

  /** The same with one more header field in its requests. */
  public WebSocketClient header(String name, String value) {
    return new WebSocketClient(options, headers.with(name, value), sslContext, connectTimeout);
  }

  /** The same with keys and trust of a context, for {@code wss}. */
  public WebSocketClient sslContext(SSLContext context) {
    return new WebSocketClient(options, headers, context, connectTimeout);
  }

  /** The same with another time limit for connecting, TLS and handshake included. */
  public WebSocketClient connectTimeout(Duration limit) {
    return new WebSocketClient(options, headers, sslContext, limit);
  }

  /**
   * Connects to a server, on the running loop.
   *
   * <p>Cancellation: the attempt is given up and its socket closed.
   *
   * @param url begins with {@code ws://} or {@code wss://}
   * @throws HttpException.InvalidUrl if it does not, or is malformed
   * @throws HttpException.ConnectFailed if there is no connection
   * @throws HttpException.TimedOut if it takes too long
   * @throws HttpException.ProtocolError if the server does not agree
   */
  @Suspends
  public WebSocket connect(String url) {
    Url parsed = parse(url);
    NettyPoller poller = NettyPoller.of(EventLoop.getRunningLoop());
    Handshake handshake = new Handshake(poller, parsed, URI.create(url));
    boolean connected = false;
    try {
      WebSocket socket = Asyncio.timeout(connectTimeout, () -> connect(parsed, handshake));
      connected = true;
      return socket;
    } catch (TimeoutException e) {
      throw new HttpException.TimedOut(
          HttpException.TimedOut.Limit.CONNECT,
          "expected a WebSocket of " + url + " within " + connectTimeout,
          e);
    } catch (IOException e) {
      throw Connector.failed(url, parsed.origin().host(), e);
    } finally {
      if (!connected && handshake.channel != null) {
        poller.close(handshake.channel);
      }
    }
  }

  private static Url parse(String url) {
    String lower = url.toLowerCase(Locale.ROOT);
    if (!lower.startsWith("ws://") && !lower.startsWith("wss://")) {
      throw new HttpException.InvalidUrl(
          "expected a URL that begins with ws:// or wss://, found '" + url + "'", null);
    }
    return Url.parse("http" + url.substring(2));
  }

  @Suspends
  private WebSocket connect(Url url, Handshake handshake) throws IOException {
    Origin origin = url.origin();
    SSLContext tls = origin.secure() ? context() : null;
    Sockets.connect(
        origin.host(),
        origin.port(),
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            if (tls != null) {
              channel.pipeline().addLast(HttpTls.client(tls, origin));
            }
            channel
                .pipeline()
                .addLast(
                    new HttpClientCodec(), new HttpObjectAggregator(MAX_REFUSAL_BYTES), handshake);
          }
        });
    try {
      return handshake.socket.await();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw e;
    }
  }

  @Suspends
  private SSLContext context() {
    return sslContext != null ? sslContext : HttpTls.defaultContext();
  }

  /** Asks for the upgrade and waits for the answer. */
  private final class Handshake extends SimpleChannelInboundHandler<FullHttpResponse> {
    private final NettyPoller poller;
    private final Url url;
    private final WebSocketClientHandshaker handshaker;
    final Future<WebSocket> socket;
    @Nullable Channel channel;

    Handshake(NettyPoller poller, Url url, URI uri) {
      this.poller = poller;
      this.url = url;
      socket = poller.loop().createFuture();
      handshaker =
          WebSocketClientHandshakerFactory.newHandshaker(
              uri,
              WebSocketVersion.V13,
              WebSocketFrames.protocols(options),
              false,
              Headers.NETTY.fields(headers).copy(),
              options.maxMessageBytes());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      channel = context.channel();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      if (!url.origin().secure()) {
        start(context);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent tls) {
        if (tls.isSuccess()) {
          start(context);
        } else {
          fail(new IOException("TLS: " + tls.cause().getMessage(), tls.cause()));
        }
      }
    }

    private void start(ChannelHandlerContext context) {
      var _ = handshaker.handshake(context.channel());
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      if (response.status().code() != 101) {
        fail(
            new HttpException.ProtocolError(
                "expected a WebSocket (status 101), " + url + " answered " + response.status(),
                null));
        return;
      }
      try {
        handshaker.finishHandshake(context.channel(), response);
      } catch (RuntimeException e) {
        fail(
            new HttpException.ProtocolError(
                "expected a WebSocket, " + url + " answered wrongly: " + e.getMessage(), e));
        return;
      }
      WebSocketFrames frames =
          new WebSocketFrames(poller, context.channel(), options, false, WRITE_STALL_NANOS);
      context.pipeline().replace(this, null, frames);
      if (socket.done()) {
        var _ = context.close(); // given up meanwhile
      } else {
        socket.setResult(new OpenWebSocket(frames, handshaker.actualSubprotocol()));
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      fail(new IOException("the connection was closed during the handshake"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      fail(cause);
    }

    private void fail(Throwable cause) {
      if (!socket.done()) {
        socket.setException(
            cause instanceof HttpException || cause instanceof IOException
                ? cause
                : new HttpException.ProtocolError(
                    "expected a WebSocket of " + url + ": " + cause.getMessage(), cause));
      }
      if (channel != null) {
        var _ = channel.close();
      }
    }
  }
}
