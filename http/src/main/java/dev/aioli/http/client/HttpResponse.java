package dev.aioli.http.client;

import dev.aioli.http.Headers;
import dev.aioli.http.JsonCodec;
import dev.aioli.http.json.Json;
import dev.aioli.http.wire.Http1Fields;
import java.nio.charset.Charset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A response that has been received in full: what {@link HttpClient#request} gives.
 *
 * <p>A status of 400 or more is no error here: look at {@link #status} or {@link #ok}, or call
 * {@link #raiseForStatus}.
 */
public final class HttpResponse {
  private final String method;
  private final Url url;
  private final int status;
  private final String version;
  private final Headers headers;
  private final byte[] body;
  private final List<HttpResponse> history;
  private final @Nullable JsonCodec json;

  HttpResponse(
      Exchange exchange, int status, Headers headers, byte[] body, List<HttpResponse> history) {
    this.method = exchange.request().method();
    this.url = exchange.asked();
    this.status = status;
    this.version = exchange.version();
    this.headers = headers;
    this.body = body;
    this.history = history;
    json = exchange.json();
  }

  /**
   * Where it comes from: the URL that was asked, the last one if there were redirects. In ASCII,
   * and without user and password.
   */
  public String url() {
    return url.text();
  }

  /** The status code: three digits, 200 or more. Those above 599 are made up by some servers. */
  public int status() {
    return status;
  }

  /** The version of HTTP in which it came: "HTTP/1.0", "HTTP/1.1" or "HTTP/2". */
  public String version() {
    return version;
  }

  /** Whether the status is below 400. */
  public boolean ok() {
    return status < 400;
  }

  /**
   * Gives this response back, or throws if its status is 400 or more. As {@code
   * ClientResponse.raise_for_status} of aiohttp.
   *
   * @throws HttpException.BadStatus if so; it has this response
   */
  public HttpResponse raiseForStatus() {
    if (!ok()) {
      throw new HttpException.BadStatus(method, this);
    }
    return this;
  }

  /** The header fields, as they came: a body that was decoded here still has its coding in them. */
  public Headers headers() {
    return headers;
  }

  /** The redirects that led here, first to last. */
  public List<HttpResponse> history() {
    return history;
  }

  /** The body; empty if there is none. Not a copy. */
  public byte[] bytes() {
    return body;
  }

  /** The body as text, in the character set of its Content-Type, else UTF-8. */
  public String text() {
    return text(Http1Fields.charset(headers.get("content-type")));
  }

  /** The body as text in a character set of the caller's choice. */
  public String text(Charset charset) {
    return new String(body, charset);
  }

  /**
   * The body as JSON: a tree of Jackson 3. For one of Jackson 2, or of another codec, call {@link
   * #json(Class)}.
   *
   * @throws dev.aioli.http.JsonException if it is not JSON
   * @throws IllegalStateException if Jackson 3 is not there, or is not what the client uses
   */
  @SuppressWarnings("exports") // who has Jackson on the module path requires it
  public JsonNode json() {
    return Json.tree(json, body);
  }

  /**
   * The body as JSON, made into an object by the client's {@link HttpClientBuilder#json}; null for
   * {@code null}.
   *
   * @throws dev.aioli.http.JsonException if it is not JSON or does not fit the type
   * @throws IllegalStateException if there is no codec: Jackson is not there
   */
  @SuppressWarnings("NullAway") // hardly anybody expects null, and all would have to look for it
  public <T> T json(Class<T> type) {
    return Json.orDefault(json).read(body, type);
  }

  @Override
  public String toString() {
    return "HttpResponse[" + status + ", " + body.length + " bytes]";
  }
}
