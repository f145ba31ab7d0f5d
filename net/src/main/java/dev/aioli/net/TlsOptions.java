package dev.aioli.net;

import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * How to speak TLS.
 *
 * @param context keys and trust
 * @param serverHostname the name that the server's certificate must have, on the client's side;
 *     null for the host that was connected to, "" to check no name
 * @param parameters protocols, ciphers, client authentication, ALPN; null for those of the context
 * @param handshakeTimeout how long the handshake may take. Default 60 s
 * @param shutdownTimeout how long a closing connection may take to send what is left. Default 30 s
 */
public record TlsOptions(
    SSLContext context,
    @Nullable String serverHostname,
    @Nullable SSLParameters parameters,
    Duration handshakeTimeout,
    Duration shutdownTimeout) {

  /** Checks that the times are positive. */
  public TlsOptions {
    Objects.requireNonNull(context, "context");
    Checks.positive("handshakeTimeout", handshakeTimeout);
    Checks.positive("shutdownTimeout", shutdownTimeout);
  }

  /** The options that a context has by default. */
  public static TlsOptions of(SSLContext context) {
    return new TlsOptions(context, null, null, Duration.ofSeconds(60), Duration.ofSeconds(30));
  }

  /** The same with another name to check the server's certificate against; "" checks none. */
  public TlsOptions withServerHostname(String newServerHostname) {
    return new TlsOptions(
        context, newServerHostname, parameters, handshakeTimeout, shutdownTimeout);
  }

  /** The same with other parameters of the engine. */
  public TlsOptions withParameters(SSLParameters newParameters) {
    return new TlsOptions(
        context, serverHostname, newParameters, handshakeTimeout, shutdownTimeout);
  }

  /** The same with another limit of the handshake. */
  public TlsOptions withHandshakeTimeout(Duration newHandshakeTimeout) {
    return new TlsOptions(
        context, serverHostname, parameters, newHandshakeTimeout, shutdownTimeout);
  }

  /** The same with another limit of the shutdown. */
  public TlsOptions withShutdownTimeout(Duration newShutdownTimeout) {
    return new TlsOptions(
        context, serverHostname, parameters, handshakeTimeout, newShutdownTimeout);
  }
}
