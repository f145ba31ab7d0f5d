package dev.aioli.http;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.TimeoutException;
import dev.aioli.http.HttpException.TimedOut.Limit;
import dev.aioli.net.Sockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Connects the client's connections: TCP, through a proxy or not, then TLS if the scheme wants it.
 */
final class Connector {
  private static final int MAX_CHUNK_BYTES = 64 * 1024;

  private final HttpClientBuilder settings;
  private @Nullable SSLContext sslContext;

  Connector(HttpClientBuilder settings) {
    this.settings = settings;
    sslContext = settings.insecure ? TrustAll.context() : settings.sslContext;
  }

  /**
   * Connects a connection to its origin.
   *
   * <p>Cancellation: the attempt is given up and its socket closed.
   *
   * @throws HttpException.TimedOut if it takes longer than the client allows
   * @throws HttpException.ConnectFailed if it cannot be done
   */
  @Suspends
  void connect(Http1Connection connection) {
    Origin origin = connection.origin();
    try {
      Asyncio.timeout(settings.connectTimeout, () -> connectInTime(connection));
    } catch (TimeoutException e) {
      throw new HttpException.TimedOut(
          Limit.CONNECT,
          "expected a connection to " + describe(connection) + " within " + settings.connectTimeout,
          e);
    } catch (UnknownHostException e) {
      String host = connection.proxy() == null ? origin.host() : connection.proxy().host();
      throw new HttpException.ConnectFailed(
          "unknown host '" + host + "': cannot connect to " + describe(connection), e);
    } catch (IOException e) {
      throw new HttpException.ConnectFailed(
          "cannot connect to " + describe(connection) + ": " + e.getMessage(), e);
    }
  }

  private static String describe(Http1Connection connection) {
    return connection.origin()
        + (connection.proxy() == null ? "" : " through " + connection.proxy());
  }

  @Suspends
  private void connectInTime(Http1Connection connection) throws IOException {
    Origin origin = connection.origin();
    Proxy.Server proxy = connection.proxy();
    SSLContext tls = origin.secure() ? sslContext() : null;
    if (proxy == null) {
      Sockets.connect(origin.host(), origin.port(), initializer(connection, tls, null));
    } else {
      connectThrough(proxy, connection, tls);
    }
    if (connection.opensInSteps()) {
      awaitReady(connection);
    }
  }

  /** Whether the proxy passes bytes on, else it reads the requests. */
  private static boolean tunnels(Proxy.@Nullable Server proxy, Origin origin) {
    return proxy != null && (proxy.socks() || origin.secure());
  }

  @Suspends
  private void connectThrough(
      Proxy.Server proxy, Http1Connection connection, @Nullable SSLContext tls) throws IOException {
    Origin origin = connection.origin();
    if (!tunnels(proxy, origin)) {
      Sockets.connect(proxy.host(), proxy.port(), initializer(connection, tls, null));
      return;
    }
    List<InetAddress> addresses = Sockets.getAddrInfo(proxy.host());
    InetSocketAddress address = new InetSocketAddress(addresses.getFirst(), proxy.port());
    // The proxy resolves the name of the origin.
    Sockets.connect(
        InetSocketAddress.createUnresolved(origin.host(), origin.port()),
        initializer(connection, tls, handler(proxy, address)));
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
      Http1Connection connection, @Nullable SSLContext tls, @Nullable ProxyHandler proxy) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        // A server may answer and close before it has read the body: when the writing fails there
        // can still be something to read.
        channel.config().setOption(ChannelOption.AUTO_CLOSE, false);
        ChannelPipeline pipeline = channel.pipeline();
        if (proxy != null) {
          pipeline.addLast(proxy);
        }
        if (tls != null) {
          pipeline.addLast(new SslHandler(engine(tls, connection.origin())));
        }
        pipeline.addLast(connection.decoder(decoding()), new HttpRequestEncoder(), connection);
      }
    };
  }

  @Suspends
  private static void awaitReady(Http1Connection connection) throws IOException {
    try {
      connection.ready().await();
    } catch (CompletionException e) {
      Throwable cause = Objects.requireNonNull(e.getCause());
      throw new IOException(describe(cause, connection.origin().secure()), cause);
    }
  }

  private static String describe(Throwable cause, boolean tls) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof ProxyConnectException) {
        return "the proxy does not pass it on (" + t.getMessage() + ")";
      }
    }
    if (cause instanceof ClosedChannelException) {
      return "the connection was closed during the " + (tls ? "TLS " : "") + "handshake";
    }
    return (tls ? "TLS: " : "") + cause.getMessage();
  }

  /** The JVM's own trust store is read from disk, so a worker thread does it. */
  @Suspends
  private SSLContext sslContext() {
    SSLContext present = sslContext;
    if (present == null) {
      present = Asyncio.toThread(SSLContext::getDefault);
      sslContext = present;
    }
    return present;
  }

  private SSLEngine engine(SSLContext context, Origin origin) {
    SSLEngine engine = context.createSSLEngine(origin.host(), origin.port());
    engine.setUseClientMode(true);
    if (!settings.insecure) {
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate must be this host's
      engine.setSSLParameters(parameters);
    }
    return engine;
  }

  private HttpDecoderConfig decoding() {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(settings.maxHeaderBytes)
        .setMaxHeaderSize(settings.maxHeaderBytes)
        .setMaxChunkSize(MAX_CHUNK_BYTES);
  }
}
