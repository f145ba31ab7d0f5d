package dev.aioli.net;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Connections and servers on the running loop: a {@link StreamReader} and a {@link StreamWriter}
 * each, over TCP, TLS and unix-domain sockets. As asyncio's functions of these names.
 */
public final class Streams {
  private Streams() {}

  /** As {@link #openConnection(String, int, ConnectionOptions)}, with the default options. */
  @Suspends
  public static Connection openConnection(String host, int port) throws IOException {
    return openConnection(host, port, ConnectionOptions.DEFAULT);
  }

  /**
   * Connects to a host. Has no time limit of its own but the system's, and that of TLS; put {@code
   * Asyncio.timeout} around it.
   *
   * <p>Cancellation: every attempt is given up and its socket closed.
   *
   * @param host a name, or an address in digits
   * @throws java.net.UnknownHostException if the name does not resolve
   * @throws javax.net.ssl.SSLException if the handshake fails
   * @throws IOException if no address accepts; with the errors of all
   */
  @Suspends
  public static Connection openConnection(String host, int port, ConnectionOptions options)
      throws IOException {
    NettyPoller poller = NettyPoller.of(EventLoop.getRunningLoop());
    TlsOptions tls = options.tls();
    if (tls != null && tls.serverHostname() == null) {
      tls = tls.withServerHostname(host);
    }
    ChannelTransport transport = new ChannelTransport(poller, options.limit(), tls, null);
    Sockets.connect(host, port, options, transport);
    return opened(transport);
  }

  /** As {@link #openUnixConnection(Path, ConnectionOptions)}, with the default options. */
  @Suspends
  public static Connection openUnixConnection(Path path) throws IOException {
    return openUnixConnection(path, ConnectionOptions.DEFAULT);
  }

  /**
   * Connects to a unix-domain socket. Otherwise as {@link #openConnection}; the options about
   * addresses mean nothing here.
   *
   * @throws IllegalArgumentException with TLS that names no server
   */
  @Suspends
  public static Connection openUnixConnection(Path path, ConnectionOptions options)
      throws IOException {
    TlsOptions tls = options.tls();
    if (tls != null && tls.serverHostname() == null) {
      throw new IllegalArgumentException(
          "expected a serverHostname for TLS without a host (\"\" checks none), found null");
    }
    NettyPoller poller = NettyPoller.of(EventLoop.getRunningLoop());
    ChannelTransport transport = new ChannelTransport(poller, options.limit(), tls, null);
    Bootstrap bootstrap =
        new Bootstrap()
            .group(poller.group())
            .channelFactory(poller.channels(poller.transport().unixSocketType()))
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
            .disableResolver()
            .handler(transport);
    SocketAddress address = poller.transport().unixAddress(path);
    new Opening(poller, () -> bootstrap.connect(address)).await();
    return opened(transport);
  }

  @Suspends
  private static Connection opened(ChannelTransport transport) throws IOException {
    transport.awaitSecured();
    return new Connection(transport.reader(), transport.writer());
  }

  /** As {@link #startServer(ClientConnected, String, int, ServerOptions)}, by default options. */
  @Suspends
  public static Server startServer(ClientConnected handler, @Nullable String host, int port)
      throws IOException {
    return startServer(handler, host, port, ServerOptions.DEFAULT);
  }

  /**
   * Listens on every address of a host. Each connection is served in a task of its own.
   *
   * <p>When the process has no file descriptors left, that is reported to the loop's exception
   * handler, and accepting goes on a second later.
   *
   * <p>Cancellation: the sockets are closed.
   *
   * @param host a name, or an address in digits; null for all interfaces
   * @param port 0 for one that is free: {@link Server#port} tells which
   * @throws java.net.UnknownHostException if the name does not resolve
   * @throws IOException if an address is not free
   */
  @Suspends
  public static Server startServer(
      ClientConnected handler, @Nullable String host, int port, ServerOptions options)
      throws IOException {
    Objects.requireNonNull(handler, "handler");
    Checks.port(port);
    NettyPoller poller = NettyPoller.of(EventLoop.getRunningLoop());
    List<SocketAddress> addresses = new ArrayList<>();
    if (host == null) {
      addresses.add(new InetSocketAddress(port));
    } else {
      for (InetAddress address : new LinkedHashSet<>(Sockets.getAddrInfo(host))) {
        addresses.add(new InetSocketAddress(address, port));
      }
    }
    Server server = new Server(poller, handler);
    new Listening(poller, server, options).start(addresses);
    return server;
  }

  /** As {@link #startUnixServer(ClientConnected, Path, ServerOptions)}, by default options. */
  @Suspends
  public static Server startUnixServer(ClientConnected handler, Path path) throws IOException {
    return startUnixServer(handler, path, ServerOptions.DEFAULT);
  }

  /**
   * Listens on a unix-domain socket. A socket that is at the path is replaced: nobody can tell
   * whether an earlier server left it. It is removed when the server or the loop closes, unless
   * another server has replaced it by then. Otherwise as {@link #startServer}.
   *
   * @throws java.nio.file.FileAlreadyExistsException if there is a file of another kind at the path
   */
  @Suspends
  public static Server startUnixServer(ClientConnected handler, Path path, ServerOptions options)
      throws IOException {
    Objects.requireNonNull(handler, "handler");
    NettyPoller poller = NettyPoller.of(EventLoop.getRunningLoop());
    Opening.await(Asyncio.runInExecutor(() -> removeStale(path)));
    Server server = new Server(poller, handler);
    new Listening(poller, server, options).startUnix(path);
    return server;
  }

  /** Netty would remove whatever is there. */
  private static void removeStale(Path path) throws IOException {
    try {
      if (!Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS).isOther()) {
        throw new FileAlreadyExistsException(
            path.toString(), null, "expected a socket or nothing, found a file of another kind");
      }
      Files.delete(path);
    } catch (NoSuchFileException e) {
      // the usual case
    }
  }
}
