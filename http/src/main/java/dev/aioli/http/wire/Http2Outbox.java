package dev.aioli.http.wire;

import dev.aioli.net.NettyPoller;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * What tasks have an HTTP/2 connection do: done by the loop's thread once a batch of callbacks,
 * with one flush for all of it. That is what makes many small messages cheap. In the turn only.
 */
public final class Http2Outbox {
  private final NettyPoller poller;
  private final Http2Codec codec;
  private final ArrayDeque<Operation> operations = new ArrayDeque<>();
  private boolean posted;

  /** Something to do, and who is told that it cannot be done. */
  private record Operation(Runnable body, Consumer<Throwable> failed) {}

  public Http2Outbox(NettyPoller poller, Http2Codec codec) {
    this.poller = poller;
    this.codec = codec;
  }

  /**
   * Has something done in the next batch, and then flushed.
   *
   * @param failed is told if it fails, which is reported, too; the others of the batch are done
   *     nevertheless
   */
  public void add(Runnable operation, Consumer<Throwable> failed) {
    operations.add(new Operation(operation, failed));
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
      Operation next = operations.remove(); // what it adds is for the next batch
      Callbacks.run(poller.loop(), "an HTTP/2 connection", next.body, next.failed);
    }
    ChannelHandlerContext open = codec.context();
    if (open != null) {
      codec.flush(open);
    }
  }
}
