package dev.aioli.http.wire;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.net.Tls;
import dev.aioli.net.TlsOptions;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** TLS of the connections of client and server: that of net, and the choice of what is spoken. */
public final class HttpTls {
  /** How long a connection that closes may take to say so. */
  private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(3);

  private HttpTls() {}

  /** Keys and trust of the JVM; they are read from disk, so a worker thread does it. */
  @Suspends
  public static SSLContext defaultContext() {
    return Asyncio.toThread(SSLContext::getDefault);
  }

  /**
   * The client's side. The handshake has no time limit here: the one for connecting covers it.
   *
   * @param origin the certificate must be of its host
   * @param checked else any certificate will do that the context trusts
   * @param protocols what is offered, the best first; none if there is nothing to choose
   */
  public static SslHandler client(
      SSLContext context, Origin origin, boolean checked, String... protocols) {
    TlsOptions options = options(context);
    SslHandler handler =
        Tls.client(
            checked ? options : options.withServerHostname(""), origin.host(), origin.port());
    handler.setHandshakeTimeoutMillis(0);
    return speaking(protocols, handler);
  }

  /** The server's side. */
  public static SslHandler server(
      SSLContext context, Duration handshakeTimeout, String... protocols) {
    return speaking(protocols, Tls.server(options(context).withHandshakeTimeout(handshakeTimeout)));
  }

  private static TlsOptions options(SSLContext context) {
    return TlsOptions.of(context).withShutdownTimeout(SHUTDOWN_TIMEOUT);
  }

  private static SslHandler speaking(String[] protocols, SslHandler handler) {
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setApplicationProtocols(protocols);
    handler.engine().setSSLParameters(parameters);
    return handler;
  }
}
