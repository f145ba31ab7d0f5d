package dev.aioli.http.client;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.TimeoutException;
import dev.aioli.http.client.HttpException.TimedOut.Limit;
import dev.aioli.http.wire.HttpTls;
import dev.aioli.http.wire.Origin;
import dev.aioli.net.Sockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Connects the client's connections: TCP, through a proxy or not, then TLS if the scheme wants it.
 */
final class Connector {
  private final HttpClientBuilder settings;
  private @Nullable SSLContext sslContext;

  Connector(HttpClientBuilder settings) {
    this.settings = settings;
    sslContext = settings.trust();
  }

  /**
   * Makes a connection.
   *
   * <p>Cancellation: the attempt is given up; whoever began it closes its socket.
   *
   * @throws HttpException.TimedOut if it takes longer than the client allows
   * @throws HttpException.ConnectFailed if it cannot be done
   */
  @Suspends
  <T> T connect(SocketOpening<T> opening) {
    try {
      return Asyncio.timeout(settings.connectTimeout, () -> connectInTime(opening));
    } catch (TimeoutException e) {
      throw new HttpException.TimedOut(
          Limit.CONNECT,
          "expected a connection to " + opening + " within " + settings.connectTimeout,
          e);
    } catch (IOException e) {
      Proxy.Server proxy = opening.proxy();
      throw failed(opening, proxy == null ? opening.origin().host() : proxy.host(), e);
    }
  }

  /**
   * How the program is told that there is no connection.
   *
   * @param target to what it should have been
   * @param host the host that was looked for
   */
  static HttpException.ConnectFailed failed(Object target, String host, IOException cause) {
    return new HttpException.ConnectFailed(
        cause instanceof UnknownHostException
            ? "unknown host '" + host + "': cannot connect to " + target
            : "cannot connect to " + target + ": " + cause.getMessage(),
        cause);
  }

  @Suspends
  private <T> T connectInTime(SocketOpening<T> opening) throws IOException {
    Origin origin = opening.origin();
    Proxy.Server proxy = opening.proxy();
    SSLContext tls = origin.secure() || opening.speaksTlsToProxy() ? sslContext() : null;
    Origin next = proxy == null ? origin : proxy.origin();
    Sockets.connect(next.host(), next.port(), initializer(opening, tls));
    return awaitReady(opening);
  }

  private ChannelInitializer<Channel> initializer(
      SocketOpening<?> opening, @Nullable SSLContext context) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        addLayers(channel.pipeline(), opening, context);
        opening.begin(channel);
      }
    };
  }

  /** TLS to the proxy, a tunnel, TLS to the origin: what of these is wanted. */
  private void addLayers(
      ChannelPipeline pipeline, SocketOpening<?> opening, @Nullable SSLContext context) {
    Origin origin = opening.origin();
    Proxy.Server proxy = opening.proxy();
    SslHandler tls =
        context != null && origin.secure() ? tls(context, origin, opening.protocols()) : null;
    if (context != null && proxy != null && proxy.secure()) {
      pipeline.addLast(tls(context, proxy.origin()));
    }
    if (proxy != null && proxy.socks()) {
      pipeline.addLast(new SocksTunnel(origin, proxy));
    } else if (proxy != null && opening.tunnels()) {
      // It adds the TLS to the origin when it is through.
      pipeline.addLast(new HttpTunnel(origin, proxy, settings.maxHeaderBytes, tls));
      return;
    }
    if (tls != null) {
      pipeline.addLast(SocketOpening.ORIGIN_TLS, tls);
    }
  }

  private SslHandler tls(SSLContext context, Origin server, String... protocols) {
    return HttpTls.client(context, server, !settings.insecure, protocols);
  }

  @Suspends
  private static <T> T awaitReady(SocketOpening<T> opening) throws IOException {
    try {
      return opening.ready().await();
    } catch (CompletionException e) {
      Throwable cause = Objects.requireNonNull(e.getCause());
      throw new IOException(describe(opening, cause), cause);
    }
  }

  private static String describe(SocketOpening<?> opening, Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof ProxyConnectException) {
        return "the proxy does not pass it on (" + t.getMessage() + ")";
      }
    }
    if (cause instanceof Http2Exception) {
      return "expected a server that speaks HTTP/2 (" + cause.getMessage() + ")";
    }
    boolean toProxy = opening.stillMeetsProxy();
    boolean tls = toProxy || opening.origin().secure();
    String with = toProxy ? " with the proxy" : "";
    return cause instanceof ClosedChannelException
        ? "the connection was closed during the " + (tls ? "TLS " : "") + "handshake" + with
        : (tls ? "TLS" + with + ": " : "") + Causes.unwrapped(cause).getMessage();
  }

  @Suspends
  private SSLContext sslContext() {
    SSLContext present = sslContext;
    if (present == null) {
      present = HttpTls.defaultContext();
      sslContext = present;
    }
    return present;
  }
}
