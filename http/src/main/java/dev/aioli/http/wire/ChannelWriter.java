package dev.aioli.http.wire;

import dev.aioli.Suspends;
import dev.aioli.lowlevel.WaitQueue;
import dev.aioli.net.NettyPoller;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundInvoker;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What goes out on a channel: from the loop's thread at once, from tasks with back-pressure. A peer
 * that takes nothing for too long loses its connection, whatever is being sent.
 */
public final class ChannelWriter {
  private static final int HIGH_WATER_BYTES = 64 * 1024;

  private final NettyPoller poller;
  private final Callbacks callbacks;
  private final Channel channel;
  private final long stallNanos;
  private final int highWaterBytes;
  private final Deadline stall;
  private final WaitQueue waiters = new WaitQueue();
  private final ArrayDeque<Object> queue = new ArrayDeque<>(0);
  private boolean posted;
  private long outstandingBytes;
  private int outstanding;
  private long completed;
  private boolean closed;
  private @Nullable Throwable failure;
  private WriteProgress seen = WriteProgress.NONE;

  /** A message whose weight counts against the bound. */
  private record Weighed(Object message, long bytes) {}

  /**
   * A writer to a channel.
   *
   * @param stallNanos how long the peer may take nothing; {@link Long#MAX_VALUE} for ever
   */
  public ChannelWriter(NettyPoller poller, Channel channel, long stallNanos) {
    this(poller, channel, stallNanos, HIGH_WATER_BYTES);
  }

  /**
   * As the other, with a bound of its own.
   *
   * @param highWaterBytes how much may wait for the peer before tasks do
   */
  public ChannelWriter(NettyPoller poller, Channel channel, long stallNanos, int highWaterBytes) {
    this.poller = poller;
    this.highWaterBytes = highWaterBytes;
    this.channel = channel;
    this.stallNanos = stallNanos;
    callbacks = new Callbacks(poller, channel);
    stall = new Deadline(poller.loop(), callbacks.guarded(this::checkStall));
  }

  // ---- on the loop's thread

  /** Sends a message now. */
  public ChannelFuture writeNow(Object message, long bytes) {
    return writeNow(channel, message, bytes);
  }

  /** Sends a message now, from a place in the pipeline on. */
  public ChannelFuture writeNow(ChannelOutboundInvoker from, Object message, long bytes) {
    outstandingBytes += bytes;
    ChannelFuture written = from.writeAndFlush(message);
    track(written, bytes);
    return written;
  }

  private void track(ChannelFuture written, long bytes) {
    if (written.isDone()) {
      finished(written, bytes);
      return;
    }
    if (outstanding++ == 0 && stallNanos != Long.MAX_VALUE) {
      seen = WriteProgress.of(channel, completed);
      stall.set(stallNanos);
    }
    written.addListener(done -> {
      outstanding--;
      finished(written, bytes);
    });
  }

  private void finished(ChannelFuture written, long bytes) {
    completed++;
    outstandingBytes -= bytes;
    if (!written.isSuccess() && failure == null) {
      failure = written.cause();
    }
    if (outstanding == 0) {
      stall.clear();
    }
    wakeWriter();
  }

  private void checkStall() {
    WriteProgress now = WriteProgress.of(channel, completed);
    if (now.equals(seen)) {
      var _ = channel.close();
    } else {
      seen = now;
      stall.set(stallNanos);
    }
  }

  /** Whether something waits for the peer to take it. */
  boolean busy() {
    return outstanding > 0 || !queue.isEmpty();
  }

  /** The channel has gone: whoever waits will not wait longer. */
  public void closed() {
    closed = true;
    stall.close();
    dropQueue();
    wakeWriter();
  }

  private void dropQueue() {
    for (Object next = queue.poll(); next != null; next = queue.poll()) {
      ReferenceCountUtil.release(next instanceof Weighed weighed ? weighed.message : next);
    }
  }

  private void wakeWriter() {
    if (closed || outstandingBytes <= highWaterBytes / 2) {
      waiters.wakeAll();
    }
  }

  // ---- in a task

  /** Has a message sent, in order, without waiting. */
  public void post(Object message) {
    post(message, 0);
  }

  /** As {@link #post(Object)}, of so many bytes. */
  public void post(Object message, long bytes) {
    outstandingBytes += bytes;
    if (closed) {
      ReferenceCountUtil.release(message);
      return;
    }
    queue.add(bytes == 0 ? message : new Weighed(message, bytes));
    if (!posted) {
      posted = true;
      callbacks.post(this::sendQueue);
    }
  }

  private void sendQueue() {
    posted = false;
    for (Object next = queue.poll(); next != null; next = queue.poll()) {
      boolean weighed = next instanceof Weighed;
      Object message = next instanceof Weighed w ? w.message : next;
      track(channel.write(message), weighed ? ((Weighed) next).bytes : 0);
    }
    channel.flush();
  }

  /**
   * Has a message sent; suspends while too much waits for the peer to read it.
   *
   * @throws IOException if the channel has gone
   */
  @Suspends
  public void write(Object message, long bytes) throws IOException {
    post(message, bytes);
    checkOpen();
    while (outstandingBytes > highWaterBytes) {
      awaitRoom();
    }
  }

  /**
   * Suspends until all has been handed to the system.
   *
   * @throws IOException if the channel has gone
   */
  @Suspends
  public void flush() throws IOException {
    checkOpen();
    while (busy()) {
      awaitRoom();
    }
  }

  /** Whether {@link #write} would not suspend before it has posted its message. */
  public boolean hasRoom() {
    return outstandingBytes <= highWaterBytes;
  }

  /** How much waits for the peer. */
  public long outstandingBytes() {
    return outstandingBytes;
  }

  @Suspends
  private void awaitRoom() throws IOException {
    waiters.await(poller.loop(), woken -> {}); // a wake-up is for all: nothing to pass on
    checkOpen();
  }

  private void checkOpen() throws IOException {
    if (closed || failure != null) {
      throw new IOException("the peer has gone away", failure);
    }
  }
}
