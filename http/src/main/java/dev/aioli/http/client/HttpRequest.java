package dev.aioli.http.client;

import dev.aioli.http.Headers;
import dev.aioli.http.url.RedactedUrl;
import dev.aioli.http.wire.Tokens;
import dev.aioli.http.wire.Utf8;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request for {@link HttpClient#request} or {@link HttpClient#stream}. Not changed once made:
 * each method gives a new request.
 *
 * <pre>{@code
 * HttpRequest.post("https://example.org/orders")
 *     .query("dry-run", "true")
 *     .header("Idempotency-Key", key)
 *     .json(order)
 * }</pre>
 */
public final class HttpRequest {
  private static final Set<String> IDEMPOTENT =
      Set.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE");

  private final String method;
  private final String url;
  private final Headers headers;
  private final @Nullable RequestBody body;
  private final Options options;

  /** What is rarely asked for. Null means: as the client does it. */
  private record Options(
      @Nullable Duration timeout,
      @Nullable Boolean followRedirects,
      @Nullable Boolean decompress,
      boolean expectContinue) {
    static final Options NONE = new Options(null, null, null, false);
  }

  private HttpRequest(
      String method, String url, Headers headers, @Nullable RequestBody body, Options options) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.body = body;
    this.options = options;
  }

  // ---- made

  /**
   * A request without a body.
   *
   * @param method in capitals: GET, POST, or a word of your own
   * @param url an absolute http or https URL, or one that is relative to the client's base URL;
   *     what may not stand in a URL is percent-encoded. It is looked at when the request is made
   * @throws IllegalArgumentException if the method is not a word that HTTP permits, or CONNECT,
   *     which is for proxies
   */
  public static HttpRequest of(String method, String url) {
    Tokens.check(method, "method");
    if (method.equals("CONNECT")) {
      throw new IllegalArgumentException(
          "CONNECT is not for programs; see HttpClientBuilder.proxy");
    }
    return new HttpRequest(
        method, Objects.requireNonNull(url, "url"), Headers.EMPTY, null, Options.NONE);
  }

  /** A GET. */
  public static HttpRequest get(String url) {
    return of("GET", url);
  }

  /** A HEAD: the response is that of GET, without its body. */
  public static HttpRequest head(String url) {
    return of("HEAD", url);
  }

  /** A POST. */
  public static HttpRequest post(String url) {
    return of("POST", url);
  }

  /** A PUT. */
  public static HttpRequest put(String url) {
    return of("PUT", url);
  }

  /** A PATCH. */
  public static HttpRequest patch(String url) {
    return of("PATCH", url);
  }

  /** A DELETE. */
  public static HttpRequest delete(String url) {
    return of("DELETE", url);
  }

  /** An OPTIONS. */
  public static HttpRequest options(String url) {
    return of("OPTIONS", url);
  }

  // ---- head

  /**
   * The same with one more header field. Host, Content-Length and the like are added where missing.
   *
   * @throws IllegalArgumentException if name or value has characters that HTTP forbids
   */
  public HttpRequest header(String name, String value) {
    return headers(headers.with(name, value));
  }

  /** The same with these header fields and no others. */
  public HttpRequest headers(Headers newHeaders) {
    return new HttpRequest(method, url, Objects.requireNonNull(newHeaders), body, options);
  }

  /**
   * The same with one more parameter in the query of its URL; both are encoded, in UTF-8.
   *
   * @throws IllegalArgumentException if name or value has half of a surrogate pair
   */
  public HttpRequest query(String name, String value) {
    int fragment = url.indexOf('#');
    String end = fragment < 0 ? url : url.substring(0, fragment);
    StringBuilder pair = new StringBuilder();
    Url.appendPair(pair, name, value);
    String separator = end.indexOf('?') < 0 ? "?" : end.endsWith("?") ? "" : "&";
    return new HttpRequest(method, end + separator + pair, headers, body, options);
  }

  /** The same with a user and a password (RFC 7617), in UTF-8. */
  public HttpRequest basicAuth(String user, String password) {
    return headers(headers.replaced("Authorization", basic(user, password)));
  }

  static String basic(String user, String password) {
    if (user.indexOf(':') >= 0) {
      throw new IllegalArgumentException("expected a user without ':', found '" + user + "'");
    }
    byte[] pair = Utf8.bytes(user + ":" + password);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  /** The same with a bearer token (RFC 6750). */
  public HttpRequest bearerAuth(String token) {
    return headers(headers.replaced("Authorization", "Bearer " + token));
  }

  // ---- body

  /** The same with a body; null for none. Its Content-Type is sent unless the request has one. */
  public HttpRequest body(@Nullable RequestBody newBody) {
    return new HttpRequest(method, url, headers, newBody, options);
  }

  /** The same with bytes for a body. Not copied. */
  public HttpRequest body(byte[] bytes) {
    return body(RequestBody.of(bytes));
  }

  /** The same with text for a body, in UTF-8. */
  public HttpRequest body(String text) {
    return body(RequestBody.of(text));
  }

  /**
   * The same with anything that the client can write as JSON for a body: see {@link
   * RequestBody#json(Object)}.
   */
  public HttpRequest json(@Nullable Object value) {
    return body(RequestBody.json(value));
  }

  /** The same with the fields of a form for a body; see also {@link Multipart}. */
  public HttpRequest form(Map<String, ?> fields) {
    return body(RequestBody.form(fields));
  }

  /** The same with the content of a file for a body. */
  public HttpRequest file(Path file) {
    return body(RequestBody.file(file));
  }

  /**
   * The same, with the body sent only when the server says that it wants it, or says nothing for a
   * second: {@code Expect: 100-continue}. For bodies that a task writes; one in memory goes with
   * the head.
   */
  public HttpRequest expectContinue() {
    return with(new Options(options.timeout, options.followRedirects, options.decompress, true));
  }

  // ---- how it is done

  /** The same with a time limit of its own for all of it. */
  public HttpRequest timeout(Duration limit) {
    Objects.requireNonNull(limit, "limit");
    return with(
        new Options(limit, options.followRedirects, options.decompress, options.expectContinue));
  }

  /** The same, whatever the client does about redirects. */
  public HttpRequest followRedirects(boolean follow) {
    return with(new Options(options.timeout, follow, options.decompress, options.expectContinue));
  }

  /** The same, whatever the client does about compressed bodies; false leaves them as they are. */
  public HttpRequest decompress(boolean decompress) {
    return with(
        new Options(options.timeout, options.followRedirects, decompress, options.expectContinue));
  }

  private HttpRequest with(Options newOptions) {
    return new HttpRequest(method, url, headers, body, newOptions);
  }

  // ---- read

  /** The method. */
  public String method() {
    return method;
  }

  /** The URL as it was given, with user and password if it has them. */
  public String url() {
    return url;
  }

  /** The header fields. */
  public Headers headers() {
    return headers;
  }

  /** The body; null if there is none. */
  public @Nullable RequestBody body() {
    return body;
  }

  @Nullable Duration timeout() {
    return options.timeout;
  }

  boolean followsRedirects(boolean byDefault) {
    return options.followRedirects == null ? byDefault : options.followRedirects;
  }

  boolean decompresses(boolean byDefault) {
    return options.decompress == null ? byDefault : options.decompress;
  }

  boolean expectsContinue() {
    return options.expectContinue && body != null && !(body instanceof BytesBody);
  }

  /** What a redirect makes of it. */
  HttpRequest redirected(String newMethod, Headers newHeaders, @Nullable RequestBody newBody) {
    return new HttpRequest(newMethod, url, newHeaders, newBody, options);
  }

  /** Whether it may be sent a second time when nobody knows what became of the first. */
  boolean retryable() {
    return IDEMPOTENT.contains(method) && (body == null || body.repeatable()); // RFC 9110, 9.2.2
  }

  /** Method and URL, without user and password. */
  @Override
  public String toString() {
    return method + " " + RedactedUrl.of(url);
  }
}
