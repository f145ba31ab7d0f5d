package dev.aioli.net;

import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.lowlevel.WaitQueue;
import java.io.IOException;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/**
 * The writing side of a transport: how many bytes wait to be sent, who waits for them to become
 * fewer, and who waits for the end. As asyncio's {@code FlowControlMixin}.
 */
final class WriteFlow {
  private static final int DEFAULT_HIGH = 64 * 1024;

  private final EventLoop loop;
  private final WaitQueue drainWaiters = new WaitQueue();
  private final WaitQueue sentWaiters = new WaitQueue();
  private final WaitQueue closeWaiters = new WaitQueue();
  private int high = DEFAULT_HIGH;
  private int low = DEFAULT_HIGH / 4;
  private long buffered;
  private boolean paused;
  private boolean lost;
  private @Nullable IOException failure;

  WriteFlow(EventLoop loop) {
    this.loop = loop;
  }

  /** Bytes that were given and not sent. */
  long buffered() {
    return buffered;
  }

  int high() {
    return high;
  }

  int low() {
    return low;
  }

  void setLimits(int newHigh, int newLow) {
    if (newLow < 0 || newHigh < newLow) {
      throw new IllegalArgumentException(
          "expected high >= low >= 0, found high " + newHigh + " and low " + newLow);
    }
    high = newHigh;
    low = newLow;
    changed();
  }

  void added(long count) {
    buffered += count;
    changed();
  }

  void sent(long count) {
    buffered -= count;
    changed();
  }

  private void changed() {
    if (buffered > high) {
      paused = true;
    } else if (buffered <= low) {
      paused = false;
      drainWaiters.wakeAll();
    }
    if (buffered == 0) {
      sentWaiters.wakeAll();
    }
  }

  /** The transport is closed; null if as it should be. */
  void lost(@Nullable IOException cause) {
    if (lost) {
      return;
    }
    lost = true;
    failure = cause;
    buffered = 0;
    closeWaiters.wakeAll();
    drainWaiters.wakeAll();
    sentWaiters.wakeAll();
  }

  boolean isLost() {
    return lost;
  }

  @Suspends
  void drain() throws IOException {
    if (lost) {
      throw new SocketException("Connection lost");
    }
    if (paused) {
      drainWaiters.await(loop, woken -> {});
      if (failure != null) {
        throw failure;
      }
    }
  }

  /** Waits until nothing is left to send: more than {@link #drain} does. */
  @Suspends
  void waitSent() throws IOException {
    while (buffered > 0 && !lost) {
      sentWaiters.await(loop, woken -> {});
    }
    if (lost) {
      throw failure == null ? new SocketException("Connection lost") : failure;
    }
  }

  @Suspends
  void waitClosed() throws IOException {
    if (!lost) {
      closeWaiters.await(loop, woken -> {});
    }
    if (failure != null) {
      throw failure;
    }
  }
}
