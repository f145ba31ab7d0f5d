package dev.aioli.http.server;

import dev.aioli.EventLoop;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Has a connection {@linkplain Lingering linger} when Netty's HTTP/2, which comes behind this in
 * the pipeline, closes it for an error of the client: else the client might see a reset instead of
 * the GOAWAY that says why.
 */
final class LingeringClose extends ChannelDuplexHandler {
  private final EventLoop loop;
  private boolean expected;
  private @Nullable Lingering lingering;

  LingeringClose(EventLoop loop) {
    this.loop = loop;
  }

  /** When the connection is closed the next time, it lingers first. */
  void expect() {
    expected = true;
  }

  /** The connection is closed at once when it is closed the next time. */
  void hurry() {
    expected = false;
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    if (!expected || !context.channel().isActive()) {
      var _ = context.close(promise);
      return;
    }
    promise.trySuccess();
    if (lingering == null) { // Netty closes more than once
      lingering =
          new Lingering(
              loop,
              context.channel(),
              () -> {
                var _ = context.close();
              });
      lingering.begin();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (lingering != null) {
      ReferenceCountUtil.release(message);
      lingering.received();
    } else {
      context.fireChannelRead(message);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (lingering != null) {
      lingering.stop();
    }
    context.fireChannelInactive();
  }
}
