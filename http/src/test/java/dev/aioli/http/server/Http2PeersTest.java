package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.http.client.Http2;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** The server's HTTP/2, asked by clients that are not ours, and over TLS. */
@ExtendWith(LeakCheck.class)
@Timeout(120)
class Http2PeersTest {
  @TempDir static Path folder;
  private static KeyStore keys;

  @BeforeAll
  static void makeKeys() throws Exception {
    keys = Certificates.selfSigned(folder, "localhost", "127.0.0.1");
  }

  private static HttpServerBuilder server() {
    return HttpServer.builder()
        .get("/get", request -> ServerResponse.text(request.version() + " " + request.query("a")))
        .post("/echo", request -> ServerResponse.bytes(request.bytes()));
  }

  private static String secure(HttpServer server) {
    return "https://localhost:" + server.port();
  }

  @Test
  void ourClientAndServerChooseHttp2OverTls() {
    Asyncio.run(() -> {
      try (var server =
              server().sslContext(Certificates.serverContext(keys)).start("127.0.0.1", 0);
          var http =
              HttpClient.builder()
                  .sslContext(Certificates.trusting(keys))
                  .http2(Http2.NEGOTIATE)
                  .build();
          var old = HttpClient.builder().sslContext(Certificates.trusting(keys)).build()) {
        assertThat(http.get(secure(server) + "/get?a=1").text()).isEqualTo("HTTP/2 1");
        assertThat(old.get(secure(server) + "/get?a=2").text()).isEqualTo("HTTP/1.1 2");
        byte[] large = new byte[1_000_000];
        new Random(3).nextBytes(large);
        HttpRequest echo = HttpRequest.post(secure(server) + "/echo").body(large);
        assertThat(http.request(echo).bytes()).isEqualTo(large);
      }
    });
  }

  @Test
  void aServerWithoutHttp2ChoosesHttp1OverTls() {
    Asyncio.run(() -> {
      try (var server =
              server()
                  .http2(false)
                  .sslContext(Certificates.serverContext(keys))
                  .start("127.0.0.1", 0);
          var http =
              HttpClient.builder()
                  .sslContext(Certificates.trusting(keys))
                  .http2(Http2.NEGOTIATE)
                  .build()) {
        assertThat(http.get(secure(server) + "/get?a=1").text()).isEqualTo("HTTP/1.1 1");
      }
    });
  }

  @Test
  void theJdksClient() {
    Asyncio.run(() -> {
      try (var server =
              server().sslContext(Certificates.serverContext(keys)).start("127.0.0.1", 0);
          var client =
              java.net.http.HttpClient.newBuilder()
                  .version(Version.HTTP_2)
                  .sslContext(Certificates.trusting(keys))
                  .build()) {
        String url = secure(server);
        byte[] large = new byte[1_000_000];
        new Random(4).nextBytes(large);
        Asyncio.toThread(() -> {
          List<CompletableFuture<java.net.http.HttpResponse<String>>> answers = new ArrayList<>();
          // The first one opens the connection that the others then share.
          client.send(get(url + "/get?a=first"), BodyHandlers.ofString());
          for (int i = 0; i < 500; i++) {
            if (i >= 50) {
              answers.get(i - 50).join(); // it opens another connection beyond the stream limit
            }
            answers.add(client.sendAsync(get(url + "/get?a=" + i), BodyHandlers.ofString()));
          }
          for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).join().version()).isEqualTo(Version.HTTP_2);
            assertThat(answers.get(i).join().body()).isEqualTo("HTTP/2 " + i);
          }
          var echo =
              java.net.http.HttpRequest.newBuilder(URI.create(url + "/echo"))
                  .POST(BodyPublishers.ofByteArray(large))
                  .build();
          assertThat(client.send(echo, BodyHandlers.ofByteArray()).body()).isEqualTo(large);
          return true;
        });
      }
    });
  }

  private static java.net.http.HttpRequest get(String url) {
    return java.net.http.HttpRequest.newBuilder(URI.create(url)).build();
  }

  @Suspends
  private static String curl(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "--max-time", "60"));
    command.addAll(List.of(arguments));
    return Asyncio.toThread(() -> {
      Process process;
      try {
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
      } catch (IOException e) {
        throw new TestAbortedException("curl is not there: HTTP/2 is NOT tested with it", e);
      }
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    });
  }

  @Test
  void curlWithPriorKnowledge() throws Exception {
    byte[] large = new byte[2_000_000];
    new Random(5).nextBytes(large);
    Path body = Files.write(folder.resolve("body"), large);
    Path answer = folder.resolve("answer");
    Asyncio.run(() -> {
      try (var server = server().maxHeaderBytes(2_000).start("127.0.0.1", 0)) {
        String url = server.url();
        assertThat(curl("--http2-prior-knowledge", url + "/get?a=1")).isEqualTo("HTTP/2 1");
        assertThat(curl(url + "/get?a=1")).isEqualTo("HTTP/1.1 1");
        assertThat(curl("--http2-prior-knowledge", "-I", url + "/get?a=1"))
            .startsWith("HTTP/2 200")
            .contains("content-length: 8");
        assertThat(
                curl(
                    "--http2-prior-knowledge",
                    "-o",
                    answer.toString(),
                    "--data-binary",
                    "@" + body,
                    url + "/echo"))
            .isEmpty();
        assertThat(answer).hasBinaryContent(large);
        assertThat(
                curl(
                    "--http2-prior-knowledge",
                    "-o",
                    answer.toString(),
                    "-w",
                    "%{http_code}",
                    "-H",
                    "X-Large: " + "x".repeat(2_100),
                    url + "/get"))
            .isEqualTo("431");
      }
    });
  }

  @Test
  void curlOverTls() {
    Asyncio.run(() -> {
      try (var server =
          server().sslContext(Certificates.serverContext(keys)).start("127.0.0.1", 0)) {
        assertThat(curl("-k", "--http2", secure(server) + "/get?a=1")).isEqualTo("HTTP/2 1");
        assertThat(curl("-k", "--http1.1", secure(server) + "/get?a=1")).isEqualTo("HTTP/1.1 1");
      }
    });
  }
}
