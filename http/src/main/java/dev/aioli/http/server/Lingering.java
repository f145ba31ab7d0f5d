package dev.aioli.http.server;

import dev.aioli.EventLoop;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;

/**
 * Ends a connection without closing it yet: the client may still be sending what we refused, and
 * would lose our answer to a reset. Whoever lingers drops what still comes.
 */
final class Lingering {
  private static final Duration LIMIT = Duration.ofSeconds(1);

  private Lingering() {}

  /**
   * Says that no more is sent, and has the channel closed after a moment, if the client does not do
   * so before. On the loop's thread, when all has been sent.
   */
  static void begin(Channel channel, EventLoop loop, Runnable close) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      var _ = tls.closeOutbound();
    }
    channel.config().setAutoRead(true);
    var _ = ((DuplexChannel) channel).shutdownOutput();
    loop.callLater(LIMIT, close);
  }
}
