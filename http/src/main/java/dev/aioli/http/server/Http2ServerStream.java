package dev.aioli.http.server;

import dev.aioli.ExceptionContext;
import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.Task;
import dev.aioli.http.Headers;
import dev.aioli.http.wire.Deadline;
import dev.aioli.http.wire.Http2Fields;
import dev.aioli.http.wire.Tokens;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request on an HTTP/2 connection of the server: how it arrives and is handled. What goes back
 * is the business of {@link Http2Responder}. In the loop's turn only.
 */
final class Http2ServerStream implements IncomingBody.Source {
  private static final String VERSION = "HTTP/2";

  private final Http2ServerConnection connection;
  private final ServerSettings settings;
  private final int id;
  private final Http2Responder responder;
  private final long bodyNanos;
  private @Nullable IncomingBody body;
  private @Nullable Task<@Nullable ServerResponse> task;
  private @Nullable Deadline arrival;
  private int unconsumed;
  private boolean awaitsContinue;
  private boolean closed;
  private boolean cancelled;

  Http2ServerStream(Http2ServerConnection connection, ServerSettings settings, int id) {
    this.connection = connection;
    this.settings = settings;
    this.id = id;
    bodyNanos = Deadline.nanos(settings.bodyTimeout());
    responder =
        new Http2Responder(
            connection, id, Deadline.nanos(settings.writeTimeout()), this::allWritten);
  }

  // ---- the request, on the loop's thread

  /** Takes the head and has the request handled. */
  void begin(Http2Headers head, boolean last) {
    HttpHeaders fields = Http2Fields.received(head);
    awaitsContinue =
        !last && fields.contains(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true);
    IncomingBody incoming =
        new IncomingBody(connection.poller().loop(), this, last ? 0 : length(fields));
    body = incoming;
    if (last) {
      incoming.end();
    } else if (!awaitsContinue) {
      awaitMore();
    }
    ServerRequest request;
    try {
      request = request(head, fields, incoming);
    } catch (HttpStatusException e) {
      responder.sendNow("GET", e.response());
      return;
    }
    Task<@Nullable ServerResponse> handling =
        connection.poller().loop().createTask(() -> answer(request));
    task = handling;
    handling.addDoneCallback(done -> connection.now(id, () -> answered(request, handling)));
  }

  private static long length(HttpHeaders fields) {
    String length = fields.get(HttpHeaderNames.CONTENT_LENGTH);
    return length == null ? -1 : Long.parseLong(length); // Netty has checked that it is a number
  }

  private ServerRequest request(Http2Headers head, HttpHeaders fields, IncomingBody incoming) {
    CharSequence method = head.method();
    CharSequence target = head.path();
    if (method == null || head.scheme() == null || (target == null && !isConnect(method))) {
      throw new HttpStatusException(400, "expected a request with :method, :scheme and :path");
    }
    if (isConnect(method)) {
      throw new HttpStatusException(405, "this is no proxy");
    }
    CharSequence authority = head.authority();
    String host = fields.get(HttpHeaderNames.HOST);
    if (authority != null && host == null) {
      fields.set(HttpHeaderNames.HOST, authority.toString());
    } else if (authority != null && !host.equalsIgnoreCase(authority.toString())) {
      throw new HttpStatusException(400, "expected the same host in :authority and in Host");
    }
    HttpStatusException refusal = RequestCheck.refusal(http1(method, target, fields));
    if (refusal != null) {
      throw refusal;
    }
    return new ServerRequest(
        method.toString(),
        String.valueOf(target),
        Headers.NETTY.headers(fields),
        VERSION,
        incoming,
        settings.maxBodyBytes(),
        connection.peer());
  }

  /** Netty refuses some targets that the check would refuse, too. */
  private static HttpRequest http1(
      CharSequence method, @Nullable CharSequence target, HttpHeaders fields) {
    try {
      HttpMethod http1Method = HttpMethod.valueOf(Tokens.check(method.toString(), "method"));
      return new DefaultHttpRequest(
          HttpVersion.HTTP_1_1, http1Method, String.valueOf(target), fields);
    } catch (IllegalArgumentException e) {
      throw new HttpStatusException(400, String.valueOf(e.getMessage()));
    }
  }

