package dev.aioli.http.server;

import dev.aioli.Suspends;

/**
 * Wraps the handlers of a server: sees each request before them and each response after them. As a
 * middleware of aiohttp.web.
 *
 * <pre>{@code
 * (request, next) -> request.headers().contains("authorization")
 *     ? next.handle(request)
 *     : ServerResponse.text(401, "who are you?")
 * }</pre>
 */
@FunctionalInterface
public interface Middleware {
  /**
   * Answers a request, as a rule by {@code next}. Runs in the task of the request; may suspend.
   *
   * @param next the middleware behind this one, or the handler; its errors come out as exceptions,
   *     a missing route as {@link HttpStatusException}
   */
  @Suspends
  ServerResponse handle(ServerRequest request, Handler next) throws Exception;
}
