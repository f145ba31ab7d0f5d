package dev.aioli.http.wire;

import dev.aioli.EventLoop;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import java.time.Duration;

/**
 * Whether a channel is read. While it is not, its end may not be seen: it stands behind what has
 * not been read. Linux tells of it (and Netty then reads to the end) if all that is before it has
 * found room in the system; elsewhere nothing tells. So whoever is patient has a little more read
 * now and then. A reset is always seen. On the loop's thread only.
 */
public final class Reading {
  private static final long PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();

  /** So often more is read, each time no more than one read of the socket gives. */
  private static final int MAX_LOOKS = 4;

  private final Channel channel;
  private final Deadline patience;
  private int looks;

  /** For a channel that is read. */
  public Reading(EventLoop loop, Channel channel) {
    this.channel = channel;
    patience = new Deadline(loop, this::resumeReading);
  }

  /** Leaves the channel alone until it is resumed. */
  public void pause() {
    channel.config().setAutoRead(false);
  }

  /** Leaves the channel alone, but for a look at whether the peer is still there. */
  public void pausePatiently() {
    pause();
    if (looks < MAX_LOOKS) {
      looks++;
      patience.set(PATIENCE_NANOS);
    }
  }

  /** There is room again. */
  public void resume() {
    looks = 0;
    patience.clear();
    resumeReading();
  }

  private void resumeReading() {
    boolean ended = channel instanceof DuplexChannel duplex && duplex.isInputShutdown();
    if (!ended && !channel.config().isAutoRead()) { // to read on behind the end is an error
      channel.config().setAutoRead(true);
    }
  }

  public boolean paused() {
    return !channel.config().isAutoRead();
  }

  /** The channel is closed, or somebody else's. */
  public void close() {
    patience.close();
    looks = MAX_LOOKS;
  }
}
