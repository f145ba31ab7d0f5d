package dev.aioli.http.server;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.TimeoutException;
import dev.aioli.http.wire.HttpTls;
import dev.aioli.http.wire.Origin;
import dev.aioli.net.NettyPoller;
import dev.aioli.net.Sockets;
import dev.aioli.sync.Event;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server: each request is handled by a task of its own. What aiohttp.web is to asyncio.
 *
 * <pre>{@code
 * try (var server = HttpServer.builder()
 *     .get("/hello/{name}", request -> ServerResponse.text("Hello " + request.pathParameter("name")))
 *     .start("127.0.0.1", 8080)) {
 *   stopRequested.await();
 * }
 * }</pre>
 *
 * <p>Speaks HTTP/1.1, where the requests of one connection are handled one after the other, and
 * HTTP/2, where they are handled at the same time: see {@link Builder#http2}. A path or method
 * without a route is answered by 404 or 405, a malformed request by 400, one that is too large by
 * 413, 414 or 431, one that comes too slowly by 408. HEAD is answered as GET without the body,
 * OPTIONS by the methods that a path has, unless there is a route for them.
 */
public final class HttpServer implements AutoCloseable {
  private static final int BACKLOG = 1024;
  private static final long DATE_VALID_NANOS = 500_000_000;

  private final EventLoop loop;
  private final NettyPoller poller;
  private final ServerSettings settings;
  private final Handler chain;
  private final Set<OpenConnection> connections = new LinkedHashSet<>();
  private final Event changed = new Event();
  private @Nullable Channel listening;
  private boolean full;
  private boolean closing;
  private final SmallResponse smallResponses = new SmallResponse();
  private String date = "";
  private long dateNanos;

  private HttpServer(ServerSettings settings) {
    loop = EventLoop.getRunningLoop();
    poller = NettyPoller.of(loop);
    this.settings = settings;
    Router router = Router.of(settings.routes());
    Handler handler = request -> router.route(request).handle(request);
    for (Middleware middleware : settings.middlewares().reversed()) {
      Handler next = handler;
      handler = request -> middleware.handle(request, next);
    }
    chain = handler;
  }

  /** A server without routes yet. */
  public static Builder builder() {
    return new Builder();
  }

  /** Routes and settings of a new server. */
  public static final class Builder {
    private final List<Router.Route> routes = new ArrayList<>();
    private final List<Middleware> middlewares = new ArrayList<>();
    private @Nullable SSLContext tls;
    private long maxBodyBytes = 16 * 1024 * 1024;
    private int maxHeaderBytes = 16 * 1024;
    private int maxConnections = Integer.MAX_VALUE;
    private int maxRequestsPerConnection = Integer.MAX_VALUE;
    private boolean http2 = true;
    private int maxConcurrentStreams = 100;
    private boolean halfClose;
    private Duration idleTimeout = Duration.ofSeconds(75);
    private Duration headerTimeout = Duration.ofSeconds(30);
    private Duration bodyTimeout = Duration.ofSeconds(60);
    private Duration writeTimeout = Duration.ofSeconds(60);
    private Duration grace = Duration.ofSeconds(10);

    private Builder() {}

    // ---- what is answered

    /**
     * Has requests for a method and path handled. In a path, {@code {name}} stands for one part
     * between slashes, {@code {name:regex}} for one that matches a regular expression, and {@code
     * {name...}} at the end for all the rest, even if it is empty. The handler gets them by {@link
     * ServerRequest#pathParameter}. Where several routes fit, text goes before {@code
     * {name:regex}}, that before {@code {name}}, that before {@code {name...}}; else the one that
     * was added first wins.
     *
     * @param method in capitals; {@code *} for any
     * @param path begins with a slash
     * @throws IllegalArgumentException if the path makes no sense
     */
    public Builder route(String method, String path, Handler handler) {
      Objects.requireNonNull(method, "method");
      Objects.requireNonNull(handler, "handler");
      var _ = PathPattern.parse(path); // so that it fails here
      routes.add(new Router.Route(method, path, handler));
      return this;
    }

    /** As {@link #route}, for GET. HEAD is answered by the same handler, without the body. */
    public Builder get(String path, Handler handler) {
      return route("GET", path, handler);
    }

    /** As {@link #route}, for POST. */
    public Builder post(String path, Handler handler) {
      return route("POST", path, handler);
    }

    /** As {@link #route}, for PUT. */
    public Builder put(String path, Handler handler) {
      return route("PUT", path, handler);
    }

    /** As {@link #route}, for PATCH. */
    public Builder patch(String path, Handler handler) {
      return route("PATCH", path, handler);
    }

    /** As {@link #route}, for DELETE. */
    public Builder delete(String path, Handler handler) {
      return route("DELETE", path, handler);
    }

    /** Talks to WebSockets at a path; as a GET route with {@link ServerResponse#webSocket}. */
    public Builder webSocket(String path, WebSocketHandler handler) {
      Objects.requireNonNull(handler, "handler");
      return get(path, request -> ServerResponse.webSocket(handler));
    }

    /**
     * Serves the files of a folder below a path: see {@link StaticFiles}.
     *
     * @param path such as {@code /static}; without parameters
     */
    public Builder files(String path, Path folder) {
      String base = path.endsWith("/") ? path : path + "/";
      return get(base + "{" + StaticFiles.PARAMETER + "...}", StaticFiles.of(folder));
    }

    /** Wraps all routes; the first one that is added is the outermost. */
    public Builder use(Middleware middleware) {
      middlewares.add(Objects.requireNonNull(middleware, "middleware"));
      return this;
    }

    // ---- TLS

    /** Speaks TLS with the keys of a context. */
    public Builder sslContext(SSLContext context) {
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
    public Builder certificate(Path certificates, Path key) {
      tls = ServerTls.of(certificates, key);
      return this;
    }

    // ---- limits

    /**
     * The largest body of a request that is held in memory, in bytes: see {@link
     * ServerRequest#bytes}. A larger one is answered by 413. The default is 16 MiB.
     *
     * @throws IllegalArgumentException if it is negative, or more than an array can hold: 2 GiB
     *     less 9 bytes
     */
    public Builder maxBodyBytes(long bytes) {
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
    public Builder maxHeaderBytes(int bytes) {
      maxHeaderBytes = (int) atLeast(1, bytes, "maxHeaderBytes");
      return this;
    }

    /**
     * How many connections there may be. Others wait in the system's backlog until one is closed.
     * Without a limit by default.
     */
    public Builder maxConnections(int connections) {
      maxConnections = (int) atLeast(1, connections, "maxConnections");
      return this;
    }

    /** After how many requests a connection is closed. Never by default. */
    public Builder maxRequestsPerConnection(int requests) {
      maxRequestsPerConnection = (int) atLeast(1, requests, "maxRequestsPerConnection");
      return this;
    }

    /**
     * Whether clients may speak HTTP/2: with TLS those that choose it in the handshake (ALPN),
     * without it those that begin to speak it. By default they may. WebSockets need HTTP/1.1.
     */
    public Builder http2(boolean allowed) {
      http2 = allowed;
      return this;
    }

    /**
     * How many requests of one HTTP/2 connection are handled at the same time; the client is told,
     * and any beyond are refused. The default is 100.
     */
    public Builder maxConcurrentStreams(int streams) {
      maxConcurrentStreams = (int) atLeast(1, streams, "maxConcurrentStreams");
      return this;
    }

    /** How long a connection may wait for its next request. The default is 75 seconds. */
    public Builder idleTimeout(Duration limit) {
      idleTimeout = positive(limit);
      return this;
    }

    /**
     * How long the head of a request may take from its first byte on, and a new connection until it
     * has sent one, TLS included. The default is 30 seconds.
     */
    public Builder headerTimeout(Duration limit) {
      headerTimeout = positive(limit);
      return this;
    }

    /**
     * How long nothing of a body may arrive, whether the handler waits for it yet or not. Does not
     * run while more of it waits for the handler than the server holds, nor while the client waits
     * to be told to go on ({@code Expect: 100-continue}). The default is a minute.
     */
    public Builder bodyTimeout(Duration limit) {
      bodyTimeout = positive(limit);
      return this;
    }

    /**
     * How long a client may take nothing of what is sent to it, before its connection is closed.
     * The default is a minute.
     */
    public Builder writeTimeout(Duration limit) {
      writeTimeout = positive(limit);
      return this;
    }

    /**
     * Whether a client that has closed its side of the connection still gets answers. By default it
     * does not: as in aiohttp and Go that counts as going away, and cancels the handler, since the
     * two cannot be told apart.
     */
    public Builder halfClose(boolean allowed) {
      halfClose = allowed;
      return this;
    }

    /**
     * How long {@link HttpServer#close} waits for requests under way. The default is 10 seconds.
     */
    public Builder grace(Duration limit) {
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
          maxBodyBytes,
          maxHeaderBytes,
          maxConnections,
          maxRequestsPerConnection,
          http2,
          maxConcurrentStreams,
          halfClose,
          idleTimeout,
          headerTimeout,
          bodyTimeout,
          writeTimeout,
          grace);
    }
  }

  @Suspends
  private void listen(String host, int port) throws IOException {
    Channel open =
        Sockets.listen(
            host,
            port,
            BACKLOG,
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                initialize(channel);
              }
            });
    listening = open;
    if (settings.maxConnections() < Integer.MAX_VALUE) {
      // One at a time, or a burst of connections would pass the limit.
      open.config()
          .setRecvByteBufAllocator(new FixedRecvByteBufAllocator(128).maxMessagesPerRead(1));
      poller.post(() -> open.config().setAutoRead(!full));
    }
  }

  private void initialize(Channel channel) {
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, settings.halfClose());
    SSLContext tls = settings.tls();
    if (tls != null) {
      String[] protocols = settings.http2() ? new String[] {"h2", "http/1.1"} : new String[0];
      channel.pipeline().addLast(HttpTls.server(tls, settings.headerTimeout(), protocols));
    }
    RequestDecoder decoder = new RequestDecoder(settings.maxHeaderBytes());
    ResponseEncoder encoder = new ResponseEncoder();
    ServerConnection connection = new ServerConnection(this, poller);
    if (settings.http2()) {
      channel
          .pipeline()
          .addLast(
              new Http2Detector(() -> {
                channel.pipeline().remove(decoder);
                channel.pipeline().remove(encoder);
                channel.pipeline().remove(connection);
                new Http2ServerConnection(this, poller, connection.peer()).begin(channel);
              }));
    }
    channel.pipeline().addLast(decoder, encoder, connection);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) Objects.requireNonNull(listening).localAddress();
  }

  /** The port on which it listens. */
  public int port() {
    return address().getPort();
  }

  /** The URL of its root, without a slash at the end: {@code http://127.0.0.1:8080}. */
  public String url() {
    return new Origin(settings.tls() != null, address().getAddress().getHostAddress(), port())
        .toString();
  }

  /** The number of connections now. */
  public int connections() {
    return connections.size();
  }

  /**
   * Stops: accepts no more connections, closes the idle ones, says good-bye to WebSockets, and
   * waits for requests under way, for the {@linkplain Builder#grace grace time} at most; then
   * cancels their handlers and closes the rest. Idempotent.
   *
   * <p>Cancellation: the rest is cancelled and closed at once.
   */
  @Suspends
  @Override
  public void close() {
    if (closing) {
      return;
    }
    closing = true;
    poller.close(Objects.requireNonNull(listening));
    poller.post(() -> new ArrayList<>(connections).forEach(OpenConnection::closeWhenIdle));
    try {
      Asyncio.timeout(settings.grace(), this::awaitConnectionsClosed);
    } catch (TimeoutException e) {
      // what is left has had its time
    } finally {
      poller.post(() -> new ArrayList<>(connections).forEach(OpenConnection::abort));
    }
    awaitConnectionsClosed();
  }

  @Suspends
  private void awaitConnectionsClosed() {
    while (!connections.isEmpty()) {
      changed.clear();
      changed.await();
    }
  }

  // ---- for connections, in the turn

  ServerSettings settings() {
    return settings;
  }

  /** Answers a request, whatever it came by. An exception that comes out is the handler's fault. */
  @Suspends
  ServerResponse answer(ServerRequest request) throws Exception {
    try {
      if (request.target().equals("*")) {
        return ServerResponse.status(204); // about the server as a whole there is nothing to say
      }
      return Objects.requireNonNull(chain.handle(request), "the handler returned no response");
    } catch (HttpStatusException e) {
      return e.response();
    }
  }

  void opened(OpenConnection connection) {
    connections.add(connection);
    if (closing) {
      connection.closeWhenIdle(); // it was accepted before the listening ended
    } else if (connections.size() >= settings.maxConnections()) {
      full = true;
      if (listening != null) {
        listening.config().setAutoRead(false);
      }
    }
  }

  void closed(OpenConnection connection) {
    connections.remove(connection);
    if (full && !closing) {
      full = false;
      Objects.requireNonNull(listening).config().setAutoRead(true);
    }
    changed.set();
  }

  boolean closing() {
    return closing;
  }

  /** What makes the bytes of small responses, on the loop's thread. */
  SmallResponse smallResponses() {
    return smallResponses;
  }

  /** The time for the Date field, which has a resolution of a second. */
  String date() {
    long now = loop.timeNanos();
    if (date.isEmpty() || now - dateNanos > DATE_VALID_NANOS) {
      date = HttpDate.format(Instant.now());
      dateNanos = now;
    }
    return date;
  }

  @Override
  public String toString() {
    return "HttpServer["
        + (closing ? "closing" : url())
        + ", "
        + connections.size()
        + " connections]";
  }
}
