package dev.aioli.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The way out of a channel. Tasks put bytes in; in the next iteration the loop's thread sends what
 * has come together, in chunks and only some at a time: a task that writes 100 MB does not make
 * Netty hold them outside the heap.
 */
final class Outbound {
  private static final int CHUNK = 64 * 1024;
  private static final int IN_FLIGHT = 4 * CHUNK;

  private final NettyPoller poller;
  private final WriteFlow flow;
  private final ChannelTransport transport;
  private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
  private int headOffset;
  private long queued;
  private long inFlight;
  private boolean scheduled;
  private boolean pumping;

  Outbound(NettyPoller poller, WriteFlow flow, ChannelTransport transport) {
    this.poller = poller;
    this.flow = flow;
    this.transport = transport;
  }

  void write(byte[] bytes) {
    if (bytes.length > 0) {
      queue.add(bytes);
      queued += bytes.length;
      flow.added(bytes.length);
      schedule();
    }
  }

  /** Has the loop's thread send, and then ask the transport what comes when all is sent. */
  void schedule() {
    if (!scheduled) {
      scheduled = true;
      poller.post(this::sendScheduled);
    }
  }

  private void sendScheduled() {
    scheduled = false;
    send();
  }

  boolean isEmpty() {
    return queued == 0 && inFlight == 0;
  }

  /** Forgets what is not with Netty yet. */
  void clear() {
    queue.clear();
    queued = 0;
    headOffset = 0;
  }

  private void send() {
    if (pumping) {
      return; // called back from below
    }
    Channel channel = transport.channel();
    pumping = true;
    try {
      while (queued > 0 && inFlight < IN_FLIGHT) {
        ByteBuf chunk = nextChunk(channel);
        int count = chunk.readableBytes();
        inFlight += count;
        channel.write(chunk).addListener(outcome -> sent(count, outcome));
        if (queued == 0 || inFlight >= IN_FLIGHT) {
          channel.flush(); // what the system takes at once is called back from here
        }
      }
    } finally {
      pumping = false;
    }
    if (isEmpty()) {
      transport.allSent();
    }
  }

  private ByteBuf nextChunk(Channel channel) {
    ByteBuf chunk = channel.alloc().ioBuffer((int) Math.min(queued, CHUNK));
    while (chunk.isWritable() && queued > 0) {
      byte[] head = queue.element();
      int count = Math.min(head.length - headOffset, chunk.writableBytes());
      chunk.writeBytes(head, headOffset, count);
      headOffset += count;
      queued -= count;
      if (headOffset == head.length) {
        queue.remove();
        headOffset = 0;
      }
    }
    return chunk;
  }

  private void sent(int count, Future<?> outcome) {
    inFlight -= count;
    @Nullable Throwable failure = outcome.cause();
    if (failure == null) {
      flow.sent(count);
      send();
    } else {
      clear();
      transport.failed(failure);
    }
  }
}
