package dev.aioli.cli;

import org.jspecify.annotations.Nullable;

/**
 * What became of a URL: one line of output.
 *
 * @param url as it was given
 * @param digest that of the request, see {@link FetchRequest#digest}
 * @param response the last answer; null if there was none
 * @param nanos how long the last attempt took
 * @param attempts how often it was tried; 0 if there was nothing to try
 * @param error what went wrong; null if nothing did
 */
record FetchResult(
    String url,
    @Nullable String digest,
    Fetcher.@Nullable Response response,
    long nanos,
    int attempts,
    @Nullable FetchError error) {

  /** The result of an answer. */
  static FetchResult of(FetchRequest request, Fetcher.Response response, long nanos, int attempts) {
    int status = response.status();
    FetchError error = status >= FetchError.FIRST_ERROR_STATUS ? FetchError.status(status) : null;
    return new FetchResult(request.url(), request.digest(), response, nanos, attempts, error);
  }

  /** The result of a request without an answer. */
  static FetchResult failed(FetchRequest request, FetchError error, long nanos, int attempts) {
    return new FetchResult(request.url(), request.digest(), null, nanos, attempts, error);
  }

  /** The result of a line that is no request. */
  static FetchResult of(BadLine line) {
    FetchError error = new FetchError(ErrorType.INPUT, line.error());
    return new FetchResult(line.text(), null, null, 0, 0, error);
  }

  /** Whether the URL was not fetched. */
  boolean isFailure() {
    return error != null;
  }

  /** What the failures are counted by; empty if it is none. */
  String outcome() {
    if (response != null) {
      return Integer.toString(response.status());
    }
    return error == null ? "" : error.type().text();
  }
}
