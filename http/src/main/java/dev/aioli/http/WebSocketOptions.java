package dev.aioli.http;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Limits of a WebSocket, and what it speaks.
 *
 * @param maxMessageBytes the largest message to receive; a larger one closes it with code 1009
 * @param protocols subprotocols, the best first: what a client offers, and a server takes
 * @param heartbeat after how long without a sign of the peer it is pinged, and after as long again
 *     given up with code 1006; null for never
 * @param closeTimeout how long the peer may take to answer a close, and to close the connection
 */
public record WebSocketOptions(
    int maxMessageBytes,
    List<String> protocols,
    @Nullable Duration heartbeat,
    Duration closeTimeout) {
  /** Messages of 4 MiB at most, no protocols, no heartbeat, 10 seconds to close. */
  public static final WebSocketOptions DEFAULT =
      new WebSocketOptions(4 * 1024 * 1024, List.of(), null, Duration.ofSeconds(10));

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
    protocols = List.copyOf(protocols);
  }

  /** The same with another {@link #maxMessageBytes}. */
  public WebSocketOptions withMaxMessageBytes(int bytes) {
    return new WebSocketOptions(bytes, protocols, heartbeat, closeTimeout);
  }

  /** The same with other {@link #protocols}. */
  public WebSocketOptions withProtocols(String... names) {
    return new WebSocketOptions(maxMessageBytes, List.of(names), heartbeat, closeTimeout);
  }

  /** The same with another {@link #heartbeat}. */
  public WebSocketOptions withHeartbeat(@Nullable Duration interval) {
    return new WebSocketOptions(maxMessageBytes, protocols, interval, closeTimeout);
  }

  /** The same with another {@link #closeTimeout}. */
  public WebSocketOptions withCloseTimeout(Duration limit) {
    return new WebSocketOptions(maxMessageBytes, protocols, heartbeat, limit);
  }
}
