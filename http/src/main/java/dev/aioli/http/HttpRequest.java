package dev.aioli.http;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request for {@link HttpClient#request}.
 *
 * @param method in capitals: GET, POST...
 * @param url an absolute http or https URL; it is looked at when the request is made
 * @param headers sent as they are; Host, Content-Length and Connection are added where missing
 * @param body sent with its length; null for none
 */
@SuppressWarnings("ArrayRecordComponent") // the bytes are handed over, not compared
public record HttpRequest(String method, String url, Headers headers, byte @Nullable [] body) {
  private static final Set<String> IDEMPOTENT =
      Set.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE");

  /** Checks that nothing is missing. */
  public HttpRequest {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(url, "url");
    Objects.requireNonNull(headers, "headers");
  }

  /** A request without a body. */
  public static HttpRequest of(String method, String url) {
    return new HttpRequest(method, url, Headers.EMPTY, null);
  }

  /** A GET. */
  public static HttpRequest get(String url) {
    return of("GET", url);
  }

  /** The same with one more header field. */
  public HttpRequest header(String name, String value) {
    return new HttpRequest(method, url, headers.with(name, value), body);
  }

  /** The same with a body. */
  public HttpRequest body(byte[] newBody) {
    return new HttpRequest(method, url, headers, Objects.requireNonNull(newBody, "newBody"));
  }

  /** The same with text for a body, in UTF-8. */
  public HttpRequest body(String text) {
    return body(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether asking twice is as good as once, so that it may be sent again (RFC 9110, 9.2.2). */
  boolean idempotent() {
    return IDEMPOTENT.contains(method);
  }

  @Override
  public String toString() {
    return method + " " + url;
  }
}
