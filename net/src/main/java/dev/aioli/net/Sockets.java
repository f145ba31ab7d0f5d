package dev.aioli.net;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Opens TCP connections and listening sockets on the running loop. As {@code
 * loop.create_connection} and {@code loop.create_server}, with a Netty pipeline in the place of the
 * protocol.
 */
public final class Sockets {
  private Sockets() {}

  /**
   * Connects to a host: resolves its name and tries its addresses, the next one beside the one
   * before if that takes longer than {@link ConnectionOptions#happyEyeballsDelay}. As {@code
   * loop.create_connection}.
   *
   * <p>Has no time limit of its own but the system's; put {@code Asyncio.timeout} around it.
   *
   * <p>Cancellation: the attempts are given up and their sockets closed.
   *
   * @param host a name, or an address in digits
   * @param initializer sets up the pipeline of the new channel, on the loop's thread; it sees no
   *     channel but the one that is returned
   * @throws java.net.UnknownHostException if the name does not resolve
   * @throws IOException if no address accepts; with the errors of all
   */
  @Suspends
  public static Channel connect(String host, int port, ChannelHandler initializer)
      throws IOException {
    return connect(host, port, ConnectionOptions.DEFAULT, initializer);
  }

  /**
   * As {@link #connect(String, int, ChannelHandler)}, with the local address and the happy eyeballs
   * of the options; TLS and the limit are up to the pipeline.
   */
  @Suspends
  public static Channel connect(
      String host, int port, ConnectionOptions options, ChannelHandler initializer)
      throws IOException {
    Checks.port(port);
    NettyPoller poller = NettyPoller.of(EventLoop.getRunningLoop());
    List<InetSocketAddress> addresses =
        getAddrInfo(host).stream().map(address -> new InetSocketAddress(address, port)).toList();
    return new HappyEyeballs(poller, options, initializer).connect(addresses);
  }

  /** As {@link #connect(String, int, ChannelHandler)}, to one resolved address. */
  @Suspends
  public static Channel connect(InetSocketAddress address, ChannelHandler initializer)
      throws IOException {
    NettyPoller poller = NettyPoller.of(EventLoop.getRunningLoop());
    return new HappyEyeballs(poller, ConnectionOptions.DEFAULT, initializer)
        .connect(List.of(address));
  }

  /**
   * Listens on an address. Closing the channel that is returned stops the listening; accepted
   * connections live on. As {@code loop.create_server}.
   *
   * <p>Cancellation: the socket is closed.
   *
   * @param host a name, or an address in digits
   * @param port 0 for one that is free: the channel's local address tells which
   * @param backlog how many connections the system may hold until they are accepted
   * @param initializer sets up the pipeline of each accepted channel, on the loop's thread
   * @throws IOException if the name does not resolve or the address is not free
   */
  @Suspends
  public static Channel listen(String host, int port, int backlog, ChannelHandler initializer)
      throws IOException {
    NettyPoller poller = NettyPoller.of(EventLoop.getRunningLoop());
    InetSocketAddress address = new InetSocketAddress(getAddrInfo(host).getFirst(), port);
    LogTime.load();
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(poller.group())
            .channelFactory(poller.channels(poller.transport().serverSocketType()))
            .option(ChannelOption.SO_BACKLOG, backlog)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(initializer);
    return new Opening(poller, () -> bootstrap.bind(address)).await();
  }

  /**
   * The addresses of a host, in the system's order. Suspends unless the host is an address in
   * digits: a worker thread asks the system's resolver. As {@code loop.getaddrinfo}.
   *
   * <p>Cancellation: ends the wait; the worker thread goes on until the resolver answers.
   *
   * @throws java.net.UnknownHostException if the name does not resolve
   */
  @Suspends
  public static List<InetAddress> getAddrInfo(String host) throws IOException {
    InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
    if (literal != null) {
      return List.of(literal);
    }
    Future<InetAddress[]> resolved =
        Asyncio.runInExecutor(null, () -> InetAddress.getAllByName(host));
    return List.of(Opening.await(resolved));
  }

  /**
   * The name of an address, or its digits if it has none. A worker thread asks the system's
   * resolver. As {@code loop.getnameinfo}.
   *
   * <p>Cancellation: ends the wait; the worker thread goes on until the resolver answers.
   */
  @Suspends
  public static String getNameInfo(InetAddress address) {
    return Asyncio.<String>runInExecutor(null, address::getCanonicalHostName).await();
  }
}
