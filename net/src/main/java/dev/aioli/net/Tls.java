package dev.aioli.net;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Netty's TLS on the JDK's engine. For what is built on channels, as {@link Sockets}; programs give
 * {@link TlsOptions} to {@link Streams}.
 */
public final class Tls {
  /**
   * For what takes the engine long: signatures, and the checks of certificates, which may even
   * block. Handshakes are few, so each gets a thread; the loop goes on meanwhile.
   */
  private static final Executor LONG_TASKS =
      task -> Thread.ofVirtual().name("aioli-tls").start(task);

  private Tls() {}

  /**
   * The client's side of a connection, first in a pipeline.
   *
   * @param host the name that is asked for, and that the server's certificate must have unless the
   *     options say otherwise
   * @param port the port, for sessions that are taken up again
   */
  public static SslHandler client(TlsOptions options, String host, int port) {
    return newHandler(options, options.context().createSSLEngine(host, port), false);
  }

  /** The server's side of a connection, first in a pipeline. */
  public static SslHandler server(TlsOptions options) {
    return newHandler(options, options.context().createSSLEngine(), true);
  }

  /** The client's side, of a connection to wherever the options or the channel say. */
  static SslHandler client(TlsOptions options, Channel channel) {
    return newHandler(options, engine(options, channel), false);
  }

  private static SslHandler newHandler(TlsOptions options, SSLEngine engine, boolean server) {
    engine.setUseClientMode(!server);
    SSLParameters given = options.parameters();
    if (given != null) {
      engine.setSSLParameters(given);
    }
    // A copy: the given ones are for others, too.
    SSLParameters parameters = engine.getSSLParameters();
    boolean namesGiven = given != null && given.getServerNames() != null;
    boolean checksName =
        !server
            && !"".equals(options.serverHostname())
            && parameters.getEndpointIdentificationAlgorithm() == null;
    String name = server ? null : TlsNames.serverName(engine.getPeerHost());
    if (name != null && !namesGiven) {
      parameters.setServerNames(TlsNames.indication(name));
    }
    boolean unusual = name != null && !TlsNames.knownToTheJdk(name);
    if (checksName && !unusual) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    engine.setSSLParameters(parameters);
    SslHandler handler = new TlsHandler(engine, LONG_TASKS, checksName && unusual ? name : null);
    handler.setHandshakeTimeoutMillis(millis(options.handshakeTimeout()));
    handler.setCloseNotifyFlushTimeoutMillis(millis(options.shutdownTimeout()));
    return handler;
  }

  private static long millis(Duration duration) {
    return Math.max(1, duration.toMillis());
  }

  private static SSLEngine engine(TlsOptions options, Channel channel) {
    String host = options.serverHostname();
    int port = 0;
    if (channel.remoteAddress() instanceof InetSocketAddress address) {
      port = address.getPort();
      if (host == null) {
        host = address.getHostString();
      }
    }
    return host == null || host.isEmpty()
        ? options.context().createSSLEngine()
        : options.context().createSSLEngine(host, port);
  }

  static IOException handshakeFailure(@Nullable Throwable cause) {
    return switch (cause) {
      case ClosedChannelException e -> {
        IOException failure =
            new SSLHandshakeException("the connection was closed during the TLS handshake");
        failure.initCause(e);
        yield failure;
      }
      case IOException e -> e;
      case null, default -> new IOException(Objects.requireNonNull(cause));
    };
  }
}
