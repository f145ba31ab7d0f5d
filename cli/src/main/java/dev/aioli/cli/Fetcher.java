package dev.aioli.cli;

import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Asks for one URL; what a {@link FetchRun} runs many of. */
interface Fetcher extends AutoCloseable {
  /**
   * Asks for a URL once and waits for the whole answer. Used by many tasks at a time.
   *
   * <p>Cancellation: ends the request.
   *
   * @throws dev.aioli.http.client.HttpException if there is no answer
   * @throws BodyTooLargeException if the body is larger than it may be
   * @throws IOException if the body cannot be stored
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
   * @param headers the header fields
   * @param finalUrl where redirects have led; null if there were none
   * @param body null if it is not to be shown
   * @param file the name under which the body was stored; null if it was not
   */
  record Response(
      int status,
      long bytes,
      Headers headers,
      @Nullable String finalUrl,
      @Nullable Body body,
      @Nullable String file) {

    /** One with nothing but a status and a length. */
    Response(int status, long bytes) {
      this(status, bytes, Headers.EMPTY, null, null, null);
    }
  }
}
