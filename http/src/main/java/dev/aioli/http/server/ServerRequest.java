package dev.aioli.http.server;

import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import dev.aioli.http.JsonCodec;
import dev.aioli.http.JsonException;
import dev.aioli.http.json.Json;
import dev.aioli.http.wire.CookiePair;
import dev.aioli.http.wire.Http1Fields;
import java.net.InetSocketAddress;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A request as a handler sees it: its head is there, its body may still be arriving.
 *
 * <p>The body is read in full by {@link #bytes}, {@link #text}, {@link #json} or {@link #form},
 * within the server's limit; or piece by piece by {@link #read}, without one. What the handler does
 * not read is dropped. A client that asks before it sends the body ({@code Expect: 100-continue})
 * is told to go on when the handler first wants it.
 */
public final class ServerRequest {
  /** What the request came by: the same for all requests of a connection. */
  record Peer(InetSocketAddress address, boolean secure) {}

  private final String method;
  private final String target;
  private final String path;
  private final String rawPath;
  private final Headers headers;
  private final String version;
  private final IncomingBody body;
  private final long maxBodyBytes;
  private final Peer peer;
  private byte @Nullable [] whole;
  private Map<String, String> pathParameters = Map.of();
  private @Nullable Map<String, List<String>> query;
  private @Nullable Map<String, Object> attributes;

  /**
   * A request whose head has arrived.
   *
   * @param target path and query; with scheme and authority if the client thinks we are a proxy
   * @throws HttpStatusException if the path is malformed
   */
  ServerRequest(
      String method,
      String target,
      Headers headers,
      String version,
      IncomingBody body,
      long maxBodyBytes,
      Peer peer) {
    this.method = method;
    this.target = target;
    String authority = target.startsWith("/") ? null : RequestCheck.authority(target);
    this.headers = authority == null ? headers : headers.replaced("Host", authority);
    this.version = version;
    this.body = body;
    this.maxBodyBytes = maxBodyBytes;
    this.peer = peer;
    rawPath = rawPath(target, authority);
    path = decode(rawPath);
  }

  private static String rawPath(String target, @Nullable String authority) {
    int begin = authority == null ? 0 : target.indexOf("://") + 3 + authority.length();
    int query = target.indexOf('?', begin);
    int end = query < 0 ? target.length() : query;
    return begin == end ? "/" : target.substring(begin, end);
  }

  private static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    try {
      byte[] encoded =
          text.replace("+", "%2B").getBytes(StandardCharsets.ISO_8859_1); // it is ASCII
      return UrlEncoded.decode(encoded, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new HttpStatusException(400, "expected percent signs with two digits: " + text);
    }
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

  /** The version of the protocol: {@code HTTP/1.0}, {@code HTTP/1.1} or {@code HTTP/2}. */
  public String version() {
    return version;
  }

  /** The header fields. Host is that of the target, if it names one. */
  public Headers headers() {
    return headers;
  }

  /** Where the client is; or the proxy, if there is one in between. */
  public InetSocketAddress remoteAddress() {
    return peer.address;
  }

  /** Whether it came over TLS. */
  public boolean secure() {
    return peer.secure;
  }

  /** The URL of the request, with the host that the client named. */
  public String url() {
    String host = headers.get("host");
    return target.startsWith("/")
        ? (peer.secure ? "https://" : "http://") + (host == null ? "" : host) + target
        : target;
  }

  // ---- the body

  /**
   * The next piece of the body, as it arrives; null at its end. Suspends if none is there. The
   * client is read from no faster: when 64 KiB wait, the socket is left alone. For one task at a
   * time; what it has read is not part of {@link #bytes} any more.
   *
   * <p>Cancellation: nothing is lost; the next call gets the piece.
   *
   * @throws HttpStatusException 400 if the body is malformed or ends early, 408 if nothing arrives
   *     for too long
   */
  @Suspends
  public byte @Nullable [] read() {
    return body.read();
  }

  /**
   * The body; empty if there is none. Not a copy: the same array each time. Suspends until it is
   * there.
   *
   * @throws HttpStatusException 413 if it is larger than {@link HttpServerBuilder#maxBodyBytes}
   *     allows; as {@link #read}
   */
  @Suspends
  public byte[] bytes() {
    return bytes(maxBodyBytes);
  }

  /** As {@link #bytes()}, with a limit of its own. */
  @Suspends
  public byte[] bytes(long maxBytes) {
    byte[] present = whole;
    if (present == null) {
      present = body.readAll(maxBytes);
      whole = present;
    }
    if (present.length > maxBytes) {
      throw IncomingBody.tooLarge(maxBytes);
    }
    return present;
  }

  /**
   * The body as text, in the character set of its Content-Type, else UTF-8; as {@link #bytes()}.
   */
  @Suspends
  public String text() {
    byte[] bytes = bytes();
    Charset charset = Http1Fields.charset(headers.get("content-type")); // some are slow
    return Bulk.work(bytes.length, () -> new String(bytes, charset));
  }

  /**
   * The body as JSON, a tree of Jackson 3; as {@link #bytes()}. For one of Jackson 2, or of another
   * codec, call {@link #json(Class)}.
   *
   * @throws HttpStatusException 400 if it is not JSON
   * @throws IllegalStateException if Jackson 3 is not there, or is not what the server uses
   */
  @SuppressWarnings("exports") // who has Jackson on the module path requires it
  @Suspends
  public JsonNode json() {
    byte[] bytes = bytes();
    JsonCodec codec = Json.ofTheServer();
    return parse(() -> Json.tree(codec, bytes), bytes);
  }

  /**
   * The body as JSON, bound to a class by the server's {@link HttpServerBuilder#json}; as {@link
   * #bytes()}. From a body of more than 64 KiB the object is made in a worker thread.
   *
   * @throws HttpStatusException 400 if it is not JSON, does not fit the class, or is {@code null}
   * @throws IllegalStateException if there is no codec: Jackson is not there
   */
  @Suspends
  public <T> T json(Class<T> type) {
    byte[] bytes = bytes();
    JsonCodec codec = Json.ofTheServer();
    return parse(() -> codec.read(bytes, type), bytes);
  }

  private interface Parser<T> {
    @Nullable T parse();
  }

  @Suspends
  private static <T> T parse(Parser<T> parser, byte[] bytes) {
    if (bytes.length == 0) {
      throw new HttpStatusException(400, "expected JSON: found no body");
    }
    T value;
    try {
      value = Bulk.work(bytes.length, parser::parse);
    } catch (JsonException e) {
      HttpStatusException refusal =
          new HttpStatusException(400, "expected JSON: " + e.getMessage());
      refusal.initCause(e);
      throw refusal;
    }
    if (value == null) {
      throw new HttpStatusException(400, "expected JSON: found null");
    }
    return value;
  }

  /**
   * The body as a form, urlencoded or multipart; as {@link #bytes()}. A file or a name is as {@link
   * Form} says. One of more than 64 KiB is read in a worker thread.
   *
   * @throws HttpStatusException 415 if the Content-Type is another, 400 if the body is malformed,
   *     413 if it has more than 10,000 fields
   */
  @Suspends
  public Form form() {
    return form(maxBodyBytes);
  }

  /** As {@link #form()}, with a limit of its own for the whole body, in bytes. */
  @Suspends
  public Form form(long maxBytes) {
    FormReader reader = FormReader.forType(headers.get("content-type"));
    byte[] bytes = bytes(maxBytes);
    return Bulk.work(bytes.length, () -> reader.read(bytes));
  }

  // ---- parameters

  /**
   * The part of the path that stands where the route has {@code {name}}, decoded.
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

  /**
   * The query parameters, decoded: each name with its values, in order. What separates them is
   * {@code &} only.
   */
  public Map<String, List<String>> queryParameters() {
    Map<String, List<String>> present = query;
    if (present == null) {
      present = parseQuery();
      query = present;
    }
    return present;
  }

  private Map<String, List<String>> parseQuery() {
    int begin = target.indexOf('?');
    if (begin < 0) {
      return Map.of();
    }
    byte[] text = target.substring(begin + 1).getBytes(StandardCharsets.ISO_8859_1); // it is ASCII
    try {
      return UrlEncoded.parse(text, StandardCharsets.UTF_8, Integer.MAX_VALUE);
    } catch (IllegalArgumentException e) {
      throw new HttpStatusException(400, "malformed query: " + e.getMessage());
    }
  }

  /**
   * The cookies that the client sent, by name; of several with one name the first. Values are as
   * the client has them, with blanks, commas and whatever else stands before the next semicolon:
   * not decoded, but for quotes around all of it, which are taken away. Names and values that are
   * not ASCII are read as UTF-8 where they can be. What has no name is left out.
   */
  public Map<String, String> cookies() {
    Map<String, String> all = new LinkedHashMap<>();
    for (String field : headers.getAll("cookie")) {
      for (String text : field.split(";", -1)) {
        CookiePair cookie = CookiePair.parse(Http1Fields.text(text));
        if (cookie != null) {
          all.putIfAbsent(cookie.name(), cookie.unquoted());
        }
      }
    }
    return all;
  }

  /** The value of a cookie, as in {@link #cookies}; null if the client sent none of that name. */
  public @Nullable String cookie(String name) {
    return cookies().get(name);
  }

  /**
   * What the program keeps with this request: a place for a {@link Middleware} to leave something
   * for the handler, such as who the user is.
   */
  public Map<String, Object> attributes() {
    Map<String, Object> present = attributes;
    if (present == null) {
      present = new HashMap<>();
      attributes = present;
    }
    return present;
  }

  // ---- for the router and the connection

  /** The parts of the path between slashes, each decoded by itself: an encoded slash is none. */
  List<String> pathSegments() {
    List<String> segments = new ArrayList<>();
    for (String part : rawPath.substring(Math.min(1, rawPath.length())).split("/", -1)) {
      segments.add(decode(part));
    }
    return segments;
  }

  /** Whether the path had to be decoded. */
  boolean hasEncodedPath() {
    return !path.equals(rawPath);
  }

  void setPathParameters(Map<String, String> parameters) {
    pathParameters = parameters;
  }

  IncomingBody body() {
    return body;
  }

  @Override
  public String toString() {
    return method + " " + target;
  }
}
