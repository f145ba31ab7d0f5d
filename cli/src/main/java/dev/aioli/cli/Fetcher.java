package dev.aioli.cli;

import dev.aioli.Suspends;
import java.io.IOException;

/** Asks for one URL; what a {@link FetchRun} runs many of. */
interface Fetcher extends AutoCloseable {
  /**
   * Asks for a URL and waits for the whole answer. Used by many tasks at a time.
   *
   * <p>Cancellation: ends the request.
   *
   * @throws IOException if there is no answer
   * @throws IllegalArgumentException if the URL is malformed
   */
  @Suspends
  Response fetch(FetchRequest request) throws IOException;

  /** What is worth telling at the end; empty if nothing is. */
  default String remark() {
    return "";
  }

  /** Lets go of connections and servers. In the turn of the loop. */
  @Suspends
  @Override
  void close();

  /**
   * An answer.
   *
   * @param status the HTTP status
   * @param bytes the length of the body
   */
  record Response(int status, long bytes) {}
}
