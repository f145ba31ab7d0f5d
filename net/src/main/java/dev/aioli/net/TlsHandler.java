package dev.aioli.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;

/**
 * Netty's TLS, with the end of a peer's TLS as the end of its bytes: Netty itself leaves it to
 * users what to make of a close_notify. It puts what does so right behind itself.
 */
final class TlsHandler extends SslHandler {
  TlsHandler(SSLEngine engine, Executor delegatedTasks) {
    super(engine, delegatedTasks);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) throws Exception {
    context.pipeline().addAfter(context.name(), null, new EndOfInput());
    super.handlerAdded(context);
  }

  /**
   * Treats a close_notify as Netty treats the end of TCP's input: the channel is closed, or if it
   * may be half-closed those behind are told. A peer may keep its socket open until it sees ours.
   */
  private static final class EndOfInput extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event != SslCloseCompletionEvent.SUCCESS) {
        context.fireUserEventTriggered(event);
      } else if (Boolean.TRUE.equals(
          context.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE))) {
        context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      } else {
        var _ = context.close();
      }
    }
  }
}
