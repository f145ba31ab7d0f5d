package dev.aioli.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Netty's TLS, with the end of a peer's TLS as the end of its bytes: Netty itself leaves it to
 * users what to make of a close_notify. And with a check of names that the JDK cannot check. It
 * puts what does so right behind itself.
 */
final class TlsHandler extends SslHandler {
  private final @Nullable String name;

  /**
   * TLS on an engine.
   *
   * @param name what the peer's certificate must be for; null if the engine sees to that
   */
  TlsHandler(SSLEngine engine, Executor delegatedTasks, @Nullable String name) {
    super(engine, delegatedTasks);
    this.name = name;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) throws Exception {
    context.pipeline().addAfter(context.name(), null, new Guard());
    super.handlerAdded(context);
  }

  /** Stands between TLS and those behind it. */
  private final class Guard extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event == SslCloseCompletionEvent.SUCCESS) {
        ended(context);
      } else if (name != null && event == SslHandshakeCompletionEvent.SUCCESS) {
        shaken(context, name);
      } else {
        context.fireUserEventTriggered(event);
      }
    }

    /**
     * Treats a close_notify as Netty treats the end of TCP's input: the channel is closed, or if it
     * may be half-closed those behind are told. A peer may keep its socket open until it sees ours.
     */
    private void ended(ChannelHandlerContext context) {
      if (Boolean.TRUE.equals(
          context.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE))) {
        context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      } else {
        var _ = context.close();
      }
    }

    /** Nothing has been sent or taken yet: whoever is behind waits for the event. */
    private void shaken(ChannelHandlerContext context, String expected) {
      try {
        TlsNames.check(engine().getSession(), expected);
      } catch (SSLException e) {
        context.fireUserEventTriggered(new SslHandshakeCompletionEvent(e));
        var _ = context.close();
        return;
      }
      context.fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
    }
  }
}
