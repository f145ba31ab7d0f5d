package dev.aioli.http.client;

import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.http.wire.HeadBytes;
import dev.aioli.http.wire.Origin;
import dev.aioli.net.NettyPoller;
import dev.aioli.sync.Semaphore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The client's connections: who may have one, and which are idle. */
final class Pool {
  /*
   * A request holds a permit of its host, then one of the client, from before it looks for a connection
   * until its response is complete: always in this order, so that one who waits for a busy host keeps
   * nobody else from theirs. Both lines are FIFO, and a permit comes back however the request ends.
   *
   * Idle connections hold no permit. They are closed after a while, and the oldest is when a new one
   * would make more than the limit, so the limit bounds the sockets, too.
   *
   * A connection of HTTP/2 is shared: it is the host's as long as it may carry more, and idle while it
   * carries nothing. Whether a host speaks HTTP/2 is known when the first connection is there, so the
   * requests that come before wait for that one.
   */
  private final EventLoop loop;
  private @Nullable NettyPoller poller;
  private final HttpClientBuilder settings;
  private final Connector connector;
  private final @Nullable Semaphore total;
  private final Map<Origin, PooledHost> hosts = new HashMap<>();

  private final HeadBytes headBytes = new HeadBytes();
  private @Nullable Origin latestOrigin;
  private final Set<Opening> openings = new HashSet<>();

  /** All connections, busy or idle. */
  private final LinkedHashSet<ClientConnection> connections = new LinkedHashSet<>();

  private final IdleConnections idle;
  private final @Nullable DeadlineQueue responseDeadlines;
  private final @Nullable DeadlineQueue readDeadlines;
  private final DeadlineQueue unreadLimits;
  private boolean closed;

  Pool(EventLoop loop, HttpClientBuilder settings) {
    this.loop = loop;
    this.settings = settings;
    if (settings.transport == null) {
      poller(); // so that it is told now if it cannot be had
    }
    total = semaphore(settings.limit);
    idle = new IdleConnections(loop, settings.keepAlive, this::evict);
    connector = new Connector(settings);
    responseDeadlines = deadlines(settings.responseTimeout);
    readDeadlines = deadlines(settings.readTimeout);
    unreadLimits = new DeadlineQueue(loop, settings.unreadLimit);
  }

  /** How long a body may be left unread without a word. */
  DeadlineQueue unreadLimits() {
    return unreadLimits;
  }

  private @Nullable DeadlineQueue deadlines(@Nullable Duration limit) {
    return limit == null ? null : new DeadlineQueue(loop, limit);
  }

  /** How long servers may take to answer; null for any time. */
  @Nullable DeadlineQueue responseDeadlines() {
    return responseDeadlines;
  }

  /** How long servers may be silent within a body; null for any time. */
  @Nullable DeadlineQueue readDeadlines() {
    return readDeadlines;
  }

  /** Whom the latest request went to. */
  @Nullable Origin latestOrigin() {
    return latestOrigin;
  }

  /** Where connections put the heads of their requests together. */
  HeadBytes headBytes() {
    return headBytes;
  }

  /** What a server had to do within such a time. */
  String describe(HttpException.TimedOut.Limit limit) {
    return limit == HttpException.TimedOut.Limit.RESPONSE
        ? "expected the head of a response within " + settings.responseTimeout
        : "expected more of the body within " + settings.readTimeout;
  }

  private static @Nullable Semaphore semaphore(int limit) {
    return limit == 0 ? null : new Semaphore(limit);
  }

  /**
   * Waits for a place.
   *
   * <p>Cancellation: the place in line is given up, and what had been obtained goes to the next.
   */
  @Suspends
  Lease lease(Origin origin) {
    checkOpen();
    latestOrigin = origin;
    PooledHost host =
        hosts.computeIfAbsent(
            origin, key -> new PooledHost(key, semaphore(settings.limitPerHost), idle));
    Lease lease = new Lease(this, host);
    try {
      lease.acquire(total);
      if (closed) {
        throw closedDuring(origin);
      }
    } catch (Throwable e) {
      lease.close();
      throw e;
    }
    return lease;
  }

