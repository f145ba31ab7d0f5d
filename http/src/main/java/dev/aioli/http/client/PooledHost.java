package dev.aioli.http.client;

import dev.aioli.Block;
import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.http.wire.Origin;
import dev.aioli.sync.Semaphore;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the pool keeps for one origin, as long as anyone uses it or a connection to it is idle: the
 * line for its permits, and the connections that the next request could take. In the turn only.
 */
final class PooledHost {
  private final Origin origin;
  private final @Nullable Semaphore permits;
  private final IdleConnections allIdle;

  /** Those to this host, newest last. */
  private final ArrayDeque<ClientConnection> idle = new ArrayDeque<>(4);

  /** The one that all requests share; null if there is none. */
  private @Nullable ClientConnection shared;

  private @Nullable Dial dial;
  private boolean speaksHttp1;
  private boolean wantsHttp1;
  private int users;

  PooledHost(Origin origin, @Nullable Semaphore permits, IdleConnections allIdle) {
    this.origin = origin;
    this.permits = permits;
    this.allIdle = allIdle;
  }

  Origin origin() {
    return origin;
  }

  /** Of the requests to this host; null if there may be any number. */
  @Nullable Semaphore permits() {
    return permits;
  }

  /** A request begins to use it. */
  void enter() {
    users++;
  }

  /** A request has ended. */
  void exit() {
    users--;
  }

  /** Whether nothing of it needs to be kept. */
  boolean unused() {
    return users == 0 && idle.isEmpty() && shared == null;
  }

  // ---- connections that are there

  /** Takes a connection that is shared, or else idle; null if there is none. */
  @Nullable ClientConnection takeIdle() {
    ClientConnection present = takeShared();
    if (present != null) {
      return present;
    }
    for (ClientConnection candidate = idle.pollLast();
        candidate != null;
        candidate = idle.pollLast()) {
      allIdle.remove(candidate);
      if (candidate.usable() && !allIdle.expired(candidate)) {
        return candidate;
      }
      candidate.discard();
    }
    return null;
  }

  /** Takes the connection that is shared; null if there is none. */
  @Nullable ClientConnection takeShared() {
    ClientConnection present = shared;
    if (present == null) {
      return null;
    }
    boolean wasIdle = allIdle.remove(present);
    if (present.usable() && !(wasIdle && allIdle.expired(present))) {
      return present;
    }
    shared = null;
    if (present.idle()) {
      present.discard();
    }
    return null;
  }

  /** Keeps a connection that has become idle. */
  void keep(ClientConnection connection) {
    if (!connection.shared()) {
      idle.addLast(connection);
    }
    allIdle.add(connection);
  }

  /** No request takes this connection any more. */
  @SuppressWarnings("ReferenceEquality")
  void forget(ClientConnection connection) {
    if (allIdle.remove(connection)) {
      idle.remove(connection);
    }
    if (shared == connection) {
      shared = null;
    }
  }

  // ---- the first connection, which tells what the host speaks

  /** Whether it is known that connections to it cannot be shared. */
  boolean speaksHttp1() {
    return speaksHttp1;
  }

  /** Whether it speaks HTTP/2, but has refused a request in that. */
  boolean wantsHttp1() {
    return wantsHttp1;
  }

  /** Its next connections are of HTTP/1.1. */
  void useHttp1() {
    wantsHttp1 = true;
    speaksHttp1 = true;
  }

  /**
   * Waits for the connection that is being opened, or opens it for all that wait; null if another
   * request has taken it.
   *
   * @param unwanted takes the connection if nobody waits any more when it is there
   */
  @Suspends
  @Nullable ClientConnection dial(
      EventLoop loop,
      Block<ClientConnection, RuntimeException> open,
      Consumer<ClientConnection> unwanted) {
    Dial present = dial;
    if (present == null) {
      present = new Dial(loop, () -> dialled(open), unwanted);
      dial = present;
    }
    ClientConnection made = present.await();
    if (made == null || (!made.usable() && (made.reused() || !made.idle()))) {
      return null; // others have used it up meanwhile
    }
    allIdle.remove(made); // if it has ended already the request finds out, and counts that
    return made;
  }

  @Suspends
  private ClientConnection dialled(Block<ClientConnection, RuntimeException> open) {
    try {
      ClientConnection made = open.run();
      if (made.shared()) {
        shared = made;
      } else {
        speaksHttp1 = true;
      }
      return made;
    } finally {
      dial = null;
    }
  }
}
