package dev.aioli.http.client;

import dev.aioli.Asyncio;
import dev.aioli.Block;
import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.TimeoutException;
import dev.aioli.http.Headers;
import dev.aioli.http.wire.Http1Fields;
import dev.aioli.http.wire.Origin;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request of a program, from the call to the last byte: through redirects, over as many
 * connections as that takes, within its time limit.
 */
final class Call extends DeadlineQueue.Entry implements AutoCloseable {
  /*
   * The time limit is watched in two ways. While an exchange is on its way the deadline fails it, which
   * needs no more than an entry in a queue. A wait for a place or for a connection is cut off by
   * Asyncio.timeout; most requests have no such wait.
   */
  private final EventLoop loop;
  private final HttpClientBuilder settings;
  private final Pool pool;
  private final @Nullable CookieJar cookies;
  private final @Nullable Duration timeout;
  private final @Nullable DeadlineQueue ownDeadline;
  private final long startNanos;
  private final boolean decoding;
  private final RedirectTrail trail;

  private boolean timeIsUp;

  private @Nullable Lease lease;
  private @Nullable ClientConnection connection;
  private @Nullable Exchange exchange;

  Call(
      EventLoop loop,
      HttpClientBuilder settings,
      Pool pool,
      @Nullable CookieJar cookies,
      @Nullable DeadlineQueue deadlines,
      HttpRequest request) {
    this.loop = loop;
    this.settings = settings;
    this.pool = pool;
    this.cookies = cookies;
    decoding = request.decompresses(settings.decompress);
    trail =
        new RedirectTrail(
            written(request),
            url(request),
            request.followsRedirects(true) ? settings.maxRedirects : 0);
    startNanos = loop.timeNanos();
    timeout = request.timeout() == null ? settings.timeout : request.timeout();
    ownDeadline = request.timeout() == null ? null : new DeadlineQueue(loop, request.timeout());
    DeadlineQueue deadline = ownDeadline == null ? deadlines : ownDeadline;
    if (deadline != null) {
      deadline.start(this);
    }
  }

  private HttpRequest written(HttpRequest request) {
    return switch (request.body()) {
      case JsonBody json -> request.body(json.writtenBy(settings.json));
      case Multipart form -> request.body(form.writtenBy(settings.json));
      case null, default -> request;
    };
  }

  private Url url(HttpRequest request) {
    return Url.parse(request.url(), settings.baseUrl, pool.latestOrigin());
  }

  /** Makes the request and waits for the whole response. */
  @Suspends
  HttpResponse full() {
    while (true) {
      FullExchange done;
      try {
        done = ask((open, fields) -> new FullExchange(loop, trail, fields, settings, decoding));
        finishUpload(done);
      } finally {
        givePlaceBack();
      }
      HttpResponse response = done.outcome().result();
      if (!trail.goesOn(response.status(), response.headers())) {
        return response;
      }
      follow(response);
    }
  }

  /** Makes the request and waits for the head of the response, which closes this when it ends. */
  @Suspends
  StreamedResponse stream() {
    while (true) {
      StreamedResponse response =
          ask((open, fields) ->
              new StreamedResponse(loop, open, trail, fields, settings, decoding));
      if (!trail.goesOn(response.status(), response.headers())) {
        response.keep(this, pool.unreadLimits());
        return response;
      }
      HttpResponse redirect = response.readRedirect();
      finishUpload(response);
      givePlaceBack();
      follow(redirect);
    }
  }

  private void follow(HttpResponse redirect) {
    pool.checkStillOpen(trail.url().origin());
    trail.follow(redirect);
  }

  // ---- one hop

  /** Makes an exchange on a connection, with these fields. */
  private interface NewExchange<E extends Exchange> {
    E on(ClientConnection connection, HttpHeaders fields);
  }

  /** Asks once, and again elsewhere as long as that does no harm. */
  @Suspends
  private <E extends Exchange> E ask(NewExchange<E> newExchange) {
    HttpHeaders fields = fields();
    long bodyLength = bodyLength();
    Lease held = takePlace();
    Retries retries = new Retries();
    ClientConnection open = connect(held, false);
    while (true) {
      E next = newExchange.on(open, fields);
      boolean answered = false;
      try {
        exchange(open, next, bodyLength);
        answered = true;
        return next;
      } catch (HttpException e) {
        if (!mayRetry(open, next, retries, e)) {
          throw e;
        }
      } finally {
        received(next.headers()); // even if the body did not come
        if (!answered) {
          finishUpload(next);
        }
      }
      pause(held, retries.next(next));
      open = connect(held, true);
    }
  }

  @Suspends
  private void exchange(ClientConnection open, Exchange next, long bodyLength) {
    RequestBody body = trail.request().body();
    if (body != null && !(body instanceof BytesBody)) {
      Upload upload = new Upload(loop, next, body, bodyLength);
      next.upload(upload);
      upload.start(open);
    }
    connection = open;
    exchange = next;
    if (timeIsUp) {
      throw timedOut(null);
    }
    var _ = open.exchange(next, next.outcome());
  }

