package dev.aioli.net;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens TCP connections and listening sockets on the running loop. As {@code
 * loop.create_connection} and {@code loop.create_server}, with a Netty pipeline in the place of the
 * protocol.
 */
public final class Sockets {
  private Sockets() {}

  /**
   * Connects to a host: resolves its name and tries its addresses one after the other. As {@code
   * loop.create_connection}.
   *
   * <p>Has no time limit of its own but the system's; put {@code Asyncio.timeout} around it.
   *
   * <p>Cancellation: the attempt is given up and its socket closed.
   *
   * @param host a name, or an address in digits
   * @param initializer sets up the pipeline of the new channel, on the loop's thread
   * @throws java.net.UnknownHostException if the name does not resolve
   * @throws IOException if no address accepts; from the last one tried, the others suppressed
   */
  @Suspends
  public static Channel connect(String host, int port, ChannelHandler initializer)
      throws IOException {
    IOException failure = null;
    for (InetAddress address : getAddrInfo(host)) {
      try {
        return connect(new InetSocketAddress(address, port), initializer);
      } catch (IOException e) {
        if (failure != null) {
          e.addSuppressed(failure);
        }
        failure = e;
      }
    }
    throw failure == null ? new IOException("no address for " + host) : failure;
  }

  /** As {@link #connect(String, int, ChannelHandler)}, to one resolved address. */
  @Suspends
  public static Channel connect(InetSocketAddress address, ChannelHandler initializer)
      throws IOException {
    NettyPoller poller = NettyPoller.of(EventLoop.getRunningLoop());
    Bootstrap bootstrap =
        new Bootstrap()
            .group(poller.group())
            .channel(poller.transport().socketType())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
            .disableResolver()
            .handler(initializer);
    return new Opening(poller, () -> bootstrap.connect(address)).await();
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
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(poller.group())
            .channel(poller.transport().serverSocketType())
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
    return List.of(await(resolved));
  }

  private static <T> T await(Future<T> future) throws IOException {
    try {
      return future.await();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** A channel on its way: made on the loop's thread, awaited by a task. */
  private static final class Opening {
    private final NettyPoller poller;
    private final Future<Channel> opened;
    private @Nullable ChannelFuture started;
    private boolean abandoned;

    Opening(NettyPoller poller, Supplier<ChannelFuture> operation) {
      this.poller = poller;
      opened = poller.loop().createFuture();
      poller.post(() -> start(operation));
    }

    private void start(Supplier<ChannelFuture> operation) {
      if (!abandoned) {
        started = operation.get();
        started.addListener(ignored -> finished());
      }
    }

    private void finished() {
      ChannelFuture outcome = started;
      if (outcome == null || opened.done()) {
        return; // given up
      }
      if (outcome.isSuccess()) {
        opened.setResult(outcome.channel());
      } else {
        opened.setException(outcome.cause());
      }
    }

    @Suspends
    Channel await() throws IOException {
      boolean delivered = false;
      try {
        Channel channel = Sockets.await(opened);
        delivered = true;
        return channel;
      } finally {
        if (!delivered) {
          abandoned = true;
          poller.post(this::closeStarted);
        }
      }
    }

    private void closeStarted() {
      if (started != null) {
        var _ = started.channel().close();
      }
    }
  }
}
