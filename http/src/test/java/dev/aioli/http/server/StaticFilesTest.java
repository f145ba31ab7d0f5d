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
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
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
    Files.createSymbolicLink(root.resolve("dot.txt"), root.resolve(".hidden"));
    Path dotFolder = Files.createDirectories(root.resolve(".git"));
    Files.writeString(dotFolder.resolve("config"), "secret");
    Files.createSymbolicLink(root.resolve("git"), dotFolder);
    Files.createSymbolicLink(root.resolve("config"), dotFolder.resolve("config"));
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
              "dot.txt",
              ".git/config",
              "git/config",
              "config",
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
  void readsTheDatesOfAllFormats() throws Exception {
    Files.setLastModifiedTime(
        temp.resolve("root/a.txt"), FileTime.from(Instant.parse("2026-11-30T17:56:07.9Z")));
    with(
        HttpServer.builder(),
        (http, url) -> {
          for (String date :
              new String[] {
                "Mon, 30 Nov 2026 17:56:07 GMT",
                "Monday, 30-Nov-26 17:56:07 GMT",
                "Mon Nov 30 17:56:07 2026",
                "Mon, 30 Nov 2026 17:56:07 UTC"
              }) {
            String file = url + "a.txt";
            assertThat(get(http, file, "If-Modified-Since", date).status()).isEqualTo(304);
            assertThat(get(http, file, "If-Unmodified-Since", date).status()).isEqualTo(200);
            assertThat(get(http, file, "Range", "bytes=0-1", "If-Range", date).status())
                .isEqualTo(206);
            String before = date.replace(":07", ":06");
            assertThat(get(http, file, "If-Modified-Since", before).status()).isEqualTo(200);
            assertThat(get(http, file, "If-Unmodified-Since", before).status()).isEqualTo(412);
            assertThat(get(http, file, "Range", "bytes=0-1", "If-Range", before).status())
                .isEqualTo(200);
          }
        });
  }

  @Test
  void aClientThatKnowsAnotherVersionGetsNothingOfThisOne() {
    with(
        HttpServer.builder(),
        (http, files) -> {
          String url = files + "a.txt";
          Headers known = http.get(url).headers();
          String etag = known.get("etag");
          String past = "Mon, 01 Jan 2001 00:00:00 GMT";
          String future = "Mon, 01 Jan 2035 00:00:00 GMT";
          String[][] refused = {
            {"If-Match", "\"other\""},
            {"If-Match", "W/" + etag}, // it must be the same to the byte
            {"If-Match", "\"other\"", "If-None-Match", "\"other\""},
            {"If-Match", "\"other\"", "If-Unmodified-Since", future},
            {"If-Unmodified-Since", past},
            {"If-Match", "\"other\"", "Range", "bytes=5-"},
            {"If-Unmodified-Since", past, "Range", "bytes=5-"},
            {"If-Unmodified-Since", past, "Range", "bytes=5-", "If-Range", etag},
            {"If-Match", "", "Range", "bytes=5-"},
          };
          for (String[] headers : refused) {
            HttpResponse response = get(http, url, headers);
            assertThat(response.status()).as(String.join(" ", headers)).isEqualTo(412);
            assertThat(response.headers().get("etag")).isEqualTo(etag);
            assertThat(response.text()).startsWith("412: expected the file as the client knows it");
          }
          String[][] answered = {
            {"200", "If-Match", etag},
            {"200", "If-Match", "*"},
            {"200", "If-Match", "\"other\", " + etag},
            {"200", "If-Match", etag, "If-Unmodified-Since", past}, // the tag is the better witness
            {"200", "If-Unmodified-Since", future},
            {"200", "If-Unmodified-Since", "nonsense"},
            {"206", "If-Match", etag, "Range", "bytes=5-"},
            {"206", "If-Unmodified-Since", future, "Range", "bytes=5-", "If-Range", etag},
            {"200", "If-Match", etag, "Range", "bytes=5-", "If-Range", "\"other\""},
            {"304", "If-Match", etag, "If-None-Match", etag},
          };
          for (String[] expected : answered) {
            String[] headers = Arrays.copyOfRange(expected, 1, expected.length);
            assertThat(get(http, url, headers).status())
                .as(String.join(" ", headers))
                .isEqualTo(Integer.parseInt(expected[0]));
          }
          HttpRequest head = HttpRequest.of("HEAD", url).header("If-Match", "\"other\"");
          assertThat(http.request(head).status()).isEqualTo(412);
        });
  }

  @Test
  void whatIsSaidOfAVariantIsTheSameInEachAnswer() {
    with(
        HttpServer.builder().use(Compression.gzip()),
        (http, files) -> {
          Headers plain = get(http, files + "a.txt").headers();
          String etag = plain.get("etag");
          String date = plain.get("last-modified");
          for (boolean gzip : new boolean[] {true, false}) {
            String[] accept = {"Accept-Encoding", gzip ? "gzip" : "identity"};
            String tag = gzip ? "W/" + etag : etag;
            HttpResponse whole = get(http, files + "a.txt", accept);
            assertThat(whole.headers().get("content-encoding")).isEqualTo(gzip ? "gzip" : null);
            HttpResponse byTag =
                get(http, files + "a.txt", "If-None-Match", tag, accept[0], accept[1]);
            HttpResponse byDate =
                get(http, files + "a.txt", "If-Modified-Since", date, accept[0], accept[1]);
            assertThat(byTag.status()).isEqualTo(304);
            assertThat(byDate.status()).isEqualTo(304);
            for (HttpResponse response : List.of(whole, byTag, byDate)) {
              assertThat(response.headers().get("etag")).isEqualTo(tag);
              assertThat(response.headers().getAll("vary")).containsExactly("Accept-Encoding");
            }
            assertThat(byTag.headers().contains("content-type")).isFalse();
            HttpResponse part =
                get(http, files + "a.txt", "Range", "bytes=0-1", accept[0], accept[1]);
            assertThat(part.status()).isEqualTo(206);
            assertThat(part.text()).isEqualTo("01");
            assertThat(part.headers().get("etag")).isEqualTo(etag);
            assertThat(part.headers().get("vary")).isEqualTo("Accept-Encoding");
          }
        });
  }

  @Test
  void whatIsNeverCompressedDoesNotVary() {
    with(
        HttpServer.builder().use(Compression.gzip()),
        (http, files) -> {
          String[] accept = {"Accept-Encoding", "gzip"};
          for (String file : List.of("data.bin", "index.html")) { // no text; too small
            Headers whole = get(http, files + file, accept).headers();
            String etag = whole.get("etag");
            HttpResponse known =
                get(http, files + file, "If-None-Match", etag, accept[0], accept[1]);
            assertThat(known.status()).isEqualTo(304);
            assertThat(known.headers().get("etag")).isEqualTo(etag).startsWith("\"");
            assertThat(known.headers().contains("vary")).isFalse();
            assertThat(whole.contains("vary")).isFalse();
          }
        });
  }

  @Test
  void aHandlersOwn304KeepsTheTagThatTheClientHas() {
    with(
        HttpServer.builder()
            .use(Compression.gzip())
            .get("/own", request -> ServerResponse.status(304).header("ETag", "\"x\"")),
        (http, files) -> {
          String url = files.substring(0, files.length() - 3) + "/own";
          String[] accept = {"Accept-Encoding", "gzip"};
          for (String tag : List.of("\"x\"", "W/\"x\"")) {
            HttpResponse response = get(http, url, "If-None-Match", tag, accept[0], accept[1]);
            assertThat(response.headers().get("etag")).isEqualTo(tag);
            assertThat(response.headers().get("vary")).isEqualTo("Accept-Encoding");
          }
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
