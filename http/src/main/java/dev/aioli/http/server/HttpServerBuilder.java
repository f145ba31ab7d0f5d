package dev.aioli.http.server;

import dev.aioli.Suspends;
import dev.aioli.http.JsonCodec;
import dev.aioli.http.WebSocketOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Routes and settings of a new {@link HttpServer}: see {@link HttpServer#builder}. */
public final class HttpServerBuilder {
  private final List<Router.Route> routes = new ArrayList<>();
  private final List<Middleware> middlewares = new ArrayList<>();
  private @Nullable SSLContext tls;
  private @Nullable JsonCodec json;
  private long maxBodyBytes = 16 * 1024 * 1024;
  private int maxHeaderBytes = 16 * 1024;
  private int maxConnections = Integer.MAX_VALUE;
  private int maxRequestsPerConnection = Integer.MAX_VALUE;
  private boolean http2 = true;
  private int maxConcurrentStreams = 100;
  private int maxResetsPerSecond = 100;
  private boolean halfClose;
  private Duration idleTimeout = Duration.ofSeconds(75);
  private Duration headerTimeout = Duration.ofSeconds(30);
  private Duration bodyTimeout = Duration.ofSeconds(60);
  private Duration writeTimeout = Duration.ofSeconds(60);
  private Duration grace = Duration.ofSeconds(10);

  HttpServerBuilder() {}

  // ---- what is answered

  /**
   * Has requests for a method and path handled. In a path, {@code {name}} stands for one part
   * between slashes, {@code {name:regex}} for one that matches a regular expression, and {@code
   * {name...}} at the end for all the rest, even if it is empty. The handler gets them by {@link
   * ServerRequest#pathParameter}. Where several routes fit, text goes before {@code {name:regex}},
   * that before {@code {name}}, that before {@code {name...}}; else the one that was added first
   * wins.
   *
   * @param method in capitals; {@code *} for any
   * @param path begins with a slash
   * @throws IllegalArgumentException if the path makes no sense
   */
  public HttpServerBuilder route(String method, String path, Handler handler) {
    Objects.requireNonNull(method, "method");
    Objects.requireNonNull(handler, "handler");
    var _ = PathPattern.parse(path); // so that it fails here
    routes.add(new Router.Route(method, path, handler));
    return this;
  }

  /** As {@link #route}, for GET. HEAD is answered by the same handler, without the body. */
  public HttpServerBuilder get(String path, Handler handler) {
    return route("GET", path, handler);
  }

  /** As {@link #route}, for POST. */
  public HttpServerBuilder post(String path, Handler handler) {
    return route("POST", path, handler);
  }

  /** As {@link #route}, for PUT. */
  public HttpServerBuilder put(String path, Handler handler) {
    return route("PUT", path, handler);
  }

  /** As {@link #route}, for PATCH. */
  public HttpServerBuilder patch(String path, Handler handler) {
    return route("PATCH", path, handler);
  }

  /** As {@link #route}, for DELETE. */
  public HttpServerBuilder delete(String path, Handler handler) {
    return route("DELETE", path, handler);
  }

  /** Talks to WebSockets at a path; as a GET route with {@link ServerResponse#webSocket}. */
  public HttpServerBuilder webSocket(String path, WebSocketHandler handler) {
    Objects.requireNonNull(handler, "handler");
    return get(path, request -> ServerResponse.webSocket(handler));
  }

  /** As {@link #webSocket(String, WebSocketHandler)}, with limits and protocols. */
  public HttpServerBuilder webSocket(
      String path, WebSocketOptions options, WebSocketHandler handler) {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(handler, "handler");
    return get(path, request -> ServerResponse.webSocket(options, handler));
  }

  /**
   * Serves the files of a folder below a path: see {@link StaticFiles}.
   *
   * @param path such as {@code /static}; without parameters
   */
  public HttpServerBuilder files(String path, Path folder) {
    String base = path.endsWith("/") ? path : path + "/";
    return get(base + "{" + StaticFiles.PARAMETER + "...}", StaticFiles.of(folder));
  }

  /** Wraps all routes; the first one that is added is the outermost. */
  public HttpServerBuilder use(Middleware middleware) {
    middlewares.add(Objects.requireNonNull(middleware, "middleware"));
    return this;
  }

  /**
   * What makes objects of the JSON of requests, and JSON of those of {@link ServerResponse#json},
   * in tasks that handle requests and in what they call. By default Jackson 3, or Jackson 2 where
   * only that is there; who has no JSON needs neither.
   */
  public HttpServerBuilder json(JsonCodec codec) {
    json = Objects.requireNonNull(codec, "codec");
    return this;
  }

  // ---- TLS

  /** Speaks TLS with the keys of a context. */
  public HttpServerBuilder sslContext(SSLContext context) {
    tls = Objects.requireNonNull(context, "context");
    return this;
  }

  /**
   * Speaks TLS with a certificate.
   *
   * @param certificates a PEM file: the server's own first, then those in between
   * @param key a PEM file: the private key, PKCS#8, without a password
   * @throws IllegalArgumentException if a file cannot be read or is none of that kind
   */
  public HttpServerBuilder certificate(Path certificates, Path key) {
    tls = ServerTls.of(certificates, key);
    return this;
  }

  // ---- limits

  /**
   * The largest body of a request that is held in memory, in bytes: see {@link
   * ServerRequest#bytes}. A larger one is answered by 413. The default is 16 MiB.
   *
   * @throws IllegalArgumentException if it is negative, or more than an array can hold: 2 GiB less
   *     9 bytes
   */
  public HttpServerBuilder maxBodyBytes(long bytes) {
    if (bytes > IncomingBody.MAX_BYTES) {
      throw new IllegalArgumentException(
          "expected maxBodyBytes of at most "
              + IncomingBody.MAX_BYTES
              + ", was "
              + bytes
              + "; larger bodies are read piece by piece, by ServerRequest.read");
    }
    maxBodyBytes = atLeast(0, bytes, "maxBodyBytes");
    return this;
  }

  /** The largest request line, and the largest header, in bytes. The default is 16 KiB each. */
  public HttpServerBuilder maxHeaderBytes(int bytes) {
    maxHeaderBytes = (int) atLeast(1, bytes, "maxHeaderBytes");
    return this;
  }

  /**
   * How many connections there may be. Others wait in the system's backlog until one is closed.
   * Without a limit by default.
   */
  public HttpServerBuilder maxConnections(int connections) {
    maxConnections = (int) atLeast(1, connections, "maxConnections");
    return this;
  }

  /** After how many requests a connection is closed. Never by default. */
  public HttpServerBuilder maxRequestsPerConnection(int requests) {
    maxRequestsPerConnection = (int) atLeast(1, requests, "maxRequestsPerConnection");
    return this;
  }

  /**
   * Whether clients may speak HTTP/2: with TLS those that choose it in the handshake (ALPN),
   * without it those that begin to speak it. By default they may. WebSockets need HTTP/1.1.
   */
  public HttpServerBuilder http2(boolean allowed) {
    http2 = allowed;
    return this;
  }

  /**
   * How many requests of one HTTP/2 connection are handled at the same time; the client is told,
   * and any beyond are refused. The default is 100.
   */
  public HttpServerBuilder maxConcurrentStreams(int streams) {
    maxConcurrentStreams = (int) atLeast(1, streams, "maxConcurrentStreams");
    return this;
  }

  /**
   * How many requests a second the client of an HTTP/2 connection may cancel, or have reset since
   * it breaks the rules: so many on average, and twice as many at once. Whoever does more is told
   * to calm down (ENHANCE_YOUR_CALM), and the connection ends: requests that are begun only to be
   * cancelled cost a server much and an attacker little (CVE-2023-44487). Raise it for a proxy
   * whose own clients leave in greater numbers. What the server itself resets, such as the streams
   * of handlers that fail, does not count. The default is 100.
   */
  public HttpServerBuilder maxResetsPerSecond(int resets) {
    maxResetsPerSecond = (int) atLeast(0, resets, "maxResetsPerSecond");
    return this;
  }

  /** How long a connection may wait for its next request. The default is 75 seconds. */
  public HttpServerBuilder idleTimeout(Duration limit) {
    idleTimeout = positive(limit);
    return this;
  }

  /**
   * How long the head of a request may take from its first byte on, and a new connection until it
   * has sent one, TLS included. The default is 30 seconds.
   */
  public HttpServerBuilder headerTimeout(Duration limit) {
    headerTimeout = positive(limit);
    return this;
  }

  /**
   * How long nothing of a body may arrive, whether the handler waits for it yet or not. Does not
   * run while more of it waits for the handler than the server holds, nor while the client waits to
   * be told to go on ({@code Expect: 100-continue}). The default is a minute.
   */
  public HttpServerBuilder bodyTimeout(Duration limit) {
    bodyTimeout = positive(limit);
    return this;
  }

  /**
   * How long a client may take nothing of what is sent to it, before its connection is closed. The
   * default is a minute.
   */
  public HttpServerBuilder writeTimeout(Duration limit) {
    writeTimeout = positive(limit);
    return this;
  }

  /**
   * Whether a client that has closed its side of the connection still gets answers. By default it
   * does not: as in aiohttp and Go that counts as going away, and cancels the handler, since the
   * two cannot be told apart.
   */
  public HttpServerBuilder halfClose(boolean allowed) {
    halfClose = allowed;
    return this;
  }

  /** How long {@link HttpServer#close} waits for requests under way. The default is 10 seconds. */
  public HttpServerBuilder grace(Duration limit) {
    grace = Objects.requireNonNull(limit, "limit");
    return this;
  }

  private static long atLeast(long least, long value, String what) {
    if (value < least) {
      throw new IllegalArgumentException(
          "expected " + what + " of at least " + least + ", was " + value);
    }
    return value;
  }

  private static Duration positive(Duration limit) {
    if (!limit.isPositive()) {
      throw new IllegalArgumentException("expected a time limit above zero, was " + limit);
    }
    return limit;
  }

  /**
   * Starts to listen on the running loop.
   *
   * @param host a name, or an address in digits
   * @param port 0 for one that is free; see {@link HttpServer#port}
   * @throws IOException if the address cannot be had
   */
  @Suspends
  public HttpServer start(String host, int port) throws IOException {
    HttpServer server = new HttpServer(settings());
    server.listen(host, port);
    return server;
  }

  private ServerSettings settings() {
    return new ServerSettings(
        List.copyOf(routes),
        List.copyOf(middlewares),
        tls,
        json,
        maxBodyBytes,
        maxHeaderBytes,
        maxConnections,
        maxRequestsPerConnection,
        http2,
        maxConcurrentStreams,
        maxResetsPerSecond,
        halfClose,
        idleTimeout,
        headerTimeout,
        bodyTimeout,
        writeTimeout,
        grace);
  }
}
