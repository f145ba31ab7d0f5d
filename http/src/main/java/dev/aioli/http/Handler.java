package dev.aioli.http;

import dev.aioli.Suspends;

/** Answers the requests of a route. Each call is a task of its own. */
@FunctionalInterface
public interface Handler {
  /**
   * Answers a request. May suspend; other requests are handled meanwhile.
   *
   * <p>Cancelled when the client goes away. An exception becomes status 500 and reaches the loop's
   * exception handler.
   */
  @Suspends
  ServerResponse handle(ServerRequest request) throws Exception;
}
