package dev.aioli.net;

import dev.aioli.Future;
import dev.aioli.Suspends;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A channel on its way: made on the loop's thread, awaited by a task. */
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
    if (!abandoned) {
      started = operation.get();
      started.addListener(ignored -> finished());
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
      opened.setException(outcome.cause());
    }
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
    if (started != null) {
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
