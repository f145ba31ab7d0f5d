package dev.aioli.http.server;

import dev.aioli.Suspends;

/** Answers the requests of a route. Each call is a task of its own. */
@FunctionalInterface
public interface Handler {
  /**
   * Answers a request. May suspend; other requests are handled meanwhile.
   *
   * <p>Begins when the head of the request is there; the body may still be arriving.
   *
   * <p>Cancelled when the client goes away. An {@link HttpStatusException} becomes the answer that
   * it names; any other exception becomes status 500 and reaches the loop's exception handler.
   */
  @Suspends
  ServerResponse handle(ServerRequest request) throws Exception;
}
