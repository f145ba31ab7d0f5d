package dev.aioli.http;

import io.netty.handler.codec.http.HttpUtil;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/**
 * A response that has been received in full: what {@link HttpClient#request} gives.
 *
 * <p>A status of 400 or more is no error here: look at {@link #status} or {@link #ok}.
 */
public final class HttpResponse {
  private final int status;
  private final Headers headers;
  private final byte[] body;

  HttpResponse(int status, Headers headers, byte[] body) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  /** The status code, 200 to 599. */
  public int status() {
    return status;
  }

  /** Whether the status is below 400. */
  public boolean ok() {
    return status < 400;
  }

  /** The header fields. */
  public Headers headers() {
    return headers;
  }

  /** The body; empty if there is none. Not a copy. */
  public byte[] bytes() {
    return body;
  }

  /** The body as text, in the character set of its Content-Type, else UTF-8. */
  public String text() {
    String contentType = headers.get("content-type");
    Charset charset =
        contentType == null
            ? StandardCharsets.UTF_8
            : HttpUtil.getCharset(contentType, StandardCharsets.UTF_8);
    return new String(body, charset);
  }

  /**
   * The body as JSON.
   *
   * @throws tools.jackson.core.JacksonException if it is not JSON
   */
  public JsonNode json() {
    return Json.MAPPER.readTree(body);
  }

  @Override
  public String toString() {
    return "HttpResponse[" + status + ", " + body.length + " bytes]";
  }
}
