package dev.aioli.http.client;

import dev.aioli.Future;
import dev.aioli.http.wire.Origin;
import dev.aioli.net.NettyPoller;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.proxy.ProxyConnectionEvent;
import io.netty.handler.ssl.SslHandler;
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
  /** The name of the handler of the TLS to the origin. */
  static final String ORIGIN_TLS = "origin-tls";

  private final Origin origin;
  private final Proxy.@Nullable Server proxy;
  private final NettyPoller poller;
  private final Future<T> ready;
  private @Nullable Channel channel;

  /** How many layers below have not said that they are through: TLS to a proxy, a tunnel, TLS. */
  private int pendingLayers;

  SocketOpening(Origin origin, NettyPoller poller, HttpClientBuilder settings) {
    this.origin = origin;
    this.poller = poller;
    proxy = settings.proxy.forOrigin(origin);
    ready = poller.loop().createFuture();
  }

  private int layers() {
    int layers = tunnels() ? 1 : 0;
    layers += origin.secure() ? 1 : 0;
    return layers + (speaksTlsToProxy() ? 1 : 0);
  }

  final boolean speaksTlsToProxy() {
    return proxy != null && proxy.secure();
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
    pendingLayers = layers();
    newChannel.pipeline().addLast(this);
  }

  /** The TLS to the origin, which may have that to a proxy below it; null if there is none. */
  static @Nullable SslHandler tls(ChannelPipeline pipeline) {
    return (SslHandler) pipeline.get(ORIGIN_TLS);
  }

  /** Adds what speaks to the origin: the proxy and TLS are through. */
  abstract void speak(ChannelPipeline pipeline);

  /** Gives way to what speaks. */
  final void giveWay(ChannelPipeline pipeline) {
    speak(pipeline);
    pipeline.remove(this);
  }

  /** Whether nothing is below, or all of it is through. */
  final boolean clear() {
    return pendingLayers == 0;
  }

  /** Whether the TLS to the proxy has yet to be agreed on. */
  final boolean stillMeetsProxy() {
    return speaksTlsToProxy() && pendingLayers == layers();
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (clear()) {
      giveWay(context.pipeline());
    }
  }

  /** The layers come through from the lowest up, and each says so by one event. */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
      fail(handshake.cause());
    } else if (event instanceof SslHandshakeCompletionEvent
        || event instanceof ProxyConnectionEvent
        || event == HttpTunnel.Event.OPEN) {
      pendingLayers--;
      if (clear()) {
        giveWay(context.pipeline());
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail(new ClosedChannelException());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(Causes.unwrapped(cause));
    var _ = context.close();
  }

  /** It cannot be had. Does nothing if it is there, or if nobody waits any more. */
  final void fail(Throwable cause) {
    if (!ready.done()) {
      ready.setException(cause);
    }
  }
}
