package dev.aioli.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A request that a server has received in full. */
public final class ServerRequest {
  private final String method;
  private final String target;
  private final String path;
  private final Headers headers;
  private final byte[] body;
  private final InetSocketAddress remoteAddress;
  private Map<String, String> pathParameters = Map.of();
  private @Nullable Map<String, List<String>> query;

  ServerRequest(
      String method, String target, Headers headers, byte[] body, InetSocketAddress remoteAddress) {
    this.method = method;
    this.target = target;
    this.headers = headers;
    this.body = body;
    this.remoteAddress = remoteAddress;
    path = pathOf(target);
  }

  private static String pathOf(String target) {
    boolean plain = target.startsWith("/") && target.indexOf('%') < 0;
    if (!plain) {
      return new QueryStringDecoder(target).path();
    }
    int end = target.indexOf('?');
    return end < 0 ? target : target.substring(0, end);
  }

  /** The method, in capitals. */
  public String method() {
    return method;
  }

  /** What the request line asks for, as it was sent: path and query. */
  public String target() {
    return target;
  }

  /** The path, decoded, without the query. */
  public String path() {
    return path;
  }

  /** The header fields. */
  public Headers headers() {
    return headers;
  }

  /** The body; empty if there is none. Not a copy. */
  public byte[] bytes() {
    return body;
  }

  /** The body as text in UTF-8. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /**
   * The body as JSON.
   *
   * @throws tools.jackson.core.JacksonException if it is not JSON
   */
  public JsonNode json() {
    return Json.MAPPER.readTree(body);
  }

  /** Where the client is. */
  public InetSocketAddress remoteAddress() {
    return remoteAddress;
  }

  /**
   * The part of the path that stands where the route has {@code {name}}.
   *
   * @throws IllegalArgumentException if the route has no such part
   */
  public String pathParameter(String name) {
    String value = pathParameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "expected one of the route's parameters "
              + pathParameters.keySet()
              + ", found '"
              + name
              + "'");
    }
    return value;
  }

  /** The first value of a query parameter; null if there is none. */
  public @Nullable String query(String name) {
    List<String> values = queryParameters().get(name);
    return values == null ? null : values.getFirst();
  }

  /** The query parameters, decoded: each name with its values, in order. */
  public Map<String, List<String>> queryParameters() {
    Map<String, List<String>> present = query;
    if (present == null) {
      present = target.indexOf('?') < 0 ? Map.of() : new QueryStringDecoder(target).parameters();
      query = present;
    }
    return present;
  }

  void setPathParameters(Map<String, String> parameters) {
    pathParameters = parameters;
  }

  @Override
  public String toString() {
    return method + " " + target;
  }
}
