package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.aioli.Asyncio;
import dev.aioli.Task;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.Nginx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Our client against a server that most of the world's requests meet. */
@ExtendWith(LeakCheck.class)
@Timeout(120)
class NginxTest {
  private static final byte[] LARGE = new byte[5_000_000];
  @TempDir private static Path folder;
  private static @Nullable Nginx nginx;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Nginx.program() != null, "SKIPPED: there is no nginx on the PATH or in /usr/sbin");
    Certificates.writePem(Certificates.selfSigned(folder, "localhost"), folder);
    new Random(1).nextBytes(LARGE);
    Files.write(folder.resolve("large"), LARGE);
    Files.writeString(folder.resolve("small.json"), "{\"a\":1}");
    Files.writeString(folder.resolve("text.txt"), "some text ".repeat(10_000));
    nginx =
        Nginx.start(
            folder,
            """
            gzip on; gzip_types text/plain;
            location /moved { return 301 /small.json; }
            location /closing { keepalive_timeout 0; return 200 bye; }
            location /echo { client_max_body_size 100m; return 200 $request_method; }
            location /secret { return 200 $http_authorization; }
            """);
  }

  @AfterAll
  static void stop() throws Exception {
    if (nginx != null) {
      nginx.close();
    }
  }

  private interface Program {
    void run(String url, HttpClient http) throws Exception;
  }

  /** Runs it twice: in the clear, and over TLS. */
  private static void with(Program program) {
    Asyncio.run(() -> {
      var trusted = Certificates.trusting(Certificates.load(folder));
      for (String url : List.of(nginx.url(), nginx.secureUrl())) {
        try (var http = HttpClient.builder().sslContext(trusted).build()) {
          program.run(url, http);
        }
      }
    });
  }

  @Test
  void manyRequestsOverFewConnections() {
    with((url, http) -> {
      List<Task<Integer>> tasks = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        tasks.add(
            Asyncio.createTask(() -> {
              int sum = 0;
              for (int n = 0; n < 20; n++) {
                sum += http.get(url + "/small.json").json().at("/a").asInt();
              }
              return sum;
            }));
      }
      assertThat(Asyncio.gather(tasks)).containsOnly(20);
      assertThat(http.statistics().idle()).isBetween(1, 10);
    });
  }

  @Test
  void itsGzip() {
    with((url, http) -> {
      HttpResponse response = http.get(url + "/text.txt");
      assertThat(response.headers().get("content-encoding")).isEqualTo("gzip");
      assertThat(response.text()).isEqualTo("some text ".repeat(10_000));
      assertThat(http.stream(HttpRequest.get(url + "/text.txt")).readAll().text())
          .isEqualTo("some text ".repeat(10_000));
    });
  }

  @Test
  void aLargeFile() {
    with((url, http) -> {
      assertThat(http.get(url + "/large").bytes()).isEqualTo(LARGE);
      Path copy = folder.resolve("copy");
      assertThat(http.stream(HttpRequest.get(url + "/large")).saveTo(copy)).isEqualTo(LARGE.length);
      assertThat(copy).hasBinaryContent(LARGE);
      assertThat(http.statistics().idle()).isEqualTo(1);
    });
  }

  @Test
  void aPartOfAFile() {
    with((url, http) -> {
      HttpResponse part =
          http.request(HttpRequest.get(url + "/text.txt").header("Range", "bytes=5-8"));
      assertThat(part.status()).isEqualTo(206);
      assertThat(part.text()).isEqualTo("text");
      assertThat(part.headers().get("content-range")).isEqualTo("bytes 5-8/100000");
    });
  }

  @Test
  void aRedirectAndItsKindOfLocation() {
    with((url, http) -> {
      HttpResponse response = http.get(url + "/moved");
      assertThat(response.url()).isEqualTo(url + "/small.json");
      assertThat(response.history()).hasSize(1);
    });
  }

  @Test
  void aConnectionThatItCloses() {
    with((url, http) -> {
      for (int i = 0; i < 5; i++) {
        assertThat(http.get(url + "/closing").text()).isEqualTo("bye");
        assertThat(http.statistics().idle()).isZero();
      }
    });
  }

  @Test
  void bodiesThatItDoesNotWant() {
    with((url, http) -> {
      assertThat(http.request(HttpRequest.put(url + "/echo").body(LARGE)).text()).isEqualTo("PUT");
      HttpRequest streamed =
          HttpRequest.post(url + "/echo")
              .body(sink -> {
                for (int i = 0; i < 50; i++) {
                  sink.write(new byte[100_000]);
                }
              });
      assertThat(http.request(streamed).text()).isEqualTo("POST");
      // More than nginx takes by default: it answers at once, and closes.
      for (int i = 0; i < 5; i++) {
        HttpRequest refused = HttpRequest.put(url + "/small.json").body(LARGE);
        assertThat(http.request(refused).status()).isEqualTo(413);
      }
    });
  }

  @Test
  void errorsAndEmptyAnswers() {
    with((url, http) -> {
      assertThat(http.get(url + "/none").status()).isEqualTo(404);
      assertThat(http.request(HttpRequest.delete(url + "/small.json")).status()).isEqualTo(405);
      HttpResponse head = http.request(HttpRequest.head(url + "/large"));
      assertThat(head.headers().get("content-length")).isEqualTo("5000000");
      assertThat(head.bytes()).isEmpty();
      String modified = head.headers().get("last-modified");
      assertThat(
              http.request(HttpRequest.get(url + "/large").header("If-Modified-Since", modified))
                  .status())
          .isEqualTo(304);
      assertThat(http.statistics().idle()).isEqualTo(1);
      String user = url.replace("://", "://me:pw@");
      assertThat(http.get(user + "/secret").bytes())
          .isEqualTo("Basic bWU6cHc=".getBytes(StandardCharsets.US_ASCII));
    });
  }
}
