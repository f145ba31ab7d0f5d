package dev.aioli.net;

import dev.aioli.Suspends;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Opens the listening sockets of a server. */
final class Listening {
  private final NettyPoller poller;
  private final Server server;
  private final ServerOptions options;

  Listening(NettyPoller poller, Server server, ServerOptions options) {
    this.poller = poller;
    this.server = server;
    this.options = options;
  }

  /** Listens on all TCP addresses, or on none. */
  @Suspends
  void start(List<SocketAddress> addresses) throws IOException {
    ServerBootstrap bootstrap =
        bootstrap()
            .channelFactory(poller.channels(poller.transport().serverSocketType()))
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true);
    if (options.reusePort()) {
      bootstrap.option(poller.transport().reusePort(), true);
    }
    bindAll(bootstrap, addresses);
  }

  @Suspends
  void startUnix(Path path) throws IOException {
    ServerBootstrap bootstrap =
        bootstrap().channelFactory(poller.channels(poller.transport().serverUnixSocketType()));
    SocketFile file = new SocketFile(path, poller.transport());
    Channel bound = new Opening(poller, () -> bind(bootstrap, file)).await();
    server.setListening(List.of(bound), file, options.startServing());
  }

  private ChannelFuture bind(ServerBootstrap bootstrap, SocketFile file) {
    ChannelFuture binding = bootstrap.bind(file.address());
    poller.whenDone(
        binding,
        () -> {
          if (binding.isSuccess()) {
            file.bound();
            binding.channel().closeFuture().addListener(closed -> file.remove(poller.loop()));
          }
        });
    return binding;
  }

  private ServerBootstrap bootstrap() {
    LogTime.load();
    return new ServerBootstrap()
        .group(poller.group())
        .option(ChannelOption.SO_BACKLOG, options.backlog())
        .option(ChannelOption.AUTO_READ, options.startServing())
        .handler(new AcceptErrors())
        .childHandler(new NewConnection());
  }

  @Suspends
  private void bindAll(ServerBootstrap bootstrap, List<SocketAddress> addresses)
      throws IOException {
    List<Channel> bound = new ArrayList<>();
    boolean all = false;
    try {
      for (SocketAddress address : addresses) {
        bound.add(new Opening(poller, () -> bootstrap.bind(address)).await());
      }
      server.setListening(bound, null, options.startServing());
      all = true;
    } finally {
      if (!all) {
        bound.forEach(poller::close);
      }
    }
  }

  private final class NewConnection extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      ChannelTransport transport =
          new ChannelTransport(poller, options.limit(), options.tls(), server.listener());
      if (server.attach(transport)) {
        channel.pipeline().addLast(transport);
      } else {
        var _ = channel.close(); // it came between close() and the end of the socket
      }
    }
  }

  /**
   * Reports what went wrong with accepting. Netty's own handler, which comes before, has stopped
   * accepting for a second: with no file descriptor left the next try would fail at once.
   */
  @Sharable
  private final class AcceptErrors extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.pipeline().remove(this).addLast(this); // behind Netty's
      context.fireChannelActive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      StreamErrors.report(
          poller.loop(),
          "socket.accept() failed on " + server + ": again in a second",
          cause,
          null);
    }
  }
}
