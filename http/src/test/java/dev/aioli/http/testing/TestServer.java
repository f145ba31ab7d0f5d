package dev.aioli.http.testing;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerRequest;
import dev.aioli.http.server.ServerResponse;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Something for clients to ask, on the running loop: {@code /get} answers with the query parameters
 * as {@code {"args": ...}}, {@code /delay/{seconds}} with the same after a while. Counts what it is
 * asked.
 */
public final class TestServer implements AutoCloseable {
  private @Nullable HttpServer server;
  private int inFlight;
  private int maxInFlight;
  private long total;

  private TestServer() {}

  @Suspends
  public static TestServer start() throws IOException {
    TestServer test = new TestServer();
    test.server =
        HttpServer.builder()
            .get("/get", request -> test.count(() -> args(request)))
            .get("/delay/{seconds}", request -> test.count(() -> delay(request)))
            .start("127.0.0.1", 0);
    return test;
  }

  private interface Answer {
    ServerResponse get();
  }

  private ServerResponse count(Answer answer) {
    total++;
    maxInFlight = Math.max(maxInFlight, ++inFlight);
    try {
      return answer.get();
    } finally {
      inFlight--;
    }
  }

  private static ServerResponse args(ServerRequest request) {
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    ObjectNode args = answer.putObject("args");
    request.queryParameters().forEach((name, values) -> args.put(name, values.getFirst()));
    return ServerResponse.json(answer);
  }

  private static ServerResponse delay(ServerRequest request) {
    double seconds = Double.parseDouble(request.pathParameter("seconds"));
    Asyncio.sleep(Duration.ofNanos((long) (seconds * 1e9)));
    return args(request);
  }

  public String url() {
    return server.url();
  }

  public int port() {
    return server.port();
  }

  public int inFlight() {
    return inFlight;
  }

  public int maxInFlight() {
    return maxInFlight;
  }

  public long total() {
    return total;
  }

  @Suspends
  @Override
  public void close() {
    server.close();
  }
}
