package dev.aioli.net;

import dev.aioli.Asyncio;
import dev.aioli.Future;
import dev.aioli.RaceResult;
import dev.aioli.Suspends;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Connects to the first of several addresses that answers: the attempts are staggered, so that a
 * dead address costs a moment and no time-out (RFC 8305). As {@code loop.create_connection}.
 */
final class HappyEyeballs {
  private final NettyPoller poller;
  private final ConnectionOptions options;
  private final ChannelHandler initializer;

  HappyEyeballs(NettyPoller poller, ConnectionOptions options, ChannelHandler initializer) {
    this.poller = poller;
    this.options = options;
    this.initializer = initializer;
  }

  /**
   * Connects, and sets up the pipeline of the channel that won.
   *
   * @param addresses in the order of the resolver
   */
  @Suspends
  Channel connect(List<InetSocketAddress> addresses) throws IOException {
    return switch (addresses.size()) {
      case 0 -> throw new UnknownHostException("no address to connect to");
      case 1 -> connect(addresses.getFirst(), initializer, false);
      default -> race(addresses);
    };
  }

  /**
   * The attempts have no pipeline: the initializer may be good for one channel only, and should not
   * see those that lose. Meanwhile a channel whose peer has closed must not close, or what it has
   * read would be lost.
   */
  @Suspends
  private Channel race(List<InetSocketAddress> addresses) throws IOException {
    List<Callable<Channel>> attempts = new ArrayList<>();
    for (InetSocketAddress address : inTurns(addresses)) {
      attempts.add(() -> connect(address, new Holding(), true));
    }
    Channel winner;
    List<Throwable> failures = new ArrayList<>();
    if (options.happyEyeballsDelay() != null) {
      RaceResult<Channel> result = Asyncio.staggeredRace(attempts, options.happyEyeballsDelay());
      winner = result.winner();
      result.exceptions().stream().filter(Objects::nonNull).forEach(failures::add);
    } else {
      winner = firstOf(attempts, failures);
    }
    if (winner == null) {
      throw combined(failures);
    }
    setUp(winner);
    return winner;
  }

  @Suspends
  private static @Nullable Channel firstOf(
      List<Callable<Channel>> attempts, List<Throwable> failures) throws IOException {
    for (Callable<Channel> attempt : attempts) {
      try {
        return attempt.call();
      } catch (IOException e) {
        failures.add(e);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new CompletionException(e);
      }
    }
    return null;
  }

  @Suspends
  private Channel connect(InetSocketAddress address, ChannelHandler handler, boolean raced)
      throws IOException {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(poller.group())
            .channelFactory(poller.channels(poller.transport().socketType()))
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
            .option(ChannelOption.AUTO_READ, !raced)
            .option(ChannelOption.ALLOW_HALF_CLOSURE, raced)
            .disableResolver()
            .handler(handler);
    InetSocketAddress local = options.localAddr();
    return new Opening(
            poller,
            () -> local == null ? bootstrap.connect(address) : bootstrap.connect(address, local))
        .await();
  }

  /** Has the initializer see the channel as if it had been there when the channel connected. */
  @Suspends
  private void setUp(Channel winner) throws IOException {
    Future<@Nullable Void> done = poller.loop().createFuture();
    boolean delivered = false;
    try {
      poller.post(() -> {
        Holding holding = winner.pipeline().get(Holding.class);
        if (holding == null) {
          failUnlessDone(done, new SocketException("Connection lost"));
          return;
        }
        holding.giveWayTo(initializer, winner);
        if (!done.done()) {
          done.setResult(null);
        }
      });
      Opening.await(done);
      delivered = true;
    } finally {
      if (!delivered) {
        poller.close(winner);
      }
    }
  }

  private static void failUnlessDone(Future<?> future, IOException cause) {
    if (!future.done()) {
      future.setException(cause);
    }
  }

  /** The families take turns, beginning with that of the first address. */
  private List<InetSocketAddress> inTurns(List<InetSocketAddress> addresses) {
    if (options.happyEyeballsDelay() == null || options.interleave() == 0) {
      return addresses;
    }
    return interleave(addresses, options.interleave());
  }

  static List<InetSocketAddress> interleave(List<InetSocketAddress> addresses, int firstCount) {
    Class<? extends InetAddress> family = addresses.getFirst().getAddress().getClass();
    List<InetSocketAddress> first = new ArrayList<>();
    List<InetSocketAddress> second = new ArrayList<>();
    for (InetSocketAddress address : addresses) {
      (address.getAddress().getClass() == family ? first : second).add(address);
    }
    int ahead = Math.min(firstCount - 1, first.size());
    List<InetSocketAddress> result = new ArrayList<>(first.subList(0, ahead));
    for (int i = 0; i < Math.max(first.size() - ahead, second.size()); i++) {
      if (ahead + i < first.size()) {
        result.add(first.get(ahead + i));
      }
      if (i < second.size()) {
        result.add(second.get(i));
      }
    }
    return result;
  }

  /** One error for those of all addresses: itself if there is one, or if all say the same. */
  private static IOException combined(List<Throwable> failures) {
    List<String> messages = failures.stream().map(HappyEyeballs::describe).distinct().toList();
    IOException result;
    List<Throwable> others;
    if (messages.size() == 1 && failures.getFirst() instanceof IOException first) {
      result = first;
      others = failures.subList(1, failures.size());
    } else {
      result =
          new ConnectException(
              "Multiple exceptions: " + messages.stream().collect(Collectors.joining(", ")));
      others = failures;
    }
    others.forEach(result::addSuppressed);
    return result;
  }

  private static String describe(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.toString() : message;
  }

  /**
   * The pipeline of an attempt: keeps what happens to the channel for the one that it will have. A
   * peer that sends and closes at once is read even though reading is off.
   */
  private static final class Holding extends ChannelInboundHandlerAdapter {
    private final List<Consumer<ChannelPipeline>> held = new ArrayList<>();
    private final List<Object> unread = new ArrayList<>();
    private boolean ended;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      held.add(ChannelPipeline::fireChannelActive);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      unread.add(message);
      held.add(next -> next.fireChannelRead(message));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      held.add(ChannelPipeline::fireChannelReadComplete);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      ended |= event == ChannelInputShutdownEvent.INSTANCE;
      held.add(next -> next.fireUserEventTriggered(event));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      held.add(next -> next.fireExceptionCaught(cause));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      held.add(ChannelPipeline::fireChannelInactive);
    }

    /**
     * Adds the real handler, and has it see everything: from the first handler on, since it may
     * have put TLS in front.
     */
    void giveWayTo(ChannelHandler handler, Channel channel) {
      channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
      channel.pipeline().addLast(handler); // which may allow it
      unread.clear(); // the pipeline releases it
      channel.pipeline().remove(this);
      held.forEach(event -> event.accept(channel.pipeline()));
      if (!ended) {
        channel.config().setAutoRead(true);
      } else if (!channel.config().getOption(ChannelOption.ALLOW_HALF_CLOSURE)) {
        var _ = channel.close();
      }
    }

    /** For an attempt that has lost. */
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      unread.forEach(ReferenceCountUtil::release);
      unread.clear();
    }
  }
}