  /** Whether {@link #lease} would suspend. */
  boolean mustWait(Origin origin) {
    if (total != null && total.locked()) {
      return true;
    }
    PooledHost host = hosts.get(origin);
    Semaphore permits = host == null ? null : host.permits();
    return permits != null && permits.locked();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the HttpClient is closed");
    }
  }

  /**
   * As at the beginning of a request, within one.
   *
   * @throws HttpException.Disconnected if the client has been closed meanwhile
   */
  void checkStillOpen(Origin origin) {
    if (closed) {
      throw closedDuring(origin);
    }
  }

  private static HttpException closedDuring(Origin origin) {
    return new HttpException.Disconnected(
        "the HttpClient was closed during a request to " + origin, null);
  }

  // ---- idle connections

  /** Takes a connection back that a request has used. */
  void giveBack(ClientConnection connection, PooledHost host) {
    if (connection.shared() && !connection.idle()) {
      return; // others use it
    }
    if (closed || !connection.usable() || settings.keepAlive.isZero()) {
      connection.discard();
    } else {
      host.keep(connection);
    }
  }

  private void evict(ClientConnection connection) {
    retired(connection);
    connection.discard();
  }

  /** Forgets a host that no request uses and to which no connection is open. */
  void forgetIfUnused(PooledHost host) {
    if (host.unused()) {
      hosts.remove(host.origin(), host);
    }
  }

  /** A connection takes no more exchanges; those under way go on. Idempotent. */
  void retired(ClientConnection connection) {
    PooledHost host = hosts.get(connection.origin());
    if (host != null) {
      host.forget(connection);
      forgetIfUnused(host);
    }
  }

  /** The server of a connection wants to be asked in HTTP/1.1 instead (RFC 9113, 7). */
  void wantsHttp1(ClientConnection connection) {
    PooledHost host = hosts.get(connection.origin());
    if (host != null) {
      host.useHttp1();
    }
  }

  /** A connection has ended by itself. On the loop's thread. Idempotent. */
  void ended(ClientConnection connection) {
    connections.remove(connection);
    retired(connection);
  }

  // ---- new connections

  private NettyPoller poller() {
    NettyPoller present = poller;
    if (present == null) {
      present = NettyPoller.of(loop);
      poller = present;
    }
    return present;
  }

  /** Opens a connection, or waits for one that another request opens and that can be shared. */
  @Suspends
  ClientConnection open(PooledHost host) {
    if (settings.transport != null) {
      makeRoom();
      var connection = new MockConnection(host.origin(), settings.transport, loop, this, settings);
      connections.add(connection);
      return connection;
    }
    while (true) {
      Opening opening = new Opening(host.origin(), poller(), this, settings, host.wantsHttp1());
      if (host.speaksHttp1() || !opening.maySpeakHttp2()) {
        return open(opening);
      }
      ClientConnection shared = host.takeShared();
      if (shared == null) {
        shared = host.dial(loop, () -> open(opening), made -> giveBack(made, host));
      }
      if (shared != null) {
        return shared;
      }
    }
  }

  @Suspends
  private ClientConnection open(Opening opening) {
    Origin origin = opening.origin();
    makeRoom();
    openings.add(opening);
    boolean opened = false;
    try {
      ClientConnection connection = connector.connect(opening);
      if (closed) {
        throw closedDuring(origin);
      }
      opened = true;
      connections.add(connection);
      return connection;
    } catch (HttpException.ConnectFailed e) {
      throw closed ? closedDuring(origin) : e;
    } finally {
      openings.remove(opening);
      if (!opened) {
        opening.abandon();
      }
    }
  }

  /** Closes the connection that has been idle for longest, if a new one makes too many. */
  private void makeRoom() {
    ClientConnection oldest = idle.oldest();
    if (settings.limit > 0
        && connections.size() + openings.size() >= settings.limit
        && oldest != null) {
      connections.remove(oldest); // it counts no more, though its socket takes a moment to close
      evict(oldest);
    }
  }

  // ---- the end

  void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (responseDeadlines != null) {
      responseDeadlines.close();
    }
    if (readDeadlines != null) {
      readDeadlines.close();
    }
    unreadLimits.close();
    for (ClientConnection connection : new ArrayList<>(connections)) {
      connection.close(closedDuring(connection.origin()));
    }
    openings.forEach(Opening::close);
    connections.clear();
    idle.close();
    hosts.clear();
  }

  boolean isClosed() {
    return closed;
  }

  HttpClient.Statistics statistics() {
    int active = connections.size() - idle.size() + openings.size();
    return new HttpClient.Statistics(active, idle.size(), waiting());
  }

  private int waiting() {
    int waiting = total == null ? 0 : total.waiters();
    for (PooledHost host : hosts.values()) {
      Semaphore permits = host.permits();
      waiting += permits == null ? 0 : permits.waiters();
    }
    return waiting;
  }
}
