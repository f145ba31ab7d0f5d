package dev.aioli.http.wire;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * How far a peer has taken what is sent: differs from an earlier one whenever it has taken
 * something, be it a part of one large piece.
 *
 * @param taken what is counted elsewhere
 * @param pending bytes that wait for the socket
 * @param current how much of the first of them the socket has taken
 */
public record WriteProgress(long taken, long pending, long current) {
  public static final WriteProgress NONE = new WriteProgress(0, 0, 0);

  /** The progress of a channel. On the loop's thread. */
  public static WriteProgress of(Channel channel, long taken) {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null
        ? new WriteProgress(taken, 0, 0)
        : new WriteProgress(taken, buffer.totalPendingWriteBytes(), buffer.currentProgress());
  }
}
