package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.Headers;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.client.HttpResponse;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files and compression. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class StaticFilesTest {
  private static final String TEXT = "0123456789".repeat(50_000);

  @TempDir private Path temp;

  private interface Body {
    void run(HttpClient http, String url) throws Exception;
  }

  @BeforeEach
  void makeFiles() throws Exception {
    Path root = Files.createDirectories(temp.resolve("root"));
    Files.writeString(root.resolve("a.txt"), TEXT);
    Files.writeString(root.resolve("index.html"), "<p>home");
    Files.writeString(root.resolve("data.bin"), "bytes");
    Files.writeString(root.resolve(".hidden"), "secret");
    Files.writeString(Files.createDirectories(root.resolve("sub")).resolve("index.html"), "<p>sub");
    Files.createDirectories(root.resolve("empty"));
    Files.writeString(temp.resolve("outside.txt"), "secret");
    Files.createSymbolicLink(root.resolve("link.txt"), temp.resolve("outside.txt"));
    Files.createSymbolicLink(root.resolve("inside.txt"), root.resolve("a.txt"));
  }

  private void with(HttpServerBuilder builder, Body body) {
    Asyncio.run(() -> {
      try (var server = builder.files("/s", temp.resolve("root")).start("127.0.0.1", 0);
          var http = HttpClient.create()) {
        body.run(http, server.url() + "/s/");
      }
    });
  }

  private static HttpResponse get(HttpClient http, String url, String... headers) {
    HttpRequest request = HttpRequest.get(url).decompress(false);
    for (int i = 0; i < headers.length; i += 2) {
      request = request.header(headers[i], headers[i + 1]);
    }
    return http.request(request);
  }

  @Test
  void servesFilesWithTheirTypes() {
    with(
        HttpServer.builder(),
        (http, url) -> {
          HttpResponse text = http.get(url + "a.txt");
          assertThat(text.text()).isEqualTo(TEXT);
          assertThat(text.headers().get("content-type")).isEqualTo("text/plain; charset=utf-8");
          assertThat(text.headers().get("content-length")).isEqualTo("500000");
          assertThat(http.get(url).text()).isEqualTo("<p>home");
          assertThat(http.get(url + "sub/").text()).isEqualTo("<p>sub");
          assertThat(http.get(url + "inside.txt").text()).isEqualTo(TEXT);
          assertThat(http.get(url + "data.bin").headers().get("content-type"))
              .isEqualTo("application/octet-stream");
          HttpResponse head = http.request(HttpRequest.of("HEAD", url + "a.txt"));
          assertThat(head.bytes()).isEmpty();
          assertThat(head.headers().get("content-length")).isEqualTo("500000");
          assertThat(http.statistics().idle()).isEqualTo(1); // one connection did for all
        });
  }

  @Test
  void servesNothingElse() {
    Asyncio.run(() -> {
      try (var server =
          HttpServer.builder().files("/s", temp.resolve("root")).start("127.0.0.1", 0)) {
        for (String path :
            new String[] {
              "../outside.txt",
              "%2e%2e/outside.txt",
              "..%2foutside.txt",
              "sub/../../outside.txt",
              "%2e%2e%5coutside.txt",
              "link.txt",
              ".hidden",
              "/etc/passwd",
              "%2fetc%2fpasswd",
              "sub//index.html",
              "none.txt",
              "empty/",
              "a.txt/",
              "a%00.txt",
              "./a.txt"
            }) {
          String request = "GET /s/" + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
          assertThat(RawClient.talk(server, request))
              .as(path)
              .startsWith("HTTP/1.1 404 ")
              .doesNotContain("secret");
        }
        assertThat(
                RawClient.talk(
                    server, "GET /s/sub?q HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
            .startsWith("HTTP/1.1 301 ")
            .containsIgnoringCase("location: ./sub/?q\r\n");
      }
    });
    assertThatThrownBy(() -> StaticFiles.of(temp.resolve("outside.txt")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("expected a folder, found ");
    assertThatThrownBy(() -> StaticFiles.of(temp.resolve("none")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void answersConditionalRequests() {
    with(
        HttpServer.builder(),
        (http, url) -> {
          Headers first = http.get(url + "a.txt").headers();
          String etag = first.get("etag");
          String modified = first.get("last-modified");
          HttpResponse same = get(http, url + "a.txt", "If-None-Match", "\"x\", W/" + etag);
          assertThat(same.status()).isEqualTo(304);
          assertThat(same.bytes()).isEmpty();
          assertThat(same.headers().get("etag")).isEqualTo(etag);
          assertThat(get(http, url + "a.txt", "If-None-Match", "\"x\"").status()).isEqualTo(200);
          assertThat(get(http, url + "a.txt", "If-Modified-Since", modified).status())
              .isEqualTo(304);
          String long_ago = "Sat, 01 Jan 2000 00:00:00 GMT";
          assertThat(get(http, url + "a.txt", "If-Modified-Since", long_ago).status())
              .isEqualTo(200);
          assertThat(get(http, url + "a.txt", "If-Modified-Since", "nonsense").status())
              .isEqualTo(200);
          Files.writeString(temp.resolve("root/a.txt"), "changed");
          assertThat(get(http, url + "a.txt", "If-None-Match", etag).text()).isEqualTo("changed");
        });
  }

  @Test
  void answersRequestsForAPart() {
    with(
        HttpServer.builder(),
        (http, url) -> {
          String[][] cases = {
            {"bytes=0-4", "01234", "bytes 0-4/500000"},
            {"bytes=499998-", "89", "bytes 499998-499999/500000"},
            {"bytes=-3", "789", "bytes 499997-499999/500000"},
            {"bytes=499999-600000", "9", "bytes 499999-499999/500000"},
          };
          for (String[] expected : cases) {
            HttpResponse part = get(http, url + "a.txt", "Range", expected[0]);
            assertThat(part.status()).isEqualTo(206);
            assertThat(part.text()).isEqualTo(expected[1]);
            assertThat(part.headers().get("content-range")).isEqualTo(expected[2]);
          }
          for (String range : new String[] {"bytes=500000-", "bytes=-0"}) {
            HttpResponse none = get(http, url + "a.txt", "Range", range);
            assertThat(none.status()).isEqualTo(416);
            assertThat(none.headers().get("content-range")).isEqualTo("bytes */500000");
          }
          for (String range : new String[] {"bytes=4-2", "bytes=0-1,3-4", "lines=1-2", "bytes=-"}) {
            assertThat(get(http, url + "a.txt", "Range", range).status()).isEqualTo(200);
          }
          String etag = http.get(url + "a.txt").headers().get("etag");
          assertThat(get(http, url + "a.txt", "Range", "bytes=0-0", "If-Range", etag).text())
              .isEqualTo("0");
          assertThat(get(http, url + "a.txt", "Range", "bytes=0-0", "If-Range", "\"x\"").status())
              .isEqualTo(200);
        });
  }

  private static String gunzip(byte[] bytes) throws Exception {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void compressesForWhoAcceptsIt() {
    with(
        HttpServer.builder()
            .use(Compression.gzip())
            .get("/large", request -> ServerResponse.text(TEXT).header("ETag", "\"x\""))
            .get("/small", request -> ServerResponse.text("small"))
            .get("/bytes", request -> ServerResponse.bytes(new byte[100_000]))
            .get(
                "/stream",
                request ->
                    ServerResponse.stream(
                        "text/plain",
                        out -> {
                          out.write("first ");
                          Asyncio.sleep(Duration.ZERO);
                          out.write("second");
                        })),
        (http, files) -> {
          String url = files.substring(0, files.length() - 3);
          String[] accept = {"Accept-Encoding", "br, x-gzip;q=0.5"};
          HttpResponse large = get(http, url + "/large", accept);
          assertThat(large.bytes().length).isLessThan(10_000);
          assertThat(gunzip(large.bytes())).isEqualTo(TEXT);
          assertThat(large.headers().get("content-encoding")).isEqualTo("gzip");
          assertThat(large.headers().get("etag")).isEqualTo("W/\"x\"");
          assertThat(gunzip(get(http, url + "/stream", accept).bytes())).isEqualTo("first second");
          assertThat(gunzip(get(http, files + "a.txt", accept).bytes())).isEqualTo(TEXT);
          assertThat(large.headers().get("vary")).isEqualTo("Accept-Encoding");
          assertThat(get(http, url + "/small", accept).text()).isEqualTo("small");
          assertThat(get(http, url + "/bytes", accept).bytes()).hasSize(100_000);
          HttpResponse plain = get(http, url + "/large", "Accept-Encoding", "gzip;q=0, br");
          assertThat(plain.text()).isEqualTo(TEXT);
          assertThat(plain.headers().contains("content-encoding")).isFalse();
          assertThat(get(http, files + "a.txt", "Range", "bytes=0-1", accept[0], accept[1]).text())
              .isEqualTo("01");
        });
  }
}
