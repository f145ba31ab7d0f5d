package dev.aioli.http.server;

import dev.aioli.Suspends;
import dev.aioli.http.WebSocket;

/** Talks to one WebSocket of a server. Each call is a task of its own. */
@FunctionalInterface
public interface WebSocketHandler {
  /**
   * Talks. When it returns the WebSocket is closed with code 1000, unless it is closed already.
   *
   * <p>When the client goes away {@link WebSocket#receive} gives null and {@link WebSocket#send}
   * throws; an exception of the latter kind may leave the handler. Any other exception closes the
   * WebSocket with code 1011 and reaches the loop's exception handler. The handler is cancelled
   * when the server closes and its grace time is over.
   */
  @Suspends
  void handle(WebSocket socket) throws Exception;
}
