package dev.aioli.http.client;

import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import dev.aioli.http.WebSocket;
import dev.aioli.http.WebSocketOptions;
import dev.aioli.http.url.RedactedUrl;
import dev.aioli.http.url.UrlParts;
import dev.aioli.net.NettyPoller;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Connects WebSockets. Not changed once made, so one may be shared. {@link HttpClient#webSocket}
 * does the same with the settings and cookies of a client.
 *
 * <pre>{@code
 * try (WebSocket socket = WebSocketClient.create().connect("ws://127.0.0.1:8080/chat")) {
 *   socket.send("hello");
 *   println(socket.receiveText());
 * }
 * }</pre>
 */
public final class WebSocketClient {
  private final WebSocketOptions options;
  private final Headers headers;

  /** Not changed. */
  private final HttpClientBuilder settings;

  private final @Nullable CookieJar cookies;

  WebSocketClient(
      WebSocketOptions options,
      Headers headers,
      HttpClientBuilder settings,
      @Nullable CookieJar cookies) {
    this.options = Objects.requireNonNull(options, "options");
    this.headers = headers;
    this.settings = settings;
    this.cookies = cookies;
  }

  /** A client with the default options: the JVM's trust store, 30 seconds to connect. */
  public static WebSocketClient create() {
    return new WebSocketClient(WebSocketOptions.DEFAULT, Headers.EMPTY, HttpClient.builder(), null);
  }

  /** The same with other options. */
  public WebSocketClient with(WebSocketOptions newOptions) {
    return new WebSocketClient(newOptions, headers, settings, cookies);
  }

  /** The same with one more header field in its requests. */
  public WebSocketClient header(String name, String value) {
    return new WebSocketClient(options, headers.with(name, value), settings, cookies);
  }

  /** The same with keys and trust of a context, for {@code wss}. */
  public WebSocketClient sslContext(SSLContext context) {
    return new WebSocketClient(options, headers, settings.copy().sslContext(context), cookies);
  }

  /** The same with another time limit for connecting, TLS and handshake included. */
  public WebSocketClient connectTimeout(Duration limit) {
    return new WebSocketClient(options, headers, settings.copy().connectTimeout(limit), cookies);
  }

  /**
   * Connects to a server, on the running loop.
   *
   * <p>Cancellation: the attempt is given up and its socket closed.
   *
   * @param url begins with {@code ws://} or {@code wss://}; its user and password, if it has them,
   *     are sent as basic authentication
   * @throws HttpException.InvalidUrl if it does not, or is malformed
   * @throws HttpException.ConnectFailed if there is no connection
   * @throws HttpException.TimedOut if it takes too long
   * @throws HttpException.ProtocolError if the server does not agree
   */
  @Suspends
  public WebSocket connect(String url) {
    return connect(url, null);
  }

  /** As {@link #connect(String)}, also to what is relative to a base, which has http for ws. */
  @Suspends
  WebSocket connect(String url, @Nullable Url base) {
    if (base == null) {
      return connect(parse(url));
    }
    return connect(
        UrlParts.isAbsolute(url) ? parse(url).withCredentialsOf(base) : base.resolve(url));
  }

  private static Url parse(String url) {
    String lower = url.toLowerCase(Locale.ROOT);
    if (!lower.startsWith("ws://") && !lower.startsWith("wss://")) {
      throw new HttpException.InvalidUrl(
          "expected a URL that begins with ws:// or wss://, found '" + RedactedUrl.of(url) + "'",
          null);
    }
    return Url.parse("http" + url.substring(2));
  }

  @Suspends
  private WebSocket connect(Url url) {
    WebSocketOpening opening =
        new WebSocketOpening(
            url,
            fields(url),
            options,
            settings,
            NettyPoller.of(EventLoop.getRunningLoop()),
            answer -> {
              if (cookies != null) {
                cookies.receive(url, answer);
              }
            });
    boolean connected = false;
    try {
      WebSocket socket = new Connector(settings).connect(opening);
      connected = true;
      return socket;
    } finally {
      if (!connected) {
        opening.abandon();
      }
    }
  }

  /** Those of a request of the client, but for what is about a body. */
  private HttpHeaders fields(Url url) {
    HttpHeaders all = new RequestFields(url.origin(), settings, null).common();
    if (!settings.headers.contains("Accept-Encoding")) {
      all.remove(HttpHeaderNames.ACCEPT_ENCODING);
    }
    replace(all, settings.personal);
    if (url.authorization() != null && !settings.personal.contains("Authorization")) {
      all.set(HttpHeaderNames.AUTHORIZATION, url.authorization());
    }
    replace(all, headers);
    String cookie = cookies == null ? null : cookies.header(url);
    if (cookie != null) {
      List<String> pairs = new ArrayList<>(all.getAll(HttpHeaderNames.COOKIE));
      pairs.add(cookie);
      all.set(HttpHeaderNames.COOKIE, String.join("; ", pairs));
    }
    all.remove(HttpHeaderNames.CONTENT_LENGTH);
    all.remove(HttpHeaderNames.TRANSFER_ENCODING);
    return all;
  }

  private static void replace(HttpHeaders all, Headers with) {
    for (var field : with) {
      all.remove(field.getKey());
    }
    all.add(Headers.NETTY.fields(with));
  }
}
