package dev.aioli.http.client;

import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.TimerHandle;
import dev.aioli.http.wire.HeadBytes;
import dev.aioli.http.wire.Origin;
import dev.aioli.net.NettyPoller;
import dev.aioli.sync.Semaphore;
import java.time.Duration;
import java.util.ArrayDeque;
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
  private final NettyPoller poller;
  private final HttpClientBuilder settings;
  private final Connector connector;
  private final @Nullable Semaphore total;
  private final Map<Origin, Host> hosts = new HashMap<>();

  private final HeadBytes headBytes = new HeadBytes();
  private @Nullable Origin latestOrigin;
  private final Set<Opening> openings = new HashSet<>();

  /** All connections, busy or idle. */
  private final LinkedHashSet<ClientConnection> connections = new LinkedHashSet<>();

  /** Oldest first. */
  private final LinkedHashSet<ClientConnection> idle = new LinkedHashSet<>();

  private final @Nullable DeadlineQueue responseDeadlines;
  private final @Nullable DeadlineQueue readDeadlines;
  private @Nullable TimerHandle sweep;
  private boolean closed;

  /** What is kept for an origin, as long as anyone uses it or a connection to it is idle. */
  private final class Host {
    private final @Nullable Semaphore permits = semaphore(settings.limitPerHost);

    /** Newest last. */
    private final ArrayDeque<ClientConnection> idle = new ArrayDeque<>(4);

    /** The one that all requests share; null if there is none. */
    private @Nullable ClientConnection shared;

    private @Nullable Dial dial;
    private boolean speaksHttp1;
    private int users;
  }

  Pool(EventLoop loop, HttpClientBuilder settings) {
    this.loop = loop;
    this.settings = settings;
    poller = NettyPoller.of(loop);
    total = semaphore(settings.limit);
    connector = new Connector(settings);
    responseDeadlines = deadlines(settings.responseTimeout);
    readDeadlines = deadlines(settings.readTimeout);
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
    Host host = hosts.computeIfAbsent(origin, key -> new Host());
    host.users++;
    Lease lease = new Lease(origin, host);
    try {
      if (host.permits != null) {
        var _ = host.permits.acquire();
        lease.hostPermit = host.permits;
      }
      if (total != null) {
        var _ = total.acquire();
        lease.totalPermit = total;
      }
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
    Host host = hosts.get(origin);
    return host != null && host.permits != null && host.permits.locked();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the HttpClient is closed");
    }
  }

  private static HttpException closedDuring(Origin origin) {
    return new HttpException.Disconnected(
        "the HttpClient was closed during a request to " + origin, null);
  }

  /** A place in the pool, and the connection that it holds at present. Closed in the turn. */
  final class Lease implements AutoCloseable {
    private final Origin origin;
    private final Host host;
    private @Nullable Semaphore hostPermit;
    private @Nullable Semaphore totalPermit;
    private @Nullable ClientConnection connection;
    private boolean returned;

    private Lease(Origin origin, Host host) {
      this.origin = origin;
      this.host = host;
    }

    /** Takes a connection that is idle or shared; null if there is none. */
    @Nullable ClientConnection takeIdle() {
      connection = Pool.this.takeIdle(host);
      return connection;
    }

    /**
     * Opens a connection, or waits for one that another request opens and that can be shared. What
     * was taken before is given back first.
     */
    @Suspends
    ClientConnection open() {
      giveBack();
      ClientConnection opened = Pool.this.open(origin, host);
      connection = opened;
      return opened;
    }

    private void giveBack() {
      if (connection != null) {
        Pool.this.giveBack(connection, host);
        connection = null;
      }
    }

    /** Gives everything back. Idempotent. */
    @Override
    public void close() {
      if (returned) {
        return;
      }
      returned = true;
      giveBack();
      if (totalPermit != null) {
        totalPermit.release();
      }
      if (hostPermit != null) {
        hostPermit.release();
      }
      host.users--;
      forgetIfUnused(origin, host);
    }
  }

  // ---- idle connections

  private @Nullable ClientConnection takeShared(Host host) {
    ClientConnection shared = host.shared;
    if (shared == null) {
      return null;
    }
    boolean wasIdle = idle.remove(shared);
    if (shared.usable() && !(wasIdle && expired(shared, loop.timeNanos()))) {
      return shared;
    }
    host.shared = null;
    if (shared.idle()) {
      shared.discard();
    }
    return null;
  }

  private @Nullable ClientConnection takeIdle(Host host) {
    ClientConnection shared = takeShared(host);
    if (shared != null) {
      return shared;
    }
    for (ClientConnection candidate = host.idle.pollLast();
        candidate != null;
        candidate = host.idle.pollLast()) {
      idle.remove(candidate);
      if (candidate.usable() && !expired(candidate, loop.timeNanos())) {
        return candidate;
      }
      candidate.discard();
    }
    return null;
  }

  private void giveBack(ClientConnection connection, Host host) {
    if (connection.shared() && !connection.idle()) {
      return; // others use it
    }
    if (closed || !connection.usable() || settings.keepAlive.isZero()) {
      connection.discard();
      return;
    }
    connection.markIdle(loop.timeNanos());
    if (!connection.shared()) {
      host.idle.addLast(connection);
    }
    idle.remove(connection); // it goes to the end
    idle.add(connection);
    if (sweep == null) {
      sweepAfter(settings.keepAlive);
    }
  }

  private boolean expired(ClientConnection connection, long now) {
    return now - connection.idleSinceNanos() >= settings.keepAlive.toNanos();
  }

  private void sweepAfter(Duration delay) {
    sweep = loop.callLater(delay, this::sweep);
  }

  private void sweep() {
    sweep = null;
    long now = loop.timeNanos();
    while (!idle.isEmpty()) {
      ClientConnection oldest = idle.getFirst();
      if (!expired(oldest, now)) {
        sweepAfter(settings.keepAlive.minusNanos(now - oldest.idleSinceNanos()));
        return;
      }
      evict(oldest);
    }
  }

  private void evict(ClientConnection connection) {
    removeIdle(connection);
    connection.discard();
  }

  private void removeIdle(ClientConnection connection) {
    if (idle.remove(connection)) {
      Host host = hosts.get(connection.origin());
      if (host != null) {
        host.idle.remove(connection);
        forgetShared(connection, host);
        forgetIfUnused(connection.origin(), host);
      }
    }
  }

  @SuppressWarnings("ReferenceEquality")
  private static void forgetShared(ClientConnection connection, Host host) {
    if (host.shared == connection) {
      host.shared = null;
    }
  }

  private void forgetIfUnused(Origin origin, Host host) {
    if (host.users == 0 && host.idle.isEmpty() && host.shared == null) {
      hosts.remove(origin, host);
    }
  }

  /** A connection takes no more exchanges; those under way go on. Idempotent. */
  void retired(ClientConnection connection) {
    removeIdle(connection);
    Host host = hosts.get(connection.origin());
    if (host != null) {
      forgetShared(connection, host);
      forgetIfUnused(connection.origin(), host);
    }
  }

  /** A connection has ended by itself. On the loop's thread. Idempotent. */
  void ended(ClientConnection connection) {
    connections.remove(connection);
    retired(connection);
  }

  // ---- new connections

  @Suspends
  private ClientConnection open(Origin origin, Host host) {
    while (true) {
      Opening opening = new Opening(origin, poller, this, settings);
      if (host.speaksHttp1 || !opening.maySpeakHttp2()) {
        return open(opening);
      }
      ClientConnection shared = takeShared(host);
      if (shared != null) {
        return shared;
      }
      Dial dial = host.dial;
      if (dial == null) {
        dial = new Dial(loop, () -> dial(opening, host), made -> giveBack(made, host));
        host.dial = dial;
      }
      ClientConnection made = dial.await();
      if (made != null && made.usable()) {
        idle.remove(made);
        return made;
      }
    }
  }

  /** Opens a connection for all that wait, and notes what the host speaks. */
  @Suspends
  private ClientConnection dial(Opening opening, Host host) {
    try {
      ClientConnection made = open(opening);
      if (made.shared()) {
        host.shared = made;
      } else {
        host.speaksHttp1 = true;
      }
      return made;
    } finally {
      host.dial = null;
    }
  }

  @Suspends
  private ClientConnection open(Opening opening) {
    Origin origin = opening.origin();
    if (settings.limit > 0
        && connections.size() + openings.size() >= settings.limit
        && !idle.isEmpty()) {
      ClientConnection oldest = idle.getFirst();
      connections.remove(oldest); // it counts no more, though its socket takes a moment to close
      evict(oldest);
    }
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

  // ---- the end

  void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (sweep != null) {
      sweep.cancel();
      sweep = null;
    }
    if (responseDeadlines != null) {
      responseDeadlines.close();
    }
    if (readDeadlines != null) {
      readDeadlines.close();
    }
    for (ClientConnection connection : new ArrayList<>(connections)) {
      connection.close(closedDuring(connection.origin()));
    }
    openings.forEach(Opening::close);
    connections.clear();
    idle.clear();
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
    for (Host host : hosts.values()) {
      waiting += host.permits == null ? 0 : host.permits.waiters();
    }
    return waiting;
  }
}
