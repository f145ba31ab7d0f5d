package dev.aioli.net;

import dev.aioli.Suspends;

/** What a server does with a connection. As the {@code client_connected_cb} of asyncio. */
@FunctionalInterface
public interface ClientConnected {
  /**
   * Serves a connection, in a task of its own. It closes the writer when it is done: a connection
   * may live longer than the task. If it throws, the error goes to the loop's exception handler and
   * the connection is closed; if it is cancelled the connection is closed, too.
   */
  @Suspends
  void serve(StreamReader reader, StreamWriter writer) throws Exception;
}
