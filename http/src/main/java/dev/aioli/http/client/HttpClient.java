package dev.aioli.http.client;

import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import dev.aioli.http.WebSocket;
import dev.aioli.http.WebSocketOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes HTTP requests over a pool of connections. What aiohttp's ClientSession is to asyncio.
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
 * <p>Redirects are followed, cookies are kept and compressed bodies decoded, unless the {@link
 * HttpClientBuilder} or the request says otherwise.
 *
 * <p>A request whose pooled connection turns out to be dead before anything was answered is sent
 * again on a new one, once, if its method and its body permit that.
 */
public final class HttpClient implements AutoCloseable {
  private final EventLoop loop;
  private final HttpClientBuilder settings;
  private final Pool pool;
  private final @Nullable CookieJar cookies;
  private final @Nullable DeadlineQueue deadlines;

  HttpClient(HttpClientBuilder settings) {
    this.settings = settings;
    loop = EventLoop.getRunningLoop();
    pool = new Pool(loop, settings);
    cookies = settings.cookies ? new CookieJar(System::currentTimeMillis) : null;
    Duration timeout = settings.timeout;
    deadlines = timeout == null ? null : new DeadlineQueue(loop, timeout);
  }

  /** A client with the default settings, for the running loop. */
  public static HttpClient create() {
    return builder().build();
  }

  /** A client with settings of your own. */
  public static HttpClientBuilder builder() {
    return new HttpClientBuilder();
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
   * served in the order in which they came; after a redirect they line up again.
   *
   * <p>Cancellation: the connection is closed if anything had been sent, or with HTTP/2 the stream
   * is reset, which leaves the connection as it is; the place goes to the next. A body that is
   * being written is cancelled and waited for.
   *
   * @throws HttpException.InvalidUrl if the URL is not an http or https URL
   * @throws HttpException.ConnectFailed if there is no connection
   * @throws HttpException.TimedOut if a time limit has passed
   * @throws HttpException.Disconnected if the connection ends before the response does
   * @throws HttpException.ProtocolError if the response is not HTTP
   * @throws HttpException.BodyTooLarge if the body is larger than the client holds
   * @throws HttpException.BodyFailed if the body of the request cannot be had
   * @throws HttpException.BadRedirect if there are too many redirects, or a wrong one
   * @throws HttpException.BadStatus if {@link HttpClientBuilder#raiseForStatus} asks for it
   * @throws IllegalStateException if the client is closed or belongs to another loop
   */
  @Suspends
  public HttpResponse request(HttpRequest request) {
    try (Call call = call(request)) {
      HttpResponse response = call.full();
      return settings.raisesForStatus ? response.raiseForStatus() : response;
    }
  }

  /**
   * Makes a request and waits for the head of the response; the body is then read as it arrives.
   * The time limit covers the body, too. Close what is returned.
   *
   * @throws HttpException as {@link #request}
   */
  @Suspends
  public StreamedResponse stream(HttpRequest request) {
    Call call = call(request);
    boolean kept = false;
    try {
      StreamedResponse response = call.stream();
      kept = true;
      return settings.raisesForStatus ? response.raiseForStatus() : response;
    } finally {
      if (!kept) {
        call.close();
      }
    }
  }

  /**
   * Connects a WebSocket with what this client has for its requests: header fields, cookies, those
   * that the answer sets included, proxy, TLS settings, and the limits of connecting. A proxy is
   * asked for a tunnel: that for http URLs if the URL begins with ws, that for https URLs if it
   * begins with wss. Redirects are not followed.
   *
   * <p>The WebSocket is not part of the pool, counts for no limit, and may outlive the client.
   *
   * <p>Cancellation: the attempt is given up and its socket closed.
   *
   * @param url begins with {@code ws://} or {@code wss://}, or is relative to the {@link
   *     HttpClientBuilder#baseUrl}
   * @throws HttpException as {@link WebSocketClient#connect}
   * @throws IllegalStateException if the client is closed or belongs to another loop
   */
  @Suspends
  public WebSocket webSocket(String url) {
    return webSocket(url, WebSocketOptions.DEFAULT);
  }

  /** As {@link #webSocket(String)}, with options. */
  @Suspends
  public WebSocket webSocket(String url, WebSocketOptions options) {
    checkLoop();
    if (pool.isClosed()) {
      throw new IllegalStateException("the HttpClient is closed");
    }
    if (settings.transport != null) {
      throw new IllegalStateException(
          "expected a client that connects, this one has a MockTransport, which answers requests but"
              + " opens no WebSockets");
    }
    WebSocketClient client = new WebSocketClient(options, Headers.EMPTY, settings, cookies);
    return client.connect(url, settings.baseUrl);
  }

  private Call call(HttpRequest request) {
    checkLoop();
    return new Call(loop, settings, pool, cookies, deadlines, request);
  }

  private void checkLoop() {
    EventLoop running = EventLoop.getRunningLoop();
    if (running != loop) {
      throw new IllegalStateException(
          this + " belongs to another event loop: expected " + loop + ", found " + running);
    }
  }

  /**
   * The cookies that servers have set; null if the client keeps none.
   *
   * @see HttpClientBuilder#cookies
   */
  public @Nullable CookieJar cookies() {
    return cookies;
  }

  /**
   * The connections of a client at one moment.
   *
   * @param active being opened, or busy with a request
   * @param idle kept for the next request
   * @param waiting requests in line
   */
  public record Statistics(int active, int idle, int waiting) {}

  /** How many connections and waiting requests there are. Does not suspend. */
  public Statistics statistics() {
    return pool.statistics();
  }

  /**
   * Closes all connections; requests under way fail with {@link HttpException.Disconnected}, new
   * ones with an {@link IllegalStateException}. Does not suspend. Idempotent.
   */
  @Override
  public void close() {
    if (deadlines != null) {
      deadlines.close();
    }
    pool.close();
  }

  @Override
  public String toString() {
    return "HttpClient[" + statistics() + "]";
  }
}
