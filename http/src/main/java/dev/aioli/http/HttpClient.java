package dev.aioli.http;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.TimeoutException;
import dev.aioli.TimerHandle;
import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Makes HTTP/1.1 requests over a pool of connections. What aiohttp's ClientSession is to asyncio.
 *
 * <pre>{@code
 * try (var http = HttpClient.create()) {
 *   var response = http.get("http://localhost:8080/get?a=1");
 *   if (response.ok()) {
 *     IO.println(response.json().at("/args/a").asString());
 *   }
 * }
 * }</pre>
 *
 * <p>One client serves any number of tasks of its loop. Requests beyond its limits wait, first in,
 * first out. Make one client and keep it: its idle connections save the next request the
 * connecting.
 *
 * <p>A request whose pooled connection turns out to be dead before anything was answered is sent
 * again on a new one, once, if its method permits that.
 */
public final class HttpClient implements AutoCloseable {
  private final EventLoop loop;
  private final Builder settings;
  private final Pool pool;

  private HttpClient(Builder settings) {
    this.settings = settings;
    loop = EventLoop.getRunningLoop();
    pool = new Pool(loop, settings);
  }

  /** A client with the default settings, for the running loop. */
  public static HttpClient create() {
    return builder().build();
  }

  /** A client with settings of your own. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a new client. */
  public static final class Builder implements Cloneable {
    int limit = 100;
    int limitPerHost;
    Duration connectTimeout = Duration.ofSeconds(30);
    @Nullable Duration timeout = Duration.ofMinutes(5);
    Duration keepAlive = Duration.ofSeconds(15);
    long maxBodyBytes = 16 * 1024 * 1024;
    int maxHeaderBytes = 64 * 1024;
    @Nullable SSLContext sslContext;

    private Builder() {}

    /** How many requests may be under way at once; 0 for no limit. The default is 100. */
    public Builder limit(int requests) {
      limit = atLeast(0, requests, "limit");
      return this;
    }

    /** How many of them to one scheme, host and port; 0, the default, for no limit. */
    public Builder limitPerHost(int requests) {
      limitPerHost = atLeast(0, requests, "limitPerHost");
      return this;
    }

    /** How long connecting may take, with name resolution and TLS. The default is 30 seconds. */
    public Builder connectTimeout(Duration limit) {
      connectTimeout = Objects.requireNonNull(limit, "limit");
      return this;
    }

    /**
     * How long a request may take in all, from the call to the last byte, with the time it waits in
     * line; null for any time. The default is 5 minutes.
     */
    public Builder timeout(@Nullable Duration limit) {
      timeout = limit;
      return this;
    }

    /** How long an idle connection is kept; zero for not at all. The default is 15 seconds. */
    public Builder keepAlive(Duration limit) {
      keepAlive = Objects.requireNonNull(limit, "limit");
      return this;
    }

    /** The largest body that is held in memory, in bytes. The default is 16 MiB. */
    public Builder maxBodyBytes(int bytes) {
      maxBodyBytes = atLeast(0, bytes, "maxBodyBytes");
      return this;
    }

    /** The largest head of a response, in bytes. The default is 64 KiB. */
    public Builder maxHeaderBytes(int bytes) {
      maxHeaderBytes = atLeast(1, bytes, "maxHeaderBytes");
      return this;
    }

    /** Whom to trust, and who to be, for https; the default is the JVM's. */
    public Builder sslContext(SSLContext context) {
      sslContext = Objects.requireNonNull(context, "context");
      return this;
    }

    /**
     * Makes the client, for the running loop.
     *
     * @throws IllegalStateException outside a running loop
     */
    public HttpClient build() {
      try {
        return new HttpClient((Builder) clone());
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }

    private static int atLeast(int least, int value, String name) {
      if (value < least) {
        throw new IllegalArgumentException("expected " + name + " >= " + least + ", was " + value);
      }
      return value;
    }
  }

  /**
   * Asks for a URL and waits for the whole response.
   *
   * @throws HttpException if there is no complete response; see {@link #request}
   */
  @Suspends
  public HttpResponse get(String url) {
    return request(HttpRequest.get(url));
  }

