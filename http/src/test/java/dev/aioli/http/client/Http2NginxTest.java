package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.aioli.Asyncio;
import dev.aioli.Task;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.Nginx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client's HTTP/2 against a server that is not ours. */
@ExtendWith(LeakCheck.class)
@Timeout(120)
class Http2NginxTest {
  private static final int TEN_MEBIBYTES = 10 * 1024 * 1024;

  @TempDir private static Path folder;
  private static SSLContext trusting;

  @BeforeAll
  static void makeKeys() throws Exception {
    assumeTrue(Nginx.program() != null, "SKIPPED: there is no nginx on the PATH or in /usr/sbin");
    KeyStore keys = Certificates.selfSigned(folder, "localhost");
    Certificates.writePem(keys, folder);
    trusting = Certificates.trusting(keys);
    Files.createDirectories(folder.resolve("files"));
  }

  private static Nginx start(boolean http2, String directives) throws Exception {
    return Nginx.start(
        folder,
        http2,
        """
        location /hello { return 200 "hello $args"; }
        location /empty { return 204; }
        location /files/ { client_max_body_size 100m; dav_methods PUT; }
        """
            + directives);
  }

  private static HttpClientBuilder builder() {
    return HttpClient.builder().sslContext(trusting).http2(Http2.NEGOTIATE);
  }

  /**
   * Makes many requests, some hundred at once, and checks that each gets the answer it asked for.
   */
  private static void askMany(HttpClient http, Nginx nginx, int requests, int workers) {
    List<Task<?>> tasks = new ArrayList<>();
    int[] next = {0};
    for (int i = 0; i < workers; i++) {
      tasks.add(
          Asyncio.createTask(() -> {
            while (next[0] < requests) {
              int number = next[0]++;
              HttpResponse response = http.get(nginx.secureUrl() + "/hello?" + number);
              assertThat(response.version()).isEqualTo("HTTP/2");
              assertThat(response.text()).isEqualTo("hello " + number);
            }
          }));
    }
    Asyncio.gather(tasks);
  }

  @Test
  void thousandsOfRequestsShareOneConnection() throws Exception {
    try (Nginx nginx = start(true, "")) {
      Asyncio.run(() -> {
        try (var http = builder().limit(512).build()) {
          askMany(http, nginx, 2_000, 512);
          assertThat(http.statistics()).isEqualTo(new HttpClient.Statistics(0, 1, 0));
        }
      });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 100})
  void theServersStreamLimitIsKept(int limit) throws Exception {
    String directives = "http2_max_concurrent_streams " + limit + ";";
    try (Nginx nginx = start(true, directives)) {
      Asyncio.run(() -> {
        try (var http = builder().build()) {
          askMany(http, nginx, 300, 64);
          assertThat(http.statistics()).isEqualTo(new HttpClient.Statistics(0, 1, 0));
        }
      });
    }
  }

  @Test
  void noRequestIsLostWhenTheServerEndsConnections() throws Exception {
    try (Nginx nginx = start(true, "keepalive_requests 50;")) {
      Asyncio.run(() -> {
        try (var http = builder().limit(100).build()) {
          askMany(http, nginx, 600, 100);
        }
      });
    }
  }

  @Test
  void largeBodiesGoBothWays() throws Exception {
    byte[] content = new byte[TEN_MEBIBYTES];
    new Random(1).nextBytes(content);
    try (Nginx nginx = start(true, "")) {
      Path source = Files.write(folder.resolve("source"), content);
      Asyncio.run(() -> {
        try (var http = builder().build()) {
          String url = nginx.secureUrl() + "/files/sent";
          assertThat(http.request(HttpRequest.put(url).file(source)).status()).isEqualTo(201);
          assertThat(folder.resolve("files/sent")).hasBinaryContent(content);
          assertThat(http.get(url).bytes()).isEqualTo(content);
          try (StreamedResponse response = http.stream(HttpRequest.get(url))) {
            assertThat(response.version()).isEqualTo("HTTP/2");
            assertThat(response.readAll().bytes()).isEqualTo(content);
          }
          assertThat(http.request(HttpRequest.put(url).body(content)).status()).isEqualTo(204);
          assertThat(http.statistics()).isEqualTo(new HttpClient.Statistics(0, 1, 0));
        }
      });
    }
  }

  @Test
  void aReaderWhoIsSlowHoldsUpNobodyElse() throws Exception {
    byte[] content = new byte[TEN_MEBIBYTES];
    new Random(2).nextBytes(content);
    try (Nginx nginx = start(true, "")) {
      Files.write(folder.resolve("files/large"), content);
      Asyncio.run(() -> {
        try (var http = builder().build()) {
          String url = nginx.secureUrl() + "/files/large";
          List<StreamedResponse> slow = new ArrayList<>();
          for (int i = 0; i < 30; i++) {
            slow.add(http.stream(HttpRequest.get(url)));
          }
          askMany(http, nginx, 200, 20);
          assertThat(http.get(url).bytes()).isEqualTo(content);
          for (StreamedResponse response : slow) {
            assertThat(response.buffered()).isLessThan(1024 * 1024);
          }
          assertThat(slow.getFirst().readAll().bytes()).isEqualTo(content);
          slow.forEach(StreamedResponse::close);
          askMany(http, nginx, 10, 1);
          assertThat(http.statistics()).isEqualTo(new HttpClient.Statistics(0, 1, 0));
        }
      });
    }
  }

  @Test
  void responsesWithoutABodyEnd() throws Exception {
    try (Nginx nginx = start(true, "")) {
      Files.writeString(folder.resolve("files/file"), "content");
      Asyncio.run(() -> {
        try (var http = builder().build()) {
          String url = nginx.secureUrl() + "/files/file";
          HttpResponse head = http.request(HttpRequest.head(url));
          assertThat(head.headers().get("Content-Length")).isEqualTo("7");
          assertThat(head.bytes()).isEmpty();
          assertThat(http.get(nginx.secureUrl() + "/empty").status()).isEqualTo(204);
          String tag = head.headers().get("ETag");
          HttpRequest again = HttpRequest.get(url).header("If-None-Match", tag);
          assertThat(http.request(again).status()).isEqualTo(304);
          assertThat(http.get(url).text()).isEqualTo("content");
        }
      });
    }
  }

  @Test
  void aServerThatChoosesHttp1IsSpokenToInHttp1() throws Exception {
    try (Nginx nginx = start(false, "")) {
      Asyncio.run(() -> {
        try (var http = builder().build()) {
          List<Task<HttpResponse>> tasks = new ArrayList<>();
          for (int i = 0; i < 20; i++) {
            tasks.add(Asyncio.createTask(() -> http.get(nginx.secureUrl() + "/hello")));
          }
          for (HttpResponse response : Asyncio.gather(tasks)) {
            assertThat(response.version()).isEqualTo("HTTP/1.1");
            assertThat(response.text()).isEqualTo("hello ");
          }
          assertThat(http.statistics().active()).isZero();
          assertThat(http.statistics().idle()).isBetween(2, 20);
        }
      });
    }
  }

  @Test
  void withoutTheOptionHttp1IsSpoken() throws Exception {
    try (Nginx nginx = start(true, "")) {
      Asyncio.run(() -> {
        try (var http = HttpClient.builder().sslContext(trusting).build()) {
          assertThat(http.get(nginx.secureUrl() + "/hello").version()).isEqualTo("HTTP/1.1");
        }
      });
    }
  }
}
