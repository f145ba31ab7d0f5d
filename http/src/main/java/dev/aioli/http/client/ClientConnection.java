package dev.aioli.http.client;

import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.http.wire.Origin;

/**
 * A connection of the client, as the pool and the requests see it, whichever version of HTTP it
 * speaks. In the loop's turn only.
 */
interface ClientConnection {
  /** To whom. */
  Origin origin();

  /** Whether it may carry one more exchange. */
  boolean usable();

  /** Whether it has carried an exchange before the present one. */
  boolean reused();

  /** Whether it may carry several exchanges at once. */
  boolean shared();

  /** Whether no exchange is under way. */
  boolean idle();

  /** When it became idle, in the loop's time. For the pool. */
  long idleSinceNanos();

  /** Notes that it is idle since now. */
  void markIdle(long nowNanos);

  /**
   * Sends a request and waits for its outcome; a body with an {@link Upload} is sent meanwhile.
   *
   * <p>Cancellation: the exchange is given up. If something of it has been sent, a connection that
   * is not shared becomes unusable.
   */
  @Suspends
  <T> T exchange(Exchange exchange, Future<T> outcome);

  /** Sends a piece of the body, and tells the upload's sink when that is done. */
  void writeBody(Exchange exchange, byte[] bytes);

  /** Ends the body. */
  void endBody(Exchange exchange);

  /** Reads on after a reader who was slow has caught up. */
  void resumeReading(Exchange exchange);

  /** Gives an exchange up that has not ended: nobody wants its outcome. Does not suspend. */
  void leave(Exchange exchange);

  /** Fails an exchange that is under way. Does nothing if it has ended. */
  void abort(Exchange exchange, HttpException error);

  /** Fails every exchange that is under way and closes the connection. Idempotent. */
  void close(HttpException error);

  /** Lets every exchange go and closes the connection. Idempotent. */
  void discard();
}
