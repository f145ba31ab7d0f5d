package dev.aioli.http.server;

import dev.aioli.EventLoop;
import dev.aioli.http.wire.Deadline;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;

/**
 * Ends a connection without closing it yet: the client may still be sending what we refused, and
 * would lose our answer to a reset. Whoever lingers drops what still comes. On the loop's thread
 * only.
 *
 * <p>As nginx does it: as long as something comes, but not for ever. A client that sends all of an
 * upload before it looks for an answer finds one.
 */
final class Lingering {
  private static final long SILENCE_NANOS = Duration.ofSeconds(2).toNanos();
  private static final long TOTAL_NANOS = Duration.ofSeconds(30).toNanos();

  private final EventLoop loop;
  private final Channel channel;
  private final Deadline deadline;
  private long endNanos;
  private boolean begun;

  /**
   * Nothing has been said yet.
   *
   * @param close closes the channel
   */
  Lingering(EventLoop loop, Channel channel, Runnable close) {
    this.loop = loop;
    this.channel = channel;
    deadline = new Deadline(loop, close);
  }

  /**
   * Says that no more is sent, and has the channel closed after a moment of silence, if the client
   * does not do so before. When all has been sent.
   */
  void begin() {
    begun = true;
    endNanos = loop.timeNanos() + TOTAL_NANOS;
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      var _ = tls.closeOutbound();
    }
    DuplexChannel duplex = (DuplexChannel) channel;
    if (!duplex.isInputShutdown()) {
      channel.config().setAutoRead(true);
    }
    var _ = duplex.shutdownOutput();
    received();
  }

  /** Something has come, and was dropped. */
  void received() {
    if (begun) {
      deadline.set(Math.clamp(endNanos - loop.timeNanos(), 0, SILENCE_NANOS));
    }
  }

  /** The channel is closed. */
  void stop() {
    begun = false;
    deadline.close();
  }
}
