package dev.aioli.http.wire;

import dev.aioli.net.NettyPoller;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;

/**
 * What tasks have an HTTP/2 connection do: done by the loop's thread once a batch of callbacks,
 * with one flush for all of it. That is what makes many small messages cheap. In the turn only.
 */
public final class Http2Outbox {
  private final NettyPoller poller;
  private final Http2Codec codec;
  private final ArrayDeque<Runnable> operations = new ArrayDeque<>();
  private boolean posted;

  public Http2Outbox(NettyPoller poller, Http2Codec codec) {
    this.poller = poller;
    this.codec = codec;
  }

  /** Has something done in the next batch, and then flushed. */
  public void add(Runnable operation) {
    operations.add(operation);
    flushSoon();
  }

  /** Has flushed what was written on the loop's thread. */
  public void flushSoon() {
    if (!posted) {
      posted = true;
      poller.post(this::run);
    }
  }

  private void run() {
    posted = false;
    for (int left = operations.size(); left > 0; left--) {
      operations.remove().run(); // what they add is for the next batch
    }
    ChannelHandlerContext open = codec.context();
    if (open != null) {
      codec.flush(open);
    }
  }
}
