package dev.aioli.net;

import org.jspecify.annotations.Nullable;

/**
 * How to listen.
 *
 * @param limit the limit of each {@link StreamReader}, in bytes
 * @param tls how to speak TLS; null for plain text
 * @param backlog how many connections the system may hold until they are accepted. Default 100
 * @param reusePort whether several sockets, of several processes even, may listen on one port, and
 *     share its connections. Not for unix sockets
 * @param startServing whether connections are accepted at once; otherwise from {@link
 *     Server#startServing} or {@link Server#serveForever} on, and until then they wait in the
 *     backlog
 */
public record ServerOptions(
    int limit, @Nullable TlsOptions tls, int backlog, boolean reusePort, boolean startServing) {

  /** What holds unless said otherwise. */
  public static final ServerOptions DEFAULT =
      new ServerOptions(StreamReader.DEFAULT_LIMIT, null, 100, false, true);

  /** Checks the ranges. */
  public ServerOptions {
    Checks.positive("limit", limit);
    Checks.positive("backlog", backlog);
  }

  /** The same with another limit of the readers, in bytes. */
  public ServerOptions withLimit(int newLimit) {
    return new ServerOptions(newLimit, tls, backlog, reusePort, startServing);
  }

  /** The same with TLS. */
  public ServerOptions withTls(TlsOptions newTls) {
    return new ServerOptions(limit, newTls, backlog, reusePort, startServing);
  }

  /** The same with another backlog. */
  public ServerOptions withBacklog(int newBacklog) {
    return new ServerOptions(limit, tls, newBacklog, reusePort, startServing);
  }

  /** The same, sharing the port or not. */
  public ServerOptions withReusePort(boolean newReusePort) {
    return new ServerOptions(limit, tls, backlog, newReusePort, startServing);
  }

  /** The same, accepting at once or not. */
  public ServerOptions withStartServing(boolean newStartServing) {
    return new ServerOptions(limit, tls, backlog, reusePort, newStartServing);
  }
}