  /**
   * Makes a request and waits for the whole response. Requests that must wait for a place are
   * served in the order in which they came.
   *
   * <p>Cancellation: the connection is closed if anything had been sent; the place goes to the
   * next.
   *
   * @throws HttpException.InvalidUrl if the URL is not an absolute http or https URL
   * @throws HttpException.ConnectFailed if there is no connection
   * @throws HttpException.TimedOut if connecting, or all of it, takes too long
   * @throws HttpException.Disconnected if the connection ends before the response does
   * @throws HttpException.ProtocolError if the response is not HTTP
   * @throws HttpException.BodyTooLarge if the body is larger than the client holds
   * @throws IllegalStateException if the client is closed or belongs to another loop
   */
  @Suspends
  public HttpResponse request(HttpRequest request) {
    checkLoop();
    Url url = Url.parse(request.url());
    try {
      return Asyncio.timeout(settings.timeout, () -> requestFull(request, url));
    } catch (TimeoutException e) {
      throw timedOut(request, e);
    }
  }

  @Suspends
  private HttpResponse requestFull(HttpRequest request, Url url) {
    try (Pool.Lease lease = pool.lease(url.origin())) {
      boolean retrying = false;
      while (true) {
        ClientConnection connection = lease.connect(retrying);
        FullExchange exchange = new FullExchange(loop, request, url, settings.maxBodyBytes);
        try {
          return connection.exchange(exchange, exchange.outcome());
        } catch (HttpException.Disconnected e) {
          if (retrying || !mayRetry(connection, exchange)) {
            throw e;
          }
          retrying = true;
        }
      }
    }
  }

  /** It was dead before it was asked: nothing has been answered, and asking again does no harm. */
  private boolean mayRetry(ClientConnection connection, Exchange exchange) {
    return connection.reused()
        && !exchange.answered()
        && (exchange.request().idempotent() || !exchange.sent())
        && !pool.isClosed();
  }

  /**
   * Makes a request and waits for the head of the response; the body is then read as it arrives.
   * The time limit covers the body, too. Close what is returned.
   *
   * @throws HttpException as {@link #request}
   */
  @Suspends
  public StreamedResponse stream(HttpRequest request) {
    checkLoop();
    Url url = Url.parse(request.url());
    long startNanos = loop.timeNanos();
    try {
      return Asyncio.timeout(settings.timeout, () -> requestStream(request, url, startNanos));
    } catch (TimeoutException e) {
      throw timedOut(request, e);
    }
  }

  @Suspends
  private StreamedResponse requestStream(HttpRequest request, Url url, long startNanos) {
    Pool.Lease lease = pool.lease(url.origin());
    boolean kept = false;
    try {
      boolean retrying = false;
      while (true) {
        ClientConnection connection = lease.connect(retrying);
        StreamedResponse response = new StreamedResponse(loop, request, url);
        try {
          connection.exchange(response, response.outcome());
          response.keep(lease, deadline(connection, request, startNanos));
          kept = true;
          return response;
        } catch (HttpException.Disconnected e) {
          if (retrying || !mayRetry(connection, response)) {
            throw e;
          }
          retrying = true;
        }
      }
    } finally {
      if (!kept) {
        lease.close();
      }
    }
  }

  private @Nullable TimerHandle deadline(
      ClientConnection connection, HttpRequest request, long startNanos) {
    Duration limit = settings.timeout;
    if (limit == null) {
      return null;
    }
    Duration left = limit.minusNanos(loop.timeNanos() - startNanos);
    return loop.callLater(left, () -> connection.abort(timedOut(request, null)));
  }

  private HttpException.TimedOut timedOut(HttpRequest request, @Nullable Throwable cause) {
    return new HttpException.TimedOut(
        "expected a complete response within " + settings.timeout + ": " + request, cause);
  }

  private void checkLoop() {
    EventLoop running = EventLoop.getRunningLoop();
    if (running != loop) {
      throw new IllegalStateException(
          this + " belongs to another event loop: expected " + loop + ", found " + running);
    }
  }

  /**
   * The connections of a client at one moment.
   *
   * @param active being opened, or busy with a request
   * @param idle kept for the next request
   * @param waiting requests in line for a place
   */
  public record Statistics(int active, int idle, int waiting) {}

  /** How the client's connections are used now. */
  public Statistics statistics() {
    return pool.statistics();
  }

  /**
   * Closes all connections; requests under way fail with {@link HttpException.Disconnected}, new
   * ones with an {@link IllegalStateException}. Does not suspend. Idempotent.
   */
  @Override
  public void close() {
    pool.close();
  }

  @Override
  public String toString() {
    return "HttpClient[" + statistics() + "]";
  }
}
