package dev.aioli.httpbin;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.http.Handler;
import dev.aioli.http.HttpServer;
import dev.aioli.http.ServerRequest;
import dev.aioli.http.ServerResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A small httpbin of one's own, on the running loop: something to ask in tests, examples and
 * measurements, without a network. It counts what it is asked.
 *
 * <table>
 *   <caption>What it answers</caption>
 *   <tr><td>{@code /get?a=1}</td><td>args, headers, origin and url of the request, as httpbin.org</td></tr>
 *   <tr><td>{@code /delay/{seconds}}</td><td>the same, after 0 to 10 seconds; fractions allowed</td></tr>
 *   <tr><td>{@code /status/{code}}</td><td>that status, 200 to 599</td></tr>
 *   <tr><td>{@code /bytes/{n}}</td><td>n random bytes, at most 100 KiB</td></tr>
 *   <tr><td>{@code /stats}</td><td>in_flight, max_in_flight and total; does not count itself</td></tr>
 * </table>
 */
public final class Httpbin implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final double MAX_DELAY_SECONDS = 10;
  private static final int MAX_BYTES = 100 * 1024;

  private @Nullable HttpServer server;
  private int inFlight;
  private int maxInFlight;
  private long total;

  private Httpbin() {}

  /** Starts one on a free port of 127.0.0.1. */
  @Suspends
  public static Httpbin start() throws IOException {
    return start("127.0.0.1", 0);
  }

  /**
   * Starts one.
   *
   * @param host a name, or an address in digits
   * @param port 0 for one that is free
   * @throws IOException if the address cannot be had
   */
  @Suspends
  public static Httpbin start(String host, int port) throws IOException {
    Httpbin httpbin = new Httpbin();
    httpbin.server =
        HttpServer.builder()
            .get("/get", httpbin.counted(Httpbin::echo))
            .get("/delay/{seconds}", httpbin.counted(Httpbin::delay))
            .get("/status/{code}", httpbin.counted(Httpbin::status))
            .get("/bytes/{n}", httpbin.counted(Httpbin::bytes))
            .get("/stats", request -> httpbin.stats())
            .start(host, port);
    return httpbin;
  }

  /** The URL of its root, without a slash at the end. */
  public String url() {
    return server().url();
  }

  /** The port on which it listens. */
  public int port() {
    return server().port();
  }

  /** The number of requests that are being handled now. */
  public int inFlight() {
    return inFlight;
  }

  /** The largest number of requests that were being handled at once so far. */
  public int maxInFlight() {
    return maxInFlight;
  }

  /** The number of requests so far. */
  public long total() {
    return total;
  }

  /** Stops, as {@link HttpServer#close}. */
  @Suspends
  @Override
  public void close() {
    server().close();
  }

  private HttpServer server() {
    HttpServer present = server;
    if (present == null) {
      throw new IllegalStateException("this Httpbin has not been started");
    }
    return present;
  }

  private Handler counted(Handler handler) {
    return request -> {
      total++;
      maxInFlight = Math.max(maxInFlight, ++inFlight);
      try {
        return handler.handle(request);
      } finally {
        inFlight--;
      }
    };
  }

  private static ServerResponse echo(ServerRequest request) {
    ObjectNode answer = JSON.createObjectNode();
    ObjectNode args = answer.putObject("args");
    for (Map.Entry<String, List<String>> parameter : request.queryParameters().entrySet()) {
      putOneOrAll(args, parameter.getKey(), parameter.getValue());
    }
    ObjectNode headers = answer.putObject("headers");
    for (Map.Entry<String, String> header : request.headers()) {
      headers.put(header.getKey(), String.join(",", request.headers().getAll(header.getKey())));
    }
    String host = request.headers().get("host");
    answer.put("origin", request.remoteAddress().getAddress().getHostAddress());
    answer.put("url", "http://" + (host == null ? "" : host) + request.target());
    return ServerResponse.json(answer);
  }

  private static void putOneOrAll(ObjectNode args, String name, List<String> values) {
    if (values.size() == 1) {
      args.put(name, values.getFirst());
    } else {
      values.forEach(args.putArray(name)::add);
    }
  }

  @Suspends
  private static ServerResponse delay(ServerRequest request) {
    double seconds;
    try {
      seconds = Double.parseDouble(request.pathParameter("seconds"));
    } catch (NumberFormatException e) {
      seconds = Double.NaN;
    }
    if (!(seconds >= 0 && seconds <= MAX_DELAY_SECONDS)) {
      return badRequest("seconds from 0 to 10", request.pathParameter("seconds"));
    }
    Asyncio.sleep(Duration.ofNanos((long) (seconds * 1e9)));
    return echo(request);
  }

  private static ServerResponse status(ServerRequest request) {
    int code = parseInt(request.pathParameter("code"));
    return code >= 200 && code <= 599
        ? ServerResponse.status(code)
        : badRequest("a status from 200 to 599", request.pathParameter("code"));
  }

  private static ServerResponse bytes(ServerRequest request) {
    int count = parseInt(request.pathParameter("n"));
    if (count < 0 || count > MAX_BYTES) {
      return badRequest("a number from 0 to " + MAX_BYTES, request.pathParameter("n"));
    }
    byte[] bytes = new byte[count];
    ThreadLocalRandom.current().nextBytes(bytes);
    return ServerResponse.bytes(bytes);
  }

  private ServerResponse stats() {
    return ServerResponse.json(
        JSON.createObjectNode()
            .put("in_flight", inFlight)
            .put("max_in_flight", maxInFlight)
            .put("total", total));
  }

  /** -1 if it is not a number. */
  private static int parseInt(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static ServerResponse badRequest(String expected, String found) {
    return ServerResponse.text(400, "400: expected " + expected + ", found '" + found + "'\n");
  }
}
