package dev.aioli.http.client;

import dev.aioli.Future;
import dev.aioli.http.wire.Origin;
import dev.aioli.net.NettyPoller;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.proxy.ProxyConnectionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A socket of the client that is being connected, for something that speaks over it. The last
 * handler of its pipeline while a proxy and TLS have their say; then that something takes its
 * place.
 *
 * @param <T> what is there in the end
 */
abstract class SocketOpening<T> extends ChannelInboundHandlerAdapter {
  private final Origin origin;
  private final Proxy.@Nullable Server proxy;
  private final NettyPoller poller;
  private final Future<T> ready;
  private @Nullable Channel channel;

  SocketOpening(Origin origin, NettyPoller poller, HttpClientBuilder settings) {
    this.origin = origin;
    this.poller = poller;
    proxy = settings.proxy.forOrigin(origin);
    ready = poller.loop().createFuture();
  }

  final Origin origin() {
    return origin;
  }

  /** Through which it is made; null if it is made directly. */
  final Proxy.@Nullable Server proxy() {
    return proxy;
  }

  /** Whether a proxy passes bytes on, else it reads what is sent. */
  abstract boolean tunnels();

  /** What is offered in the TLS handshake; empty if there is nothing to choose. */
  abstract String[] protocols();

  /** What was to be had, once it is there. */
  final Future<T> ready() {
    return ready;
  }

  /** Gives it up: nobody waits for it any more. Does not suspend. */
  final void abandon() {
    if (!ready.done()) {
      ready.cancel();
    }
    close();
  }

  /** Closes the socket, so that it fails. Does not suspend. */
  final void close() {
    if (channel != null) {
      poller.close(channel);
    }
  }

  // ---- the loop's thread

  /** Completes the pipeline of a new channel, in which proxy and TLS are. */
  void begin(Channel newChannel) {
    channel = newChannel;
    newChannel.pipeline().addLast(this);
  }

  /** Adds what speaks to the origin: the proxy and TLS are through. */
  abstract void speak(ChannelPipeline pipeline);

  /** Gives way to what speaks. */
  final void giveWay(ChannelPipeline pipeline) {
    speak(pipeline);
    pipeline.remove(this);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (!origin.secure() && !tunnels()) {
      giveWay(context.pipeline());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        giveWay(context.pipeline());
      } else {
        fail(handshake.cause());
      }
    } else if (event instanceof ProxyConnectionEvent && !origin.secure()) {
      giveWay(context.pipeline());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail(new ClosedChannelException());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(cause);
    var _ = context.close();
  }

  /** It cannot be had. Does nothing if it is there, or if nobody waits any more. */
  final void fail(Throwable cause) {
    if (!ready.done()) {
      ready.setException(cause);
    }
  }
}
