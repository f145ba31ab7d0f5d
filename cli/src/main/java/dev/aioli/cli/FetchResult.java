package dev.aioli.cli;

import org.jspecify.annotations.Nullable;

/**
 * What became of a URL: one line of output.
 *
 * @param url as it was given
 * @param status the HTTP status; null if there was no answer
 * @param bytes the length of the body
 * @param nanos how long it took
 * @param error what went wrong; null if nothing did
 */
record FetchResult(
    String url, @Nullable Integer status, long bytes, long nanos, @Nullable String error) {

  /** From this status on, an answer says that the request failed. */
  private static final int FIRST_ERROR_STATUS = 400;

  /**
   * The result of an answer. As with {@code curl --fail} one that reports an error is a failure.
   */
  static FetchResult of(FetchRequest request, Fetcher.Response response, long nanos) {
    int status = response.status();
    String error = status >= FIRST_ERROR_STATUS ? "HTTP " + status : null;
    return new FetchResult(request.url(), status, response.bytes(), nanos, error);
  }

  /** The result of a request without an answer. */
  static FetchResult failed(FetchRequest request, String error, long nanos) {
    return new FetchResult(request.url(), null, 0, nanos, error);
  }

  /** The result of a line that is no request. */
  static FetchResult of(BadLine line) {
    return new FetchResult(line.text(), null, 0, 0, line.error());
  }

  /** Whether the URL was not fetched. */
  boolean isFailure() {
    return error != null;
  }

  /** Whether a request was made and answered, if only by an error status. */
  boolean wasAnswered() {
    return status != null;
  }
}