  private static boolean isConnect(CharSequence method) {
    return HttpMethod.CONNECT.asciiName().contentEquals(method);
  }

  /**
   * Takes a part of the body.
   *
   * @return how much of the window is free again
   */
  int data(ByteBuf data, int padding, boolean last) {
    int size = data.readableBytes() + padding;
    IncomingBody incoming = Objects.requireNonNull(body);
    incoming.add(data);
    awaitsContinue = false;
    if (last) {
      ended();
    } else if (incoming.full()) {
      stopWaiting(); // it is the handler that is slow
      unconsumed += size;
      return 0;
    } else {
      awaitMore();
    }
    return size;
  }

  /** The client has sent all. */
  void ended() {
    stopWaiting();
    Objects.requireNonNull(body).end();
  }

  private void awaitMore() {
    Deadline present = arrival;
    if (present == null) {
      present = new Deadline(connection.poller().loop(), this::nothingArrives);
      arrival = present;
    }
    present.set(bodyNanos);
  }

  private void stopWaiting() {
    if (arrival != null) {
      arrival.clear();
    }
  }

  private void nothingArrives() {
    Objects.requireNonNull(body)
        .fail(
            new HttpStatusException(
                408, "expected more of the body within " + bodyNanos / 1_000_000 + " ms"));
  }

  // ---- for the body, in the turn

  @Override
  public void wanted() {
    if (awaitsContinue) {
      awaitsContinue = false;
      boolean tooLate = responder.headSent(); // the client has its answer, and decides by itself
      connection.later(
          id,
          () -> {
            if (!tooLate) {
              responder.writeContinue();
            }
            IncomingBody incoming = Objects.requireNonNull(body);
            if (!closed && !incoming.ended() && !incoming.full()) {
              awaitMore();
            }
          });
    }
  }

  @Override
  public void resume() {
    int bytes = unconsumed;
    unconsumed = 0;
    if (bytes > 0) {
      connection.later(
          id,
          () -> {
            if (!closed) {
              awaitMore();
              connection.consume(id, bytes);
            }
          });
    }
  }

  // ---- the answer

  /** Runs in the task of the request. A response that can be sent at once is given back. */
  @Suspends
  private @Nullable ServerResponse answer(ServerRequest request) throws Exception {
    ServerResponse response = connection.server().answer(request);
    return switch (response.body()) {
      case ResponseBody.Bytes bytes -> response;
      case ResponseBody.Upgrade upgrade ->
          ServerResponse.text(
              426, "426: expected a WebSocket, which this server talks over HTTP/1.1 only\n");
      default -> {
        responder.send(request, response);
        yield null;
      }
    };
  }

  private void answered(ServerRequest request, Future<@Nullable ServerResponse> done) {
    task = null;
    if (done.cancelled() && cancelled) {
      connection.reset(id, Http2Error.CANCEL);
      return;
    }
    Throwable exception = Outcome.exception(done);
    if (exception != null) {
      if (!closed) {
        connection
            .poller()
            .loop()
            .callExceptionHandler(
                ExceptionContext.of("Exception in HTTP handler of " + request, exception)
                    .withFuture(done));
      }
      if (responder.headSent()) {
        connection.reset(id, Http2Error.INTERNAL_ERROR); // that is how the client learns
      } else {
        responder.sendNow(request.method(), ServerResponse.text(500, "500: the handler failed\n"));
      }
    } else if (done.result() != null) {
      responder.sendNow(request.method(), done.result());
    }
  }

  /** The answer is out; the rest of the request is of no interest (RFC 9113, 8.1). */
  private void allWritten() {
    if (!Objects.requireNonNull(body).ended()) {
      connection.reset(id, Http2Error.NO_ERROR);
    }
  }

  // ---- ending

  /** The stream is no more. */
  void closed() {
    closed = true;
    if (arrival != null) {
      arrival.close();
    }
    if (body != null) {
      body.fail(new HttpStatusException(400, "the client has given the request up"));
    }
    if (!responder.lastSent()) {
      cancel("the client has gone away");
    }
    responder.closed();
  }

  /** Cancels the handler. */
  void cancel(String reason) {
    cancelled = true;
    if (task != null) {
      task.cancel(reason);
    }
  }
}
