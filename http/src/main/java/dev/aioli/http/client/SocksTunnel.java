package dev.aioli.http.client;

import dev.aioli.http.wire.Origin;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Asks a SOCKS5 proxy for a tunnel to the origin, whose name the proxy resolves: puts Netty's
 * handler in its own place, once it is known which address of the proxy has accepted.
 */
final class SocksTunnel extends ChannelDuplexHandler {
  private final Origin origin;
  private final Proxy.Server proxy;

  SocksTunnel(Origin origin, Proxy.Server proxy) {
    this.origin = origin;
    this.proxy = proxy;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    ChannelPipeline pipeline = context.pipeline();
    ProxyHandler socks =
        new Socks5ProxyHandler(context.channel().remoteAddress(), proxy.user(), proxy.password());
    socks.setConnectTimeoutMillis(0); // the client has its own
    pipeline.addAfter(context.name(), null, socks);
    // It takes the destination from an attempt to connect to that, which ends here.
    var _ = pipeline.connect(InetSocketAddress.createUnresolved(origin.host(), origin.port()));
    ChannelHandlerContext next = pipeline.context(socks);
    pipeline.remove(this);
    next.fireChannelActive(); // not to it: it has begun
  }

  @Override
  public void connect(
      ChannelHandlerContext context,
      SocketAddress remote,
      SocketAddress local,
      ChannelPromise promise) {
    if (context.channel().isActive()) {
      promise.setSuccess();
    } else {
      var _ = context.connect(remote, local, promise);
    }
  }
}
