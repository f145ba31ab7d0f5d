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
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
    SSLContext tls = origin.secure() ? sslContext() : null;
    if (proxy == null) {
      Sockets.connect(origin.host(), origin.port(), initializer(opening, tls, null));
    } else if (opening.tunnels()) {
      tunnel(opening, proxy, tls);
    } else {
      Sockets.connect(proxy.host(), proxy.port(), initializer(opening, tls, null));
    }
    return awaitReady(opening);
  }

  /** Connects to the first address of a proxy that accepts. It resolves the name of the origin. */
  @Suspends
  private void tunnel(SocketOpening<?> opening, Proxy.Server proxy, @Nullable SSLContext tls)
      throws IOException {
    Origin origin = opening.origin();
    IOException failure = null;
    for (InetAddress address : Sockets.getAddrInfo(proxy.host())) {
      try {
        ProxyHandler handler = handler(proxy, new InetSocketAddress(address, proxy.port()));
        Sockets.connect(
            InetSocketAddress.createUnresolved(origin.host(), origin.port()),
            initializer(opening, tls, handler));
        return;
      } catch (IOException e) {
        if (failure != null) {
          e.addSuppressed(failure);
        }
        failure = e;
      }
    }
    throw Objects.requireNonNull(failure); // there is an address at least
  }

  private static ProxyHandler handler(Proxy.Server proxy, InetSocketAddress address) {
    ProxyHandler handler =
        proxy.socks()
            ? new Socks5ProxyHandler(address, proxy.user(), proxy.password())
            : proxy.user() == null
                ? new HttpProxyHandler(address)
                : new HttpProxyHandler(address, proxy.user(), proxy.password());
    handler.setConnectTimeoutMillis(0); // the client has its own
    return handler;
  }

  private ChannelInitializer<Channel> initializer(
      SocketOpening<?> opening, @Nullable SSLContext tls, @Nullable ProxyHandler proxy) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (proxy != null) {
          channel.pipeline().addLast(proxy);
        }
        if (tls != null) {
          channel
              .pipeline()
              .addLast(
                  HttpTls.client(tls, opening.origin(), !settings.insecure, opening.protocols()));
        }
        opening.begin(channel);
      }
    };
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
    boolean tls = opening.origin().secure();
    return cause instanceof ClosedChannelException
        ? "the connection was closed during the " + (tls ? "TLS " : "") + "handshake"
        : (tls ? "TLS: " : "") + Causes.unwrapped(cause).getMessage();
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
