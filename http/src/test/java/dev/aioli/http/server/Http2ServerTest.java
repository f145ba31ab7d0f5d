package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Task;
import dev.aioli.http.client.Http2;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpException;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.client.HttpResponse;
import dev.aioli.http.client.RequestBody;
import dev.aioli.http.client.StreamedResponse;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server's HTTP/2, asked by our client. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class Http2ServerTest {
  private static final int TEN_MEBIBYTES = 10 * 1024 * 1024;

  private static HttpClient client() {
    return HttpClient.builder().http2(Http2.PRIOR_KNOWLEDGE).limit(0).build();
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Asyncio.sleep(Duration.ZERO);
    }
  }

  @Test
  void aHandlerSeesTheRequestAsOverHttp1() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .post(
                      "/a/{name}",
                      request ->
                          ServerResponse.text(
                                  String.join(
                                      " ",
                                      request.version(),
                                      request.method(),
                                      request.target(),
                                      request.pathParameter("name"),
                                      String.valueOf(request.query("q")),
                                      String.valueOf(request.headers().get("x-own")),
                                      String.valueOf(request.cookie("b")),
                                      request.url(),
                                      request.text()))
                              .header("X-Answer", "yes"))
                  .start("127.0.0.1", 0);
          var http = client()) {
        HttpResponse response =
            http.request(
                HttpRequest.post(server.url() + "/a/n%20m?q=1")
                    .header("X-Own", "mine")
                    .header("Cookie", "a=1; b=2")
                    .body("body"));
        assertThat(response.version()).isEqualTo("HTTP/2");
        assertThat(response.text())
            .isEqualTo(
                "HTTP/2 POST /a/n%20m?q=1 n m 1 mine 2 " + server.url() + "/a/n%20m?q=1 body");
        assertThat(response.headers().get("x-answer")).isEqualTo("yes");
        assertThat(response.headers().get("date")).isNotNull();
        assertThat(response.headers().get("content-type")).startsWith("text/plain");
        assertThat(response.headers().getAll("content-length")).hasSize(1);
        HttpResponse head = http.request(HttpRequest.head(server.url() + "/none"));
        assertThat(head.status()).isEqualTo(404);
        assertThat(server.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void thousandsOfRequestsShareOneConnection() {
    Asyncio.run(() -> {
      try (var server = TestServer.start();
          var http = HttpClient.builder().http2(Http2.PRIOR_KNOWLEDGE).limit(512).build()) {
        List<Task<String>> tasks = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
          String url = server.url() + "/get?a=" + i;
          tasks.add(Asyncio.createTask(() -> http.get(url).json().at("/args/a").asString()));
        }
        List<String> answers = Asyncio.gather(tasks);
        for (int i = 0; i < answers.size(); i++) {
          assertThat(answers.get(i)).isEqualTo(String.valueOf(i));
        }
        assertThat(http.statistics()).isEqualTo(new HttpClient.Statistics(0, 1, 0));
      }
    });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 100})
  void theStreamLimitIsTold(int limit) {
    Asyncio.run(() -> {
      int[] now = {0};
      int[] most = {0};
      try (var server =
              HttpServer.builder()
                  .maxConcurrentStreams(limit)
                  .get(
                      "/",
                      request -> {
                        most[0] = Math.max(most[0], ++now[0]);
                        Asyncio.sleep(Duration.ZERO);
                        now[0]--;
                        return ServerResponse.text("x");
                      })
                  .start("127.0.0.1", 0);
          var http = client()) {
        List<Task<String>> tasks = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
          tasks.add(Asyncio.createTask(() -> http.get(server.url()).text()));
        }
        Asyncio.gather(tasks);
        assertThat(most[0]).isBetween(1, limit);
      }
    });
  }

  @Test
  void largeBodiesGoBothWays(@TempDir Path folder) throws Exception {
    byte[] content = new byte[TEN_MEBIBYTES];
    new Random(1).nextBytes(content);
    Path file = Files.write(folder.resolve("large"), content);
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .files("/files", folder)
                  .post("/echo", request -> ServerResponse.bytes(request.bytes()))
                  .post(
                      "/stream",
                      request ->
                          ServerResponse.stream(
                              "application/octet-stream",
                              out -> {
                                for (byte[] piece = request.read();
                                    piece != null;
                                    piece = request.read()) {
                                  out.write(piece);
                                }
                              }))
                  .start("127.0.0.1", 0);
          var http = client()) {
        for (String path : List.of("/echo", "/stream")) {
          HttpRequest request = HttpRequest.post(server.url() + path);
          assertThat(http.request(request.body(content)).bytes()).as(path).isEqualTo(content);
          assertThat(http.request(request.file(file)).bytes()).as(path).isEqualTo(content);
        }
        HttpResponse part =
            http.request(
                HttpRequest.get(server.url() + "/files/large").header("Range", "bytes=10-19"));
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.bytes()).isEqualTo(java.util.Arrays.copyOfRange(content, 10, 20));
        assertThat(http.get(server.url() + "/files/large").bytes()).isEqualTo(content);
        assertThat(server.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void whoReadsSlowlyIsNotWrittenToFaster() {
    Asyncio.run(() -> {
      long[] written = {0};
      try (var server =
              HttpServer.builder()
                  .get(
                      "/endless",
                      request ->
                          ServerResponse.stream(
                              "text/plain",
                              out -> {
                                while (true) {
                                  out.write(new byte[16 * 1024]);
                                  written[0] = out.written();
                                }
                              }))
                  .get("/", request -> ServerResponse.text("other"))
                  .start("127.0.0.1", 0);
          var http = client()) {
        try (StreamedResponse response = http.stream(HttpRequest.get(server.url() + "/endless"))) {
          assertThat(response.read()).isNotNull();
          for (int i = 0; i < 50; i++) {
            assertThat(http.get(server.url()).text()).isEqualTo("other");
          }
          assertThat(written[0]).isLessThan(1024 * 1024);
        }
        assertThat(http.get(server.url()).text()).isEqualTo("other");
        assertThat(server.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void aResetCancelsTheHandler() {
    Asyncio.run(() -> {
      List<Throwable> seen = new ArrayList<>();
      boolean[] begun = {false};
      try (var server =
              HttpServer.builder()
                  .get(
                      "/wait",
                      request -> {
                        begun[0] = true;
                        try {
                          Asyncio.sleep(Duration.ofDays(1));
                        } catch (CancelledError e) {
                          seen.add(e);
                          throw e;
                        }
                        return ServerResponse.status(200);
                      })
                  .get("/", request -> ServerResponse.text("other"))
                  .start("127.0.0.1", 0);
          var http = client()) {
        Task<HttpResponse> task = Asyncio.createTask(() -> http.get(server.url() + "/wait"));
        await(() -> begun[0]);
        task.cancel();
        await(() -> !seen.isEmpty());
        assertThat(http.get(server.url()).text()).isEqualTo("other");
        assertThat(server.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void aBodyThatNobodyReadsIsStopped() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .post("/", request -> ServerResponse.text("no thanks"))
                  .start("127.0.0.1", 0);
          var http = client()) {
        RequestBody endless =
            sink -> {
              while (true) {
                sink.write(new byte[10_000]);
              }
            };
        for (int i = 0; i < 3; i++) {
          HttpRequest request = HttpRequest.post(server.url()).body(endless);
          assertThat(http.request(request).text()).isEqualTo("no thanks");
        }
        assertThat(server.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void aClientThatAsksBeforeItSendsIsToldToGoOn() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .post("/", request -> ServerResponse.text(request.text()))
                  .start("127.0.0.1", 0);
          var http = HttpClient.builder().http2(Http2.PRIOR_KNOWLEDGE).build()) {
        HttpRequest request =
            HttpRequest.post(server.url())
                .body(RequestBody.of(List.of("a".getBytes(), "b".getBytes())))
                .expectContinue();
        assertThat(http.request(request).text()).isEqualTo("ab");
      }
    });
  }

  @Test
  void limitsAndFailuresAreAnswered() {
    Asyncio.run(() -> {
      EventLoop.getRunningLoop().setExceptionHandler((loop, context) -> {});
      try (var server =
              HttpServer.builder()
                  .maxBodyBytes(10)
                  .maxHeaderBytes(1000)
                  .post("/", request -> ServerResponse.text(request.text()))
                  .get(
                      "/fails",
                      request -> {
                        throw new IllegalStateException("as it must");
                      })
                  .get(
                      "/half",
                      request ->
                          ServerResponse.stream(
                              "text/plain",
                              out -> {
                                out.write("half");
                                throw new IllegalStateException("as it must");
                              }))
                  .start("127.0.0.1", 0);
          var http = client()) {
        HttpRequest post = HttpRequest.post(server.url());
        assertThat(http.request(post.body("0123456789")).status()).isEqualTo(200);
        assertThat(http.request(post.body("01234567890")).status()).isEqualTo(413);
        assertThat(http.get(server.url() + "/fails").status()).isEqualTo(500);
        assertThat(http.get(server.url() + "/none").status()).isEqualTo(404);
        assertThatThrownBy(() -> http.request(post.header("X-Large", "x".repeat(1050))))
            .isInstanceOf(HttpException.ProtocolError.class)
            .hasMessageContaining("cannot be sent");
        assertThatThrownBy(() -> http.get(server.url() + "/half"))
            .isInstanceOf(HttpException.Disconnected.class)
            .hasMessageContaining("reset the stream");
        assertThat(server.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void closingFinishesWhatIsUnderWay() {
    Asyncio.run(() -> {
      Future<@Nullable Void> release = EventLoop.getRunningLoop().createFuture();
      int[] begun = {0};
      var server =
          HttpServer.builder()
              .get(
                  "/",
                  request -> {
                    begun[0]++;
                    Asyncio.shield(release).await();
                    return ServerResponse.text("finished");
                  })
              .start("127.0.0.1", 0);
      try (var http = client()) {
        List<Task<String>> tasks = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          tasks.add(Asyncio.createTask(() -> http.get(server.url()).text()));
        }
        await(() -> begun[0] == 10);
        String url = server.url();
        Task<?> closing = Asyncio.createTask(server::close);
        for (int i = 0; i < 20; i++) {
          Asyncio.sleep(Duration.ZERO);
        }
        assertThat(closing.done()).isFalse();
        assertThatThrownBy(() -> http.get(url)).isInstanceOf(HttpException.ConnectFailed.class);
        release.setResult(null);
        assertThat(Asyncio.gather(tasks)).containsOnly("finished");
        closing.await();
        assertThat(server.connections()).isZero();
      }
    });
  }

  @Test
  void closingCancelsWhatTakesTooLong() {
    Asyncio.run(() -> {
      boolean[] begun = {false};
      var server =
          HttpServer.builder()
              .grace(Duration.ZERO)
              .get(
                  "/",
                  request -> {
                    begun[0] = true;
                    Asyncio.sleep(Duration.ofDays(1));
                    return ServerResponse.text("never");
                  })
              .start("127.0.0.1", 0);
      try (var http = client()) {
        Task<HttpResponse> task = Asyncio.createTask(() -> http.get(server.url()));
        await(() -> begun[0]);
        server.close();
        assertThatThrownBy(task::await).isInstanceOf(HttpException.Disconnected.class);
      }
    });
  }

  @Test
  void aConnectionEndsAfterItsRequests() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .maxRequestsPerConnection(7)
                  .get("/", request -> ServerResponse.text("x"))
                  .start("127.0.0.1", 0);
          var http = client()) {
        List<Task<String>> tasks = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          tasks.add(Asyncio.createTask(() -> http.get(server.url()).text()));
        }
        assertThat(Asyncio.gather(tasks)).containsOnly("x");
      }
    });
  }

  @Test
  void anIdleConnectionIsClosed() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .idleTimeout(Duration.ofMillis(20))
                  .get("/", request -> ServerResponse.text("x"))
                  .start("127.0.0.1", 0);
          var http = client()) {
        assertThat(http.get(server.url()).text()).isEqualTo("x");
        await(() -> server.connections() == 0);
        assertThat(http.get(server.url()).text()).isEqualTo("x");
      }
    });
  }

  @Test
  void withoutTheOptionHttp2IsNotSpoken() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .http2(false)
                  .get("/", request -> ServerResponse.text("x"))
                  .start("127.0.0.1", 0);
          var http = client()) {
        assertThatThrownBy(() -> http.get(server.url()))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("expected a server that speaks HTTP/2");
      }
    });
  }

  @Test
  void whatTheServerResetsIsNotTheClientsFault() {
    Asyncio.run(() -> {
      EventLoop.getRunningLoop().setExceptionHandler((loop, context) -> {});
      try (var server =
              HttpServer.builder()
                  .get(
                      "/",
                      request ->
                          ServerResponse.stream(
                              "a/b",
                              out -> {
                                out.write(new byte[1]);
                                throw new IllegalStateException("on purpose");
                              }))
                  .get("/ok", request -> ServerResponse.text("ok"))
                  .start("127.0.0.1", 0);
          var http = client()) {
        assertThat(http.get(server.url() + "/ok").text()).isEqualTo("ok");
        for (int i = 0; i < 300; i++) {
          assertThatThrownBy(() -> http.get(server.url()))
              .isInstanceOf(HttpException.class)
              .hasMessageContaining("INTERNAL_ERROR");
        }
        assertThat(http.get(server.url() + "/ok").text()).isEqualTo("ok");
        assertThat(http.statistics()).isEqualTo(new HttpClient.Statistics(0, 1, 0));
      }
    });
  }
}
