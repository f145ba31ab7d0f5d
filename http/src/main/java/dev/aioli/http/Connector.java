package dev.aioli.http;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.TimeoutException;
import dev.aioli.net.Sockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** Connects the client's connections: TCP, then TLS where the scheme wants it. */
final class Connector {
  private static final int MAX_CHUNK_BYTES = 64 * 1024;

  private final HttpClient.Builder settings;
  private @Nullable SSLContext sslContext;

  Connector(HttpClient.Builder settings) {
    this.settings = settings;
    sslContext = settings.sslContext;
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
  void connect(ClientConnection connection) {
    Origin origin = connection.origin();
    try {
      Asyncio.timeout(settings.connectTimeout, () -> connectInTime(connection));
    } catch (TimeoutException e) {
      throw new HttpException.TimedOut(
          "expected a connection to " + origin + " within " + settings.connectTimeout, e);
    } catch (UnknownHostException e) {
      throw new HttpException.ConnectFailed(
          "unknown host '" + origin.host() + "': cannot connect to " + origin, e);
    } catch (IOException e) {
      throw new HttpException.ConnectFailed(
          "cannot connect to " + origin + ": " + e.getMessage(), e);
    }
  }

  @Suspends
  private void connectInTime(ClientConnection connection) throws IOException {
    Origin origin = connection.origin();
    SSLContext tls = origin.secure() ? sslContext() : null;
    Sockets.connect(
        origin.host(),
        origin.port(),
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            if (tls != null) {
              channel.pipeline().addLast(new SslHandler(engine(tls, origin)));
            }
            channel.pipeline().addLast(codec(), connection);
          }
        });
    if (tls != null) {
      awaitTls(connection);
    }
  }

  @Suspends
  private static void awaitTls(ClientConnection connection) throws IOException {
    try {
      connection.secured().await();
    } catch (CompletionException e) {
      Throwable cause = Objects.requireNonNull(e.getCause());
      throw new IOException(
          cause instanceof ClosedChannelException
              ? "the connection was closed during the TLS handshake"
              : "TLS: " + cause.getMessage(),
          cause);
    }
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

  private static SSLEngine engine(SSLContext context, Origin origin) {
    SSLEngine engine = context.createSSLEngine(origin.host(), origin.port());
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate must be this host's
    engine.setSSLParameters(parameters);
    return engine;
  }

  private HttpClientCodec codec() {
    HttpDecoderConfig config =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(settings.maxHeaderBytes)
            .setMaxHeaderSize(settings.maxHeaderBytes)
            .setMaxChunkSize(MAX_CHUNK_BYTES);
    return new HttpClientCodec(config, false, false);
  }
}
