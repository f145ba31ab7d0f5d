package dev.aioli.http;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Limits of a WebSocket, and what it speaks.
 *
 * @param maxMessageBytes the largest message to receive, decompressed; a larger one closes it with
 *     code 1009
 * @param protocols subprotocols, the best first: what a client offers, and a server takes
 * @param heartbeat after how long without a sign of the peer it is pinged, and after as long again
 *     given up with code 1006; null for never
 * @param closeTimeout how long the peer may take to answer a close, and to close the connection
 * @param compress whether messages are compressed
 * @param sendBufferBytes how much of what was sent may wait for the peer to read it: beyond that
 *     {@link WebSocket#send} suspends and {@link WebSocket#trySend} refuses
 */
public record WebSocketOptions(
    int maxMessageBytes,
    List<String> protocols,
    @Nullable Duration heartbeat,
    Duration closeTimeout,
    Compress compress,
    int sendBufferBytes) {
  /**
   * Messages of 4 MiB at most, no protocols, no heartbeat, 10 seconds to close, compression where a
   * client offers it, 64 KiB waiting to be sent.
   */
  public static final WebSocketOptions DEFAULT =
      new WebSocketOptions(
          4 * 1024 * 1024, List.of(), null, Duration.ofSeconds(10), Compress.ACCEPT, 64 * 1024);

  /**
   * When messages are compressed: with permessage-deflate (RFC 7692), if both sides agree. That
   * costs time, and some 300 KiB of memory for each WebSocket; messages that are like those before
   * become very small.
   */
  public enum Compress {
    /** Not at all. */
    NEVER,
    /** A server does if the client offers it; a client does not offer it. As with aiohttp. */
    ACCEPT,
    /** A client offers it, too. */
    OFFER
  }

  /** Checks the ranges. */
  public WebSocketOptions {
    if (maxMessageBytes < 1) {
      throw new IllegalArgumentException(
          "expected maxMessageBytes of at least 1, was " + maxMessageBytes);
    }
    if (heartbeat != null && !heartbeat.isPositive()) {
      throw new IllegalArgumentException("expected a heartbeat above zero, was " + heartbeat);
    }
    if (!closeTimeout.isPositive()) {
      throw new IllegalArgumentException("expected a closeTimeout above zero, was " + closeTimeout);
    }
    Objects.requireNonNull(compress, "compress");
    if (sendBufferBytes < 1) {
      throw new IllegalArgumentException(
          "expected sendBufferBytes of at least 1, was " + sendBufferBytes);
    }
    protocols = List.copyOf(protocols);
  }

  /** The same with another {@link #maxMessageBytes}. */
  public WebSocketOptions withMaxMessageBytes(int bytes) {
    return new WebSocketOptions(
        bytes, protocols, heartbeat, closeTimeout, compress, sendBufferBytes);
  }

  /** The same with other {@link #protocols}. */
  public WebSocketOptions withProtocols(String... names) {
    return new WebSocketOptions(
        maxMessageBytes, List.of(names), heartbeat, closeTimeout, compress, sendBufferBytes);
  }

  /** The same with another {@link #heartbeat}. */
  public WebSocketOptions withHeartbeat(@Nullable Duration interval) {
    return new WebSocketOptions(
        maxMessageBytes, protocols, interval, closeTimeout, compress, sendBufferBytes);
  }

  /** The same with another {@link #closeTimeout}. */
  public WebSocketOptions withCloseTimeout(Duration limit) {
    return new WebSocketOptions(
        maxMessageBytes, protocols, heartbeat, limit, compress, sendBufferBytes);
  }

  /** The same with another {@link #compress}. */
  public WebSocketOptions withCompress(Compress when) {
    return new WebSocketOptions(
        maxMessageBytes, protocols, heartbeat, closeTimeout, when, sendBufferBytes);
  }

  /** The same with another {@link #sendBufferBytes}. */
  public WebSocketOptions withSendBufferBytes(int bytes) {
    return new WebSocketOptions(
        maxMessageBytes, protocols, heartbeat, closeTimeout, compress, bytes);
  }
}
