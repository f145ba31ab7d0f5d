package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.Task;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.HttpServerBuilder;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.sync.Event;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class RequestBodyTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private interface Program {
    void run(String url, HttpClient http) throws Exception;
  }

  /** A server that sends back what it was sent: request line, some header fields, body. */
  private static void withEcho(Program program) {
    Asyncio.run(() -> {
      HttpServerBuilder routes = HttpServer.builder();
      for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW")) {
        routes.route(
            method,
            "/echo",
            request ->
                ServerResponse.text(
                    request.method()
                        + " "
                        + request.headers().get("content-type")
                        + " "
                        + request.headers().get("content-length")
                        + " "
                        + request.headers().get("transfer-encoding")
                        + "\n"
                        + new String(request.bytes(), StandardCharsets.UTF_8)));
      }
      try (var server = routes.start("127.0.0.1", 0);
          var http = HttpClient.create()) {
        program.run("http://127.0.0.1:" + server.port() + "/echo", http);
      }
    });
  }

  /** What a server sees of a request, byte for byte, up to its end or the end of the connection. */
  private static String wire(HttpRequest request) {
    StringBuilder seen = new StringBuilder();
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                seen.append(client.readHead());
                while (!seen.toString().endsWith("0\r\n\r\n")) {
                  seen.append((char) client.in().read());
                }
                client.send(OK);
              });
          var http = HttpClient.create()) {
        http.request(at(request, server.url()));
      }
    });
    return seen.toString();
  }

  private static HttpRequest at(HttpRequest request, String url) {
    return HttpRequest.of(request.method(), url).headers(request.headers()).body(request.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"})
  void everyMethodCarriesABody(String method) {
    withEcho((url, http) ->
        assertThat(http.request(HttpRequest.of(method, url).body("h\u00e9")).text())
            .isEqualTo(method + " text/plain; charset=utf-8 3 null\nh\u00e9"));
  }

  @Test
  void aMethodThatWantsABodyAnnouncesThatThereIsNone() {
    withEcho((url, http) -> {
      assertThat(http.request(HttpRequest.post(url)).text()).isEqualTo("POST null 0 null\n");
      assertThat(http.request(HttpRequest.put(url)).text()).isEqualTo("PUT null 0 null\n");
      assertThat(http.request(HttpRequest.patch(url)).text()).isEqualTo("PATCH null 0 null\n");
      assertThat(http.request(HttpRequest.delete(url)).text()).isEqualTo("DELETE null null null\n");
      assertThat(http.request(HttpRequest.options(url)).text())
          .isEqualTo("OPTIONS null null null\n");
    });
  }

  record Order(String item, int count) {}

  @Test
  void jsonIsMadeByJackson() {
    withEcho((url, http) ->
        assertThat(http.request(HttpRequest.post(url).json(new Order("t\u00e9a", 2))).text())
            .isEqualTo("POST application/json 25 null\n{\"item\":\"t\u00e9a\",\"count\":2}"));
  }

  @Test
  void theRequestsOwnContentTypeWins() {
    withEcho((url, http) ->
        assertThat(
                http.request(
                        HttpRequest.patch(url)
                            .header("content-type", "application/json-patch+json")
                            .json(List.of()))
                    .text())
            .startsWith("PATCH application/json-patch+json 2 "));
  }

  @Test
  void formFieldsAreEncoded() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("a b", "1&2=3");
    fields.put("\u00e9", 4);
    withEcho((url, http) ->
        assertThat(http.request(HttpRequest.post(url).form(fields)).text())
            .isEqualTo("POST application/x-www-form-urlencoded 22 null\na+b=1%262%3D3&%C3%A9=4"));
  }

  @Test
  void multipartHasFieldsAndFiles(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a \"b\".txt");
    Files.writeString(file, "from a file");
    Multipart form =
        Multipart.of()
            .field("na\"me", "value \u00e9")
            .file("file", file, "text/plain")
            .part("raw", "x.bin", "application/x", RequestBody.of(new byte[] {'1', '2'}));
    String boundary = form.contentType().substring(form.contentType().indexOf('=') + 1);
    withEcho((url, http) -> {
      String[] answer = http.request(HttpRequest.post(url).body(form)).text().split("\n", 2);
      assertThat(answer[1])
          .isEqualTo(
              ("--B\r\nContent-Disposition: form-data; name=\"na%22me\"\r\n\r\nvalue \u00e9\r\n"
                      + "--B\r\nContent-Disposition: form-data; name=\"file\";"
                      + " filename=\"a %22b%22.txt\"\r\nContent-Type: text/plain\r\n\r\n"
                      + "from a file\r\n"
                      + "--B\r\nContent-Disposition: form-data; name=\"raw\"; filename=\"x.bin\"\r\n"
                      + "Content-Type: application/x\r\n\r\n12\r\n--B--\r\n")
                  .replace("B\r", boundary + "\r")
                  .replace("--B--", "--" + boundary + "--"));
      int length = answer[1].getBytes(StandardCharsets.UTF_8).length;
      assertThat(answer[0]).isEqualTo("POST " + form.contentType() + " " + length + " null");
    });
  }

  @Test
  void multipartWithAPartOfUnknownLengthIsSentInChunks() {
    Multipart form =
        Multipart.of().part("a", "a", "text/plain", RequestBody.of(List.of(new byte[] {'z'})));
    withEcho((url, http) ->
        assertThat(http.request(HttpRequest.post(url).body(form)).text())
            .startsWith("POST " + form.contentType() + " null chunked\n")
            .contains("\r\n\r\nz\r\n"));
  }

  @Test
  void aLineEndInAContentTypeIsRefused() {
    assertThatThrownBy(
            () -> Multipart.of().part("a", "a", "x\r\nEvil: 1", RequestBody.of(new byte[0])))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aLargeFileIsSentWithItsLength(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("large");
    byte[] content = new byte[1_000_003];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) ('a' + i % 26);
    }
    Files.write(file, content);
    withEcho((url, http) ->
        assertThat(http.request(HttpRequest.put(url).file(file)).text())
            .isEqualTo("PUT null 1000003 null\n" + new String(content, StandardCharsets.US_ASCII)));
  }

  @Test
  void aMissingFileFailsBeforeAnythingIsSent(@TempDir Path folder) {
    withEcho((url, http) -> {
      assertThatThrownBy(() -> http.request(HttpRequest.put(url).file(folder.resolve("none"))))
          .isInstanceOf(HttpException.BodyFailed.class)
          .hasMessageContaining("none")
          .hasMessageContaining(url);
      assertThat(http.statistics().active() + http.statistics().idle()).isZero();
    });
  }

  @Test
  void aStreamIsReadToItsEndAndClosed() {
    boolean[] closed = {false};
    InputStream stream =
        new ByteArrayInputStream("x".repeat(200_000).getBytes(StandardCharsets.US_ASCII)) {
          @Override
          public void close() {
            closed[0] = true;
          }
        };
    withEcho((url, http) -> {
      assertThat(http.request(HttpRequest.post(url).body(RequestBody.of(stream, -1))).text())
          .isEqualTo("POST null null chunked\n" + "x".repeat(200_000));
      assertThat(closed[0]).isTrue();
    });
  }

  @Test
  void aStreamWithALengthIsNotChunked() {
    withEcho((url, http) ->
        assertThat(
                http.request(
                        HttpRequest.post(url)
                            .body(RequestBody.of(new ByteArrayInputStream(new byte[] {'q'}), 1)))
                    .text())
            .isEqualTo("POST null 1 null\nq"));
  }

  @Test
  void aBodyWriterMaySuspendBetweenPieces() {
    assertThat(
            wire(
                HttpRequest.post("x")
                    .body(sink -> {
                      sink.write("one");
                      Asyncio.sleep(Duration.ofMillis(1));
                      sink.write(""); // no chunk at all: an empty one is the end
                      sink.write("two!");
                      assertThat(sink.written()).isEqualTo(7);
                    })))
        .containsIgnoringCase("transfer-encoding: chunked\r\n")
        .endsWith("\r\n\r\n3\r\none\r\n4\r\ntwo!\r\n0\r\n\r\n");
  }

  @Test
  void anEmptyStreamedBody() {
    assertThat(wire(HttpRequest.post("x").body(sink -> {}))).endsWith("\r\n\r\n0\r\n\r\n");
    withEcho((url, http) ->
        assertThat(
                http.request(
                        HttpRequest.post(url)
                            .body(RequestBody.of(new ByteArrayInputStream(new byte[0]), 0)))
                    .text())
            .isEqualTo("POST null 0 null\n"));
  }

  @Test
  void theWriterIsAsSlowAsTheServer() {
    Semaphore read = new Semaphore(0);
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                read.acquireUninterruptibly();
                byte[] block = new byte[65536];
                long left = 64L * 1024 * 1024;
                while (left > 0) {
                  left -= client.in().read(block);
                }
                client.send(OK);
              });
          var http = HttpClient.create()) {
        long[] written = {0};
        Event stuck = new Event();
        RequestBody body =
            new RequestBody() {
              @Override
              public void writeTo(BodySink sink) {
                byte[] block = new byte[65536];
                for (int i = 0; i < 1024; i++) {
                  sink.write(block);
                  written[0] = sink.written();
                }
                stuck.set();
              }

              @Override
              public long length() {
                return 64L * 1024 * 1024;
              }
            };
        Task<Integer> task =
            Asyncio.createTask(
                () -> http.request(HttpRequest.put(server.url()).body(body)).status());
        long before;
        do { // until the buffers of the system are full
          before = written[0];
          Asyncio.sleep(Duration.ofMillis(50));
        } while (written[0] == 0 || written[0] != before);
        assertThat(stuck.isSet()).isFalse();
        assertThat(written[0]).isLessThan(48L * 1024 * 1024);
        read.release();
        assertThat(task.await()).isEqualTo(200);
        assertThat(written[0]).isEqualTo(64L * 1024 * 1024);
      }
    });
  }

  @Test
  void aBodyShorterThanItsLengthIsAnError() {
    withEcho((url, http) -> {
      assertThatThrownBy(() ->
              http.request(
                  HttpRequest.post(url)
                      .body(RequestBody.of(new ByteArrayInputStream(new byte[3]), 10))))
          .isInstanceOf(HttpException.BodyFailed.class)
          .hasMessageContaining("expected a body of 10 bytes, it ended after 3");
      assertThat(http.request(HttpRequest.post(url)).status()).isEqualTo(200);
    });
  }

  @Test
  void aBodyLongerThanItsLengthIsAnError() {
    withEcho((url, http) -> {
      assertThatThrownBy(() ->
              http.request(
                  HttpRequest.post(url)
                      .body(RequestBody.of(new ByteArrayInputStream(new byte[11]), 10))))
          .isInstanceOf(HttpException.BodyFailed.class)
          .hasMessageContaining("expected a body of 10 bytes, there is more");
      assertThat(http.request(HttpRequest.post(url)).status()).isEqualTo(200);
    });
  }

  @Test
  void aWriterThatFailsFailsTheRequest() {
    withEcho((url, http) -> {
      RequestBody body =
          sink -> {
            sink.write("some");
            throw new IOException("no more");
          };
      assertThatThrownBy(() -> http.request(HttpRequest.post(url).body(body)))
          .isInstanceOf(HttpException.BodyFailed.class)
          .hasMessageContaining("no more")
          .hasCauseInstanceOf(IOException.class);
      assertThat(http.request(HttpRequest.post(url).body("x")).status()).isEqualTo(200);
    });
  }

  @Test
  void aResponseBeforeTheEndOfTheBodyStopsTheWriter() {
    List<String> events = new ArrayList<>();
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
                client.awaitEnd();
              });
          var http = HttpClient.create()) {
        RequestBody endless =
            sink -> {
              try {
                while (true) {
                  sink.write(new byte[1000]);
                  Asyncio.sleep(Duration.ofMillis(1));
                }
              } finally {
                Asyncio.sleep(Duration.ofMillis(5));
                events.add("cleaned up");
              }
            };
        HttpResponse response = http.request(HttpRequest.post(server.url()).body(endless));
        assertThat(events).containsExactly("cleaned up");
        assertThat(response.status()).isEqualTo(413);
        assertThat(response.text()).isEqualTo("big");
        assertThat(http.statistics().idle()).isZero(); // half a request went out on it
        assertThat(http.request(HttpRequest.get(server.url())).status()).isEqualTo(413);
        assertThat(server.connections()).isEqualTo(2);
      }
    });
  }

  @Test
  void aResponseIsReadThoughTheServerClosesBeforeItHasTheBody() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send("HTTP/1.1 401 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
              });
          var http = HttpClient.create()) {
        RequestBody endless =
            sink -> {
              while (true) {
                sink.write(new byte[10_000]);
              }
            };
        for (int i = 0; i < 20; i++) {
          assertThat(http.request(HttpRequest.post(server.url()).body(endless)).text())
              .isEqualTo("no");
        }
      }
    });
  }

  @Test
  void aServerThatVanishesEndsTheWriter() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.start((number, client) -> client.readHead());
          var http = HttpClient.create()) {
        RequestBody endless =
            sink -> {
              while (true) {
                sink.write(new byte[10_000]);
              }
            };
        assertThatThrownBy(() -> http.request(HttpRequest.post(server.url()).body(endless)))
            .isInstanceOf(HttpException.Disconnected.class);
        assertThat(Asyncio.allTasks()).hasSize(1);
      }
    });
  }

  @Test
  void cancellingTheRequestCancelsTheWriter() {
    List<String> events = new ArrayList<>();
    Asyncio.run(() -> {
      try (var server = ScriptedServer.start((number, client) -> client.awaitEnd());
          var http = HttpClient.create()) {
        Event begun = new Event();
        RequestBody body =
            sink -> {
              try {
                sink.write("x");
                begun.set();
                Asyncio.sleep(Duration.ofHours(1));
              } finally {
                events.add("ended");
              }
            };
        Task<HttpResponse> task =
            Asyncio.createTask(() -> http.request(HttpRequest.post(server.url()).body(body)));
        begun.await();
        task.cancel();
        Asyncio.await(List.of(task));
        assertThat(task.cancelled()).isTrue();
        assertThat(events).containsExactly("ended");
        assertThat(Asyncio.allTasks()).hasSize(1);
        assertThat(http.statistics().active()).isZero();
      }
    });
  }

  @Test
  void theBodyWaitsForContinue() {
    Asyncio.run(() -> {
      String[] seen = new String[2];
      try (var server =
              ScriptedServer.start((number, client) -> {
                seen[0] = client.readHead();
                seen[1] = client.in().available() + "";
                client.send("HTTP/1.1 100 Continue\r\n\r\n");
                seen[1] += new String(client.in().readNBytes(3), StandardCharsets.US_ASCII);
                client.send(OK);
              });
          var http = HttpClient.create()) {
        HttpRequest request =
            HttpRequest.post(server.url())
                .body(RequestBody.of(new ByteArrayInputStream(new byte[] {'a', 'b', 'c'}), 3))
                .expectContinue();
        assertThat(http.request(request).text()).isEqualTo("ok");
        assertThat(seen[0]).containsIgnoringCase("expect: 100-continue\r\n");
        assertThat(seen[1]).isEqualTo("0abc");
        assertThat(http.statistics().idle()).isLessThanOrEqualTo(1);
      }
    });
  }

  @Test
  void theBodyIsNotSentWhenTheServerDeclines() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
                assertThat(client.in().read()).isEqualTo(-1);
              });
          var http = HttpClient.create()) {
        boolean[] asked = {false};
        RequestBody body = sink -> asked[0] = true;
        assertThat(
                http.request(HttpRequest.post(server.url()).body(body).expectContinue()).status())
            .isEqualTo(417);
        assertThat(asked[0]).isFalse();
      }
    });
  }

  @Test
  void theBodyIsSentAfterAWhileWhenTheServerIsSilent() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.in().readNBytes(3);
                client.send(OK);
              });
          var http = HttpClient.create()) {
        HttpRequest request =
            HttpRequest.post(server.url())
                .body(RequestBody.of(new ByteArrayInputStream(new byte[3]), 3))
                .expectContinue();
        assertThat(http.request(request).text()).isEqualTo("ok");
      }
    });
  }

  @Test
  void aBodyThatCanBeRepeatedIsSentAgainOnAFreshConnection() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send(OK);
                client.readHead(); // and closes, without an answer
              });
          var http = HttpClient.create()) {
        http.get(server.url());
        int[] writes = {0};
        RequestBody body =
            sink -> {
              writes[0]++;
              sink.write("again");
            };
        assertThat(http.request(HttpRequest.put(server.url()).body(body)).text()).isEqualTo("ok");
        assertThat(writes[0]).isEqualTo(2);
        http.get(server.url());
        InputStream once = new ByteArrayInputStream(new byte[5]);
        assertThatThrownBy(
                () -> http.request(HttpRequest.put(server.url()).body(RequestBody.of(once, 5))))
            .isInstanceOf(HttpException.Disconnected.class);
      }
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ud83d", "a\ude00b", "\ude00\ud83d", "x\ud83d\ud83d\ude00"})
  void halfOfASurrogatePairIsRefused(String half) {
    List<Runnable> uses =
        List.of(
            () -> RequestBody.of(half),
            () -> RequestBody.form(Map.of("a", half)),
            () -> RequestBody.form(Map.of(half, "a")),
            () -> Multipart.of().field("a", half),
            () -> Multipart.of().field(half, "a"),
            () -> HttpRequest.get("http://h/").query("a", half),
            () -> HttpRequest.get("http://h/").query(half, "a"),
            () -> HttpRequest.get("http://h/").basicAuth("a", half));
    for (Runnable use : uses) {
      assertThatThrownBy(use::run)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("half of a surrogate pair, U+D");
    }
    RequestBody piecewise = sink -> sink.write(half);
    withEcho((url, http) ->
        assertThatThrownBy(() -> http.request(HttpRequest.post(url).body(piecewise)))
            .isInstanceOf(HttpException.BodyFailed.class)
            .hasRootCauseInstanceOf(IllegalArgumentException.class));
  }

  @Test
  void wholeSurrogatePairsAreSent() throws Exception {
    withEcho((url, http) ->
        assertThat(http.request(HttpRequest.post(url).body("a\ud83d\ude00")).text())
            .endsWith("a\ud83d\ude00"));
  }
}
