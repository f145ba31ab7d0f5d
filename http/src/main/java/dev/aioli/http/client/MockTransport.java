package dev.aioli.http.client;

import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Answers a client's requests without a socket: for tests. As {@code httpx.MockTransport}.
 *
 * <pre>{@code
 * var server = MockTransport.of(request ->
 *     request.url().endsWith("/users/1")
 *         ? MockTransport.Response.of(200).text("grace")
 *         : MockTransport.Response.of(404));
 * try (var http = HttpClient.builder().transport(server).build()) {
 *   ...
 * }
 * }</pre>
 *
 * <p>Everything above the connection is the client's own: limits, time limits, redirects, cookies,
 * decoding, errors by status. A connection carries one exchange at a time, as in HTTP/1.1.
 *
 * <p>For one loop at a time, as clients are.
 */
public final class MockTransport {
  private final Handler handler;
  private final List<Request> requests = new ArrayList<>();

  private MockTransport(Handler handler) {
    this.handler = Objects.requireNonNull(handler, "handler");
  }

  /** What answers. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Answers a request, in a task of its own, which may suspend and is cancelled when nobody waits
     * for the answer any more.
     *
     * @throws IOException for a request that fails on its way: a {@link java.net.ConnectException}
     *     or {@link java.net.UnknownHostException} comes out as {@link
     *     HttpException.ConnectFailed}, any other as {@link HttpException.Disconnected}; as with a
     *     socket, the client asks once more if that happens on a connection that it has used before
     * @throws Exception anything else comes out of the request as it is: a failed assertion, for
     *     one
     */
    @Suspends
    Response answer(Request request) throws Exception;
  }

  /** A request as the server would get it. */
  public static final class Request {
    private final String method;
    private final String url;
    private final Headers headers;
    private final byte[] body;

    Request(String method, String url, Headers headers, byte[] body) {
      this.method = method;
      this.url = url;
      this.headers = headers;
      this.body = body;
    }

    /** The method: "GET". */
    public String method() {
      return method;
    }

    /** Where it goes, with scheme and host. */
    public String url() {
      return url;
    }

    /** All header fields, with those that the client adds. */
    public Headers headers() {
      return headers;
    }

    /** The body, decoded from chunks; empty if there is none. Not a copy. */
    public byte[] body() {
      return body;
    }

    /** The body as text, in UTF-8. */
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
      return method + " " + url;
    }
  }

  /**
   * A response. Not changed by what makes others of it.
   *
   * @param chunks the body, piece by piece as it arrives
   */
  public record Response(int status, Headers headers, List<byte[]> chunks) {
    /** Copies the list. */
    public Response {
      if (status < 200 || status > 999) {
        throw new IllegalArgumentException("expected a status of 200 to 999, was " + status);
      }
      chunks = List.copyOf(chunks);
    }

    /** One without header fields and body. */
    public static Response of(int status) {
      return new Response(status, Headers.EMPTY, List.of());
    }

    /** The same with one more header field. */
    public Response header(String name, String value) {
      return new Response(status, headers.with(name, value), chunks);
    }

    /** The same with a text for a body, in UTF-8. */
    public Response text(String text) {
      return typed("text/plain; charset=utf-8").bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same with a body that is JSON already. */
    public Response json(String json) {
      return typed("application/json").bytes(json.getBytes(StandardCharsets.UTF_8));
    }

    private Response typed(String type) {
      return headers.contains("content-type") ? this : header("Content-Type", type);
    }

    /** The same with a body. */
    public Response bytes(byte[] body) {
      return new Response(status, headers, body.length == 0 ? List.of() : List.of(body));
    }

    /** The same with a body that comes in pieces. */
    public Response chunks(byte[]... pieces) {
      return new Response(status, headers, List.of(pieces));
    }
  }

  /** One that answers as the handler says. */
  public static MockTransport of(Handler handler) {
    return new MockTransport(handler);
  }

  /** The requests so far, in the order in which they came. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  @Suspends
  Response answer(Request request) throws Exception {
    requests.add(request);
    Response response = handler.answer(request);
    return Objects.requireNonNull(response, () -> "the handler's answer to " + request);
  }

  @Override
  public String toString() {
    return "MockTransport[" + requests.size() + " requests]";
  }
}
