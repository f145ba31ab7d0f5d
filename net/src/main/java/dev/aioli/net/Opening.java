package dev.aioli.net;

import dev.aioli.Future;
import dev.aioli.Suspends;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A channel on its way: made on the loop's thread, awaited by a task. The one way in which this
 * module makes channels, so that every failure comes out, and at once: also that there is no
 * socket, of which Netty tells elsewhere.
 */
final class Opening {
  private final NettyPoller poller;
  private final Future<Channel> opened;
  private @Nullable ChannelFuture started;
  private boolean abandoned;

  Opening(NettyPoller poller, Supplier<ChannelFuture> operation) {
    this.poller = poller;
    opened = poller.loop().createFuture();
    poller.post(() -> start(operation));
  }

  private void start(Supplier<ChannelFuture> operation) {
    if (abandoned) {
      return;
    }
    try {
      started = operation.get();
      poller.whenDone(started, this::finished);
    } catch (RuntimeException e) {
      fail(e); // settings that Netty refuses
    }
  }

  private void finished() {
    ChannelFuture outcome = started;
    if (outcome == null || opened.done()) {
      return; // given up
    }
    if (outcome.isSuccess()) {
      opened.setResult(outcome.channel());
    } else {
      fail(outcome.cause());
    }
  }

  private void fail(Throwable cause) {
    opened.setException(SocketRefusal.is(cause) ? SocketRefusal.of(cause) : cause);
  }

  /** The channel. Cancellation: it is closed, now or when it comes. */
  @Suspends
  Channel await() throws IOException {
    boolean delivered = false;
    try {
      Channel channel = await(opened);
      delivered = true;
      return channel;
    } finally {
      if (!delivered) {
        abandoned = true;
        poller.post(this::closeStarted);
      }
    }
  }

  private void closeStarted() {
    if (started != null && started.channel().isRegistered()) { // else there is no socket
      var _ = started.channel().close();
    }
  }

  /** Awaits a future whose checked exceptions are those of I/O. */
  @Suspends
  static <T extends @Nullable Object> T await(Future<T> future) throws IOException {
    try {
      return future.await();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
