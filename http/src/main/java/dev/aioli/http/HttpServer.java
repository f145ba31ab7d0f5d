package dev.aioli.http;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.TimeoutException;
import dev.aioli.net.NettyPoller;
import dev.aioli.net.Sockets;
import dev.aioli.sync.Event;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 server: each request is handled by a task of its own. What aiohttp.web is to asyncio.
 *
 * <pre>{@code
 * try (var server = HttpServer.builder()
 *     .get("/hello/{name}", request -> ServerResponse.text("Hello " + request.pathParameter("name")))
 *     .start("127.0.0.1", 8080)) {
 *   stopRequested.await();
 * }
 * }</pre>
 *
 * <p>Requests of one connection are handled one after the other. A path or method without a route
 * is answered by 404 or 405, a malformed request by 400, one that is too large by 413, 414 or 431.
 */
public final class HttpServer implements AutoCloseable {
  private static final int BACKLOG = 1024;
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);
  private static final long DATE_VALID_NANOS = 500_000_000;

  private final EventLoop loop;
  private final NettyPoller poller;
  private final Router router;
  private final long maxBodyBytes;
  private final Duration grace;
  private final Set<ServerConnection> connections = new LinkedHashSet<>();
  private final Event changed = new Event();
  private @Nullable Channel listening;
  private boolean closing;
  private String date = "";
  private long dateNanos;

  private HttpServer(Builder settings) {
    loop = EventLoop.getRunningLoop();
    poller = NettyPoller.of(loop);
    router = settings.router;
    maxBodyBytes = settings.maxBodyBytes;
    grace = settings.grace;
  }

  /** A server without routes yet. */
  public static Builder builder() {
    return new Builder();
  }

  /** Routes and settings of a new server. */
  public static final class Builder {
    private final Router router = new Router();
    private long maxBodyBytes = 16 * 1024 * 1024;
    private int maxHeaderBytes = 16 * 1024;
    private Duration grace = Duration.ofSeconds(10);

    private Builder() {}

    /**
     * Has requests for a method and path handled.
     *
     * @param method in capitals
     * @param path begins with a slash; {@code {name}} stands for one part of it, which the handler
     *     gets by {@link ServerRequest#pathParameter}
     */
    public Builder route(String method, String path, Handler handler) {
      router.add(
          Objects.requireNonNull(method, "method"),
          path,
          Objects.requireNonNull(handler, "handler"));
      return this;
    }

    /** As {@link #route}, for GET. HEAD is answered by the same handler, without the body. */
    public Builder get(String path, Handler handler) {
      return route("GET", path, handler);
    }

    /** The largest body of a request, in bytes. The default is 16 MiB. */
    public Builder maxBodyBytes(int bytes) {
      maxBodyBytes = bytes;
      return this;
    }

    /** The largest request line, and the largest header, in bytes. The default is 16 KiB each. */
    public Builder maxHeaderBytes(int bytes) {
      maxHeaderBytes = bytes;
      return this;
    }

    /**
     * How long {@link HttpServer#close} waits for requests under way. The default is 10 seconds.
     */
    public Builder grace(Duration limit) {
      grace = Objects.requireNonNull(limit, "limit");
      return this;
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
      HttpServer server = new HttpServer(this);
      server.listen(host, port, maxHeaderBytes);
      return server;
    }
  }

  @Suspends
  private void listen(String host, int port, int maxHeaderBytes) throws IOException {
    listening =
        Sockets.listen(
            host,
            port,
            BACKLOG,
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                HttpDecoderConfig config =
                    new HttpDecoderConfig()
                        .setMaxInitialLineLength(maxHeaderBytes)
                        .setMaxHeaderSize(maxHeaderBytes);
                channel
                    .pipeline()
                    .addLast(
                        new HttpServerCodec(config), new ServerConnection(HttpServer.this, poller));
              }
            });
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
    return new Origin(false, address().getAddress().getHostAddress(), port()).toString();
  }

  /**
   * Stops: accepts no more connections, closes the idle ones, and waits for requests under way, for
   * the {@linkplain Builder#grace grace time} at most; then cancels their handlers and closes the
   * rest. Idempotent.
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
    poller.post(() -> new ArrayList<>(connections).forEach(ServerConnection::closeWhenIdle));
    try {
      Asyncio.timeout(grace, this::awaitConnectionsClosed);
    } catch (TimeoutException e) {
      // what is left has had its time
    } finally {
      poller.post(() -> new ArrayList<>(connections).forEach(ServerConnection::abort));
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

  @Suspends
  ServerResponse handle(ServerRequest request) throws Exception {
    return Objects.requireNonNull(
        router.route(request).handle(request), "the handler returned no response");
  }

  void opened(ServerConnection connection) {
    connections.add(connection);
    if (closing) {
      connection.closeWhenIdle(); // it was accepted before the listening ended
    }
  }

  void closed(ServerConnection connection) {
    connections.remove(connection);
    changed.set();
  }

  boolean closing() {
    return closing;
  }

  long maxBodyBytes() {
    return maxBodyBytes;
  }

  /** The time for the Date field, which has a resolution of a second. */
  String date() {
    long now = loop.timeNanos();
    if (date.isEmpty() || now - dateNanos > DATE_VALID_NANOS) {
      date = HTTP_DATE.format(Instant.now());
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