  @Suspends
  private static void finishUpload(Exchange ended) {
    Upload upload = ended.upload();
    if (upload != null) {
      upload.finish();
    }
  }

  /**
   * Whether asking again does no harm: it is certain that the server has not looked at the request,
   * or the connection was dead before it was asked, and nothing has been answered.
   */
  private boolean mayRetry(
      ClientConnection used, Exchange failed, Retries retries, HttpException error) {
    RequestBody body = trail.request().body();
    boolean repeatable = body == null || body.repeatable();
    if (failed.answered() || pool.isClosed() || !retries.left(failed)) {
      return false;
    }
    if (failed.unprocessed()) {
      return repeatable;
    }
    return error instanceof HttpException.Disconnected
        && retries.attempts() == 1
        && used.reused()
        && !used.usable()
        && (trail.request().retryable() || (!failed.sent() && repeatable));
  }

  @Suspends
  private void pause(Lease held, Duration pause) {
    if (!pause.isZero()) {
      held.giveBack();
      inTime(() -> {
        Asyncio.sleep(pause);
        return true;
      });
    }
  }

  private void received(Headers headers) {
    if (cookies != null) {
      cookies.receive(trail.url(), headers);
    }
  }

  // ---- what is sent

  /** The fields of this request, which go before those of every request on the connection. */
  private HttpHeaders fields() {
    HttpHeaders own = Headers.NETTY.fields(trail.request().headers());
    RequestBody body = trail.request().body();
    String contentType = body == null ? null : body.contentType();
    String cookie = cookies == null ? null : cookies.header(trail.url());
    boolean asIs =
        contentType == null
            && cookie == null
            && trail.url().authorization() == null
            && decoding == settings.decompress
            && !own.contains(HttpHeaderNames.RANGE)
            && settings.personal.size() == 0;
    if (asIs) {
      return own;
    }
    HttpHeaders all = Http1Fields.copy(own);
    if (!trail.abroad()) {
      settings.personal.forEach(field -> setDefault(all, field.getKey(), field.getValue()));
    }
    setDefault(all, HttpHeaderNames.CONTENT_TYPE, contentType);
    setDefault(all, HttpHeaderNames.AUTHORIZATION, trail.url().authorization());
    if (own.contains(HttpHeaderNames.RANGE) || !decoding) {
      // Parts are of the encoded body, and nobody wants those of a compressed one.
      setDefault(all, HttpHeaderNames.ACCEPT_ENCODING, "identity");
    } else if (!settings.decompress) {
      setDefault(all, HttpHeaderNames.ACCEPT_ENCODING, ContentDecoder.accepted());
    }
    if (cookie != null) {
      List<String> pairs = new ArrayList<>(all.getAll(HttpHeaderNames.COOKIE));
      pairs.add(cookie);
      all.set(HttpHeaderNames.COOKIE, String.join("; ", pairs));
    }
    return all;
  }

  private static void setDefault(HttpHeaders all, CharSequence name, @Nullable String value) {
    if (value != null && !all.contains(name)) {
      all.set(name, value);
    }
  }

  @Suspends
  private long bodyLength() {
    RequestBody body = trail.request().body();
    if (body == null) {
      return 0;
    }
    try {
      return body.length();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new HttpException.BodyFailed(
          "expected to learn the length of the body (" + e + "): " + trail.request(), e);
    }
  }

  // ---- a place and a connection

  @Suspends
  private Lease takePlace() {
    Origin origin = trail.url().origin();
    Lease held = pool.mustWait(origin) ? inTime(() -> pool.lease(origin)) : pool.lease(origin);
    lease = held;
    return held;
  }

  @Suspends
  private ClientConnection connect(Lease held, boolean fresh) {
    ClientConnection idle = fresh ? null : held.takeIdle();
    return idle == null ? inTime(held::open) : idle;
  }

  @Suspends
  private <T> T inTime(Block<T, RuntimeException> wait) {
    Duration limit = timeout;
    if (limit == null) {
      return wait.run();
    }
    Duration left = limit.minusNanos(loop.timeNanos() - startNanos);
    try {
      return Asyncio.timeout(left, wait);
    } catch (TimeoutException e) {
      throw timedOut(e);
    }
  }

  private HttpException.TimedOut timedOut(@Nullable Throwable cause) {
    return new HttpException.TimedOut(
        HttpException.TimedOut.Limit.TOTAL,
        "expected a complete response within " + timeout + ": " + trail.request(),
        cause);
  }

  /** {@inheritDoc} */
  @Override
  void expired() {
    timeIsUp = true;
    if (connection != null && exchange != null) {
      connection.abort(exchange, timedOut(null));
    }
  }

  private void givePlaceBack() {
    if (connection != null && exchange != null) {
      connection.leave(exchange);
    }
    connection = null;
    exchange = null;
    if (lease != null) {
      lease.close();
      lease = null;
    }
  }

  /** The lease's connection, or what is left of it, goes back. Does not suspend. Idempotent. */
  @Override
  public void close() {
    stop();
    if (ownDeadline != null) {
      ownDeadline.close();
    }
    if (exchange != null && exchange.upload() != null) {
      exchange.upload().cancel();
    }
    givePlaceBack();
  }
}
