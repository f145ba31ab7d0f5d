package dev.aioli.http.client;

import dev.aioli.EventLoop;
import dev.aioli.TimerHandle;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a client that carry nothing, to whatever hosts, with the one that has done so
 * for longest first. Has those evicted that have done so for too long. In the turn only.
 */
final class IdleConnections {
  private final EventLoop loop;
  private final Duration keepAlive;
  private final Consumer<ClientConnection> evict;
  private final LinkedHashSet<ClientConnection> connections = new LinkedHashSet<>();
  private @Nullable TimerHandle sweep;

  /**
   * None yet.
   *
   * @param evict removes a connection from here, among others
   */
  IdleConnections(EventLoop loop, Duration keepAlive, Consumer<ClientConnection> evict) {
    this.loop = loop;
    this.keepAlive = keepAlive;
    this.evict = evict;
  }

  /** Adds one that is idle since now. */
  void add(ClientConnection connection) {
    connection.markIdle(loop.timeNanos());
    connections.remove(connection); // it goes to the end
    connections.add(connection);
    if (sweep == null) {
      sweepAfter(keepAlive);
    }
  }

  /** Removes one, if it is here. */
  boolean remove(ClientConnection connection) {
    return connections.remove(connection);
  }

  /** Whether one has been idle for too long. */
  boolean expired(ClientConnection connection) {
    return idleNanos(connection) >= keepAlive.toNanos();
  }

  private long idleNanos(ClientConnection connection) {
    return loop.timeNanos() - connection.idleSinceNanos();
  }

  /** The one that has been idle for longest; null if there is none. */
  @Nullable ClientConnection oldest() {
    return connections.isEmpty() ? null : connections.getFirst();
  }

  int size() {
    return connections.size();
  }

  /** Forgets them all. */
  void close() {
    connections.clear();
    if (sweep != null) {
      sweep.cancel();
      sweep = null;
    }
  }

  private void sweepAfter(Duration delay) {
    sweep = loop.callLater(delay, this::sweep);
  }

  private void sweep() {
    sweep = null;
    for (ClientConnection oldest = oldest(); oldest != null; oldest = oldest()) {
      if (!expired(oldest)) {
        sweepAfter(keepAlive.minusNanos(idleNanos(oldest)));
        return;
      }
      evict.accept(oldest);
    }
  }
}
