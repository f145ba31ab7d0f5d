package dev.aioli.cli;

import dev.aioli.http.client.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * A URL to fetch.
 *
 * @param url as it was given
 * @param target what it means
 * @param priority the smaller the sooner; equal ones go in the order in which they were read
 * @param template how to ask for it
 * @param digest tells it from other requests for the same URL; null if it is asked for as all are
 */
record FetchRequest(
    String url, TargetUrl target, long priority, RequestTemplate template, @Nullable String digest)
    implements Entry {

  /** The priority of a URL that was given none. */
  static final long DEFAULT_PRIORITY = 0;

  /** A request as all are. */
  FetchRequest(String url, TargetUrl target, long priority, RequestTemplate template) {
    this(url, target, priority, template, null);
  }

  /** A GET of the usual priority. */
  FetchRequest(String url) {
    this(url, TargetUrl.parse(url), DEFAULT_PRIORITY, RequestTemplate.GET);
  }

  /**
   * The request for the client.
   *
   * @param embeddedRoot what stands for {@code httpbin:}
   */
  HttpRequest request(String embeddedRoot) {
    return template.request(target.embedded() ? embeddedRoot + target.text() : target.text());
  }
}
