package dev.aioli.http.client;

import dev.aioli.http.Headers;
import dev.aioli.http.JsonCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Settings of a new {@link HttpClient}: {@link HttpClient#builder}. */
public final class HttpClientBuilder implements Cloneable {
  int limit = 100;
  int limitPerHost;
  Duration connectTimeout = Duration.ofSeconds(30);
  @Nullable Duration responseTimeout;
  @Nullable Duration readTimeout;
  @Nullable Duration timeout = Duration.ofMinutes(5);
  Duration keepAlive = Duration.ofSeconds(15);
  long maxBodyBytes = 16 * 1024 * 1024;
  int maxHeaderBytes = 64 * 1024;
  @Nullable SSLContext sslContext;
  boolean insecure;
  boolean decompress = true;
  boolean cookies = true;
  int maxRedirects = 10;
  Http2 http2 = Http2.OFF;
  Proxy proxy = Proxy.NONE;
  @Nullable Url baseUrl;
  Headers headers = Headers.EMPTY;
  @Nullable JsonCodec json;
  boolean raisesForStatus;
  @Nullable MockTransport transport;

  /** When a stream that nobody reads is told. */
  Duration unreadLimit = Duration.ofSeconds(10);

  /** Those of the headers that are not for other origins. */
  Headers personal = Headers.EMPTY;

  HttpClientBuilder() {}

  // ---- limits

  /** How many requests may be under way at once; 0 for no limit. The default is 100. */
  public HttpClientBuilder limit(int requests) {
    limit = atLeast(0, requests, "limit");
    return this;
  }

  /** How many of them to one scheme, host and port; 0, the default, for no limit. */
  public HttpClientBuilder limitPerHost(int requests) {
    limitPerHost = atLeast(0, requests, "limitPerHost");
    return this;
  }

  /** How long an idle connection is kept; zero for not at all. The default is 15 seconds. */
  public HttpClientBuilder keepAlive(Duration limit) {
    keepAlive = Objects.requireNonNull(limit, "limit");
    return this;
  }

  /** The largest body that is held in memory, in bytes, decoded. The default is 16 MiB. */
  public HttpClientBuilder maxBodyBytes(int bytes) {
    maxBodyBytes = atLeast(0, bytes, "maxBodyBytes");
    return this;
  }

  /** The largest head of a response, in bytes. The default is 64 KiB. */
  public HttpClientBuilder maxHeaderBytes(int bytes) {
    maxHeaderBytes = atLeast(1, bytes, "maxHeaderBytes");
    return this;
  }

  /**
   * Whether a status of 400 or more is an error: {@link HttpClient#request} and {@link
   * HttpClient#stream} throw {@link HttpException.BadStatus} then, as by {@link
   * HttpResponse#raiseForStatus}. The default is false. As {@code raise_for_status} of aiohttp's
   * session.
   */
  public HttpClientBuilder raiseForStatus(boolean raise) {
    raisesForStatus = raise;
    return this;
  }

  // ---- time

  /** How long connecting may take, with name resolution and TLS. The default is 30 seconds. */
  public HttpClientBuilder connectTimeout(Duration limit) {
    connectTimeout = Objects.requireNonNull(limit, "limit");
    return this;
  }

  /**
   * How long the server may take from the end of the request to the head of its response; null, the
   * default, for any time.
   */
  public HttpClientBuilder responseTimeout(@Nullable Duration limit) {
    responseTimeout = limit;
    return this;
  }

  /**
   * How long the server may be silent within the body of a response; null, the default, for any
   * time. The time in which a {@link StreamedResponse} is not read does not count.
   */
  public HttpClientBuilder readTimeout(@Nullable Duration limit) {
    readTimeout = limit;
    return this;
  }

  /**
   * How long a request may take in all, from the call to the last byte, with the time it waits in
   * line and with redirects; null for any time. The default is 5 minutes.
   */
  public HttpClientBuilder timeout(@Nullable Duration limit) {
    timeout = limit;
    return this;
  }

  // ---- what is sent

  /**
   * What relative URLs of requests are relative to, as RFC 3986 (5.2) has it. Ends with a slash,
   * unless its last part is to be replaced. Its user and password are sent with each request to its
   * origin.
   *
   * @throws HttpException.InvalidUrl if it is not an absolute http or https URL
   */
  public HttpClientBuilder baseUrl(String url) {
    baseUrl = Url.parse(url);
    return this;
  }

  /**
   * A header field for every request that does not have it. Authorization and Cookie are not sent
   * on to another origin by a redirect.
   *
   * @throws IllegalArgumentException if name or value has characters that HTTP forbids
   */
  public HttpClientBuilder header(String name, String value) {
    if (name.equalsIgnoreCase("Authorization") || name.equalsIgnoreCase("Cookie")) {
      personal = personal.with(name, value);
    } else {
      headers = headers.with(name, value);
    }
    return this;
  }

  /** The User-Agent of every request that does not have one. The default is "aioli". */
  public HttpClientBuilder userAgent(String value) {
    headers = headers.replaced("User-Agent", value);
    return this;
  }

  /**
   * Whether cookies are kept and sent back, for as long as the client lives. The default is true.
   */
  public HttpClientBuilder cookies(boolean keep) {
    cookies = keep;
    return this;
  }

  // ---- what is done with responses

  /** How many redirects are followed; 0 for none. The default is 10. */
  public HttpClientBuilder maxRedirects(int redirects) {
    maxRedirects = atLeast(0, redirects, "maxRedirects");
    return this;
  }

  /**
   * Whether to ask for compressed bodies, and to decode them: gzip and deflate; Brotli if brotli4j
   * is there, Zstandard if zstd-jni is. The default is true.
   */
  public HttpClientBuilder decompress(boolean decode) {
    decompress = decode;
    return this;
  }

  /**
   * What makes JSON of the bodies of requests, and objects of those of responses. By default
   * Jackson 3, or Jackson 2 where only that is there; who sends and reads no JSON needs neither.
   */
  public HttpClientBuilder json(JsonCodec codec) {
    json = Objects.requireNonNull(codec, "codec");
    return this;
  }

  // ---- whom to ask, and how

  /**
   * Has requests answered without a socket, in tests. Proxies, TLS settings and HTTP/2 mean nothing
   * then, and {@link HttpClient#webSocket} is refused.
   */
  public HttpClientBuilder transport(MockTransport answers) {
    transport = Objects.requireNonNull(answers, "answers");
    return this;
  }

  /**
   * When to speak HTTP/2. The default is {@link Http2#OFF}: HTTP/1.1, as aiohttp does.
   *
   * <p>With HTTP/2 all requests to an origin share one connection. The limits count requests, as
   * ever; those beyond what the server permits at once wait for one another, first in, first out,
   * and no second connection is opened for them. Which version a response came in it tells itself:
   * {@link HttpResponse#version}.
   */
  public HttpClientBuilder http2(Http2 when) {
    http2 = Objects.requireNonNull(when, "when");
    return this;
  }

  /** Whom to trust, and who to be, for https; the default is the JVM's. */
  public HttpClientBuilder sslContext(SSLContext context) {
    sslContext = Objects.requireNonNull(context, "context");
    return this;
  }

  /**
   * Trusts every certificate, whatever its name and issuer: for tests. Anyone on the way can read
   * and change what is sent.
   */
  public HttpClientBuilder insecure() {
    insecure = true;
    return this;
  }

  /**
   * A proxy for all requests: {@code http://host:port}, with {@code user:password@} if it wants
   * that, {@code https://host:port} for one that is spoken to by TLS, or {@code
   * socks5://host:port}. Without a port it is 80, 443 or 1080. An HTTP proxy is asked for http
   * URLs, and for a tunnel to https URLs and for WebSockets. One that is spoken to by TLS needs a
   * certificate of its host, which is trusted or not as those of servers are.
   *
   * @throws HttpException.InvalidUrl if it is none of these
   */
  public HttpClientBuilder proxy(String url) {
    proxy = proxy.with(url);
    return this;
  }

  /**
   * Hosts that are asked directly: {@code example.org} for a name and all below it, an address in
   * digits, {@code 10.0.0.0/8} or {@code fd00::/8} for a network of addresses, {@code host:port}
   * for one port, {@code *} for all.
   */
  public HttpClientBuilder noProxy(String... hosts) {
    proxy = proxy.without(List.of(hosts));
    return this;
  }

  /**
   * The proxies that the environment names, as for curl: {@code http_proxy}, {@code https_proxy},
   * {@code all_proxy} and {@code no_proxy}, also in capitals but for the first. One that is named
   * wrongly fails the requests that would go through it, by {@link HttpException.InvalidUrl}.
   */
  public HttpClientBuilder proxyFromEnvironment() {
    return proxyFrom(System.getenv());
  }

  HttpClientBuilder proxyFrom(Map<String, String> environment) {
    proxy = Proxy.of(environment);
    return this;
  }

  /**
   * Makes the client, for the running loop.
   *
   * @throws IllegalStateException outside a running loop
   */
  public HttpClient build() {
    return new HttpClient(copy());
  }

  /** The same settings, for somebody who goes on to change them. */
  HttpClientBuilder copy() {
    try {
      return (HttpClientBuilder) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  /** Whom to trust, and who to be; null for the JVM's. */
  @Nullable SSLContext trust() {
    return insecure ? TrustAll.context() : sslContext;
  }

  private static int atLeast(int least, int value, String name) {
    if (value < least) {
      throw new IllegalArgumentException("expected " + name + " >= " + least + ", was " + value);
    }
    return value;
  }
}
