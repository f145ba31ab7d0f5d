package dev.aioli.http.client;

import dev.aioli.Suspends;
import dev.aioli.sync.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A place in the pool: a permit of the host and one of the client, and the connection that it holds
 * at present. Closed in the turn.
 */
final class Lease implements AutoCloseable {
  private final Pool pool;
  private final PooledHost host;
  private @Nullable Semaphore hostPermit;
  private @Nullable Semaphore totalPermit;
  private @Nullable ClientConnection connection;
  private boolean returned;

  /** A place without permits yet. */
  Lease(Pool pool, PooledHost host) {
    this.pool = pool;
    this.host = host;
    host.enter();
  }

  /** Waits in both lines, that of the host first. What has been obtained goes back by closing. */
  @Suspends
  void acquire(@Nullable Semaphore total) {
    Semaphore own = host.permits();
    if (own != null) {
      var _ = own.acquire();
      hostPermit = own;
    }
    if (total != null) {
      var _ = total.acquire();
      totalPermit = total;
    }
  }

  /** Takes a connection that is idle or shared; null if there is none. */
  @Nullable ClientConnection takeIdle() {
    connection = host.takeIdle();
    return connection;
  }

  /**
   * Opens a connection, or waits for one that another request opens and that can be shared. What
   * was taken before is given back first.
   */
  @Suspends
  ClientConnection open() {
    giveBack();
    ClientConnection opened = pool.open(host);
    connection = opened;
    return opened;
  }

  /** Gives the connection back, not the place. Idempotent. */
  void giveBack() {
    if (connection != null) {
      pool.giveBack(connection, host);
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
    host.exit();
    pool.forgetIfUnused(host);
  }
}
