package dev.aioli.http.server;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.TimeoutException;
import dev.aioli.http.json.Json;
import dev.aioli.http.wire.Callbacks;
import dev.aioli.http.wire.HttpDate;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
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
 * HTTP/2, where they are handled at the same time: see {@link HttpServerBuilder#http2}. A path or
 * method without a route is answered by 404 or 405, a malformed request by 400, one that is too
 * large by 413, 414 or 431, one that comes too slowly by 408. HEAD is answered as GET without the
 * body, OPTIONS by the methods that a path has, unless there is a route for them.
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

  HttpServer(ServerSettings settings) {
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
  public static HttpServerBuilder builder() {
    return new HttpServerBuilder();
  }

  /** Starts to listen; called once. */
  @Suspends
  void listen(String host, int port) throws IOException {
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
    if (settings.http2()) {
      channel.pipeline().addLast(new Http2Detector(() -> speakHttp2(channel)));
    }
    RequestDecoder decoder = new RequestDecoder(settings.maxHeaderBytes());
    ResponseEncoder encoder = new ResponseEncoder();
    channel.pipeline().addLast(decoder, encoder);
    channel.pipeline().addLast(new ServerConnection(this, poller, channel, decoder, encoder));
  }

  private void speakHttp2(Channel channel) {
    channel.pipeline().remove(RequestDecoder.class);
    channel.pipeline().remove(ResponseEncoder.class);
    ServerConnection instead = channel.pipeline().remove(ServerConnection.class);
    new Http2ServerConnection(this, poller, instead.peer()).begin(channel);
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
   * waits for requests under way, for the {@linkplain HttpServerBuilder#grace grace time} at most;
   * then cancels their handlers and closes the rest. Idempotent.
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
    poller.post(() -> forEachConnection(OpenConnection::closeWhenIdle));
    try {
      Asyncio.timeout(settings.grace(), this::awaitConnectionsClosed);
    } catch (TimeoutException e) {
      // what is left has had its time
    } finally {
      poller.post(() -> forEachConnection(OpenConnection::abort));
    }
    awaitConnectionsClosed();
  }

  /** Ends connections, each even if another one fails to. */
  private void forEachConnection(Consumer<OpenConnection> end) {
    for (OpenConnection connection : new ArrayList<>(connections)) {
      Callbacks.run(
          loop, connection, () -> end.accept(connection), failure -> connection.closeNow());
    }
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
    if (settings.json() != null) {
      Json.useFromHere(settings.json());
    }
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
