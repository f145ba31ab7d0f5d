package dev.aioli.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.http.client.Http2;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.client.HttpResponse;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.HttpServerBuilder;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import dev.aioli.http.testing.ScriptedServer;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where a message ends is said once, whatever a program puts into its header fields. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class ResponseFramingTest {
  private static ServerResponse misframed(ServerResponse response) {
    return response
        .header("Content-Length", "5")
        .header("Transfer-Encoding", "chunked")
        .header("Connection", "upgrade");
  }

  private static HttpServerBuilder routes() {
    return HttpServer.builder()
        .get("/full", request -> misframed(ServerResponse.text("ok")))
        .get("/empty", request -> misframed(ServerResponse.status(204)))
        .get("/stream", request -> misframed(ServerResponse.stream("a/b", out -> out.write("ok"))))
        .get(
            "/sized",
            request -> misframed(ServerResponse.stream("a/b", 2, out -> out.write("ok"))));
  }

  private static String head(HttpServer server, String path) {
    String answer =
        RawClient.talk(
            server, "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + "Connection: close\r\n\r\n");
    return answer.substring(0, answer.indexOf("\r\n\r\n")).toLowerCase(Locale.ROOT);
  }

  @Test
  void aHandlerCannotSayWhereItsAnswerEnds() {
    Asyncio.run(() -> {
      try (var server = routes().start("127.0.0.1", 0)) {
        for (String path : new String[] {"/full", "/sized"}) {
          assertThat(head(server, path))
              .containsOnlyOnce("content-length: 2")
              .doesNotContain("content-length: 5", "transfer-encoding", "upgrade");
        }
        assertThat(head(server, "/stream"))
            .containsOnlyOnce("transfer-encoding: chunked")
            .doesNotContain("content-length", "upgrade");
        assertThat(head(server, "/empty"))
            .contains("connection: close")
            .doesNotContain("content-length", "transfer-encoding", "upgrade");
      }
    });
  }

  @Test
  void norOverHttp2() {
    Asyncio.run(() -> {
      try (var server = routes().start("127.0.0.1", 0);
          var http = HttpClient.builder().http2(Http2.PRIOR_KNOWLEDGE).build()) {
        assertThat(http.get(server.url() + "/full").headers().getAll("content-length"))
            .containsExactly("2");
        HttpResponse streamed = http.get(server.url() + "/stream");
        assertThat(streamed.text()).isEqualTo("ok");
        assertThat(streamed.headers().contains("content-length")).isFalse();
      }
    });
  }

  @Test
  void norCanAHeaderOfTheClientForAllRequests() {
    var heads = new ConcurrentLinkedQueue<String>();
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                for (int i = 0; i < 2; i++) {
                  heads.add(client.readHead());
                  client.send("HTTP/1.1 204 No Content\r\n\r\n");
                }
              });
          var http =
              HttpClient.builder()
                  .header("Content-Length", "5")
                  .header("Transfer-Encoding", "chunked")
                  .build()) {
        http.get(server.url());
        http.request(HttpRequest.get(server.url()).header("X", "y"));
      }
    });
    assertThat(heads)
        .hasSize(2)
        .allSatisfy(head ->
            assertThat(head)
                .startsWith("GET / ")
                .doesNotContainIgnoringCase("content-length")
                .doesNotContainIgnoringCase("transfer-encoding"));
  }
}
