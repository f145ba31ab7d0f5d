package dev.aioli.http.server;

import dev.aioli.Suspends;

/** Writes the body of a response piece by piece: see {@link ServerResponse#stream}. */
@FunctionalInterface
public interface BodyWriter {
  /**
   * Writes the body. Runs in the task of the request, after its handler.
   *
   * <p>Cancelled when the client goes away. If it throws, the connection is closed, so that the
   * client sees that the body is not complete, and the exception handler of the loop is told.
   */
  @Suspends
  void write(ResponseStream out) throws Exception;
}
