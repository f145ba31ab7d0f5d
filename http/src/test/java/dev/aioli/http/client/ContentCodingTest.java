package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.github.luben.zstd.Zstd;
import dev.aioli.Asyncio;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class ContentCodingTest {
  private static final byte[] TEXT =
      "All work and no play makes Jack a dull boy. ".repeat(3000).getBytes(StandardCharsets.UTF_8);

  private static byte[] encode(String coding, byte[] data) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    switch (coding) {
      case "gzip" -> {
        try (var gzip = new GZIPOutputStream(out)) {
          gzip.write(data);
        }
      }
      case "deflate" -> {
        try (var zlib = new DeflaterOutputStream(out)) {
          zlib.write(data);
        }
      }
      case "raw deflate" -> {
        try (var raw =
            new DeflaterOutputStream(out, new Deflater(Deflater.DEFAULT_COMPRESSION, true))) {
          raw.write(data);
        }
      }
      case "zstd" -> out.writeBytes(Zstd.compress(data));
      case "br" -> {
        Brotli4jLoader.ensureAvailability();
        out.writeBytes(com.aayushatharva.brotli4j.encoder.Encoder.compress(data));
      }
      default -> throw new IllegalArgumentException(coding);
    }
    return out.toByteArray();
  }

  private interface Program {
    void run(String url, HttpClient http) throws Exception;
  }

  private static ScriptedServer serving(String coding, byte[] body) throws IOException {
    return ScriptedServer.start((number, client) -> {
      while (!client.readHead().isEmpty()) {
        client.send(
            "HTTP/1.1 200 OK\r\nContent-Encoding: "
                + coding
                + "\r\nContent-Length: "
                + body.length
                + "\r\n\r\n");
        client.out().write(body);
        client.out().flush();
      }
    });
  }

  private static void with(
      String coding, byte[] body, HttpClientBuilder settings, Program program) {
    Asyncio.run(() -> {
      try (var server = serving(coding, body);
          var http = settings.build()) {
        program.run(server.url(), http);
      }
    });
  }

  private static void with(String coding, byte[] body, Program program) {
    with(coding, body, HttpClient.builder(), program);
  }

  private static byte[] readSlowly(StreamedResponse response) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] chunk = response.read(); chunk != null; chunk = response.read()) {
      all.writeBytes(chunk);
    }
    return all.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "raw deflate", "br", "zstd"})
  void decodesWhatItAskedFor(String coding) throws IOException {
    byte[] body = encode(coding, TEXT);
    assertThat(body.length).isLessThan(TEXT.length / 10);
    with(
        coding.replace("raw ", ""),
        body,
        (url, http) -> {
          assertThat(http.get(url).bytes()).isEqualTo(TEXT);
          try (var response = http.stream(HttpRequest.get(url))) {
            assertThat(readSlowly(response)).isEqualTo(TEXT);
          }
          assertThat(http.stream(HttpRequest.get(url)).readAll().bytes()).isEqualTo(TEXT);
          assertThat(http.statistics().idle()).isEqualTo(1);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "br", "zstd"})
  void decodesWhatComesByteByByteAndDoesNotCompress(String coding) throws IOException {
    byte[] noise = new byte[5000];
    new Random(1).nextBytes(noise);
    byte[] body = encode(coding, noise);
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send(
                    "HTTP/1.1 200 OK\r\nContent-Encoding: "
                        + coding
                        + "\r\nTransfer-Encoding: chunked\r\n\r\n");
                for (byte b : body) {
                  client.out().write(new byte[] {'1', '\r', '\n', b, '\r', '\n'});
                }
                client.send("0\r\n\r\n");
              });
          var http = HttpClient.create()) {
        assertThat(http.get(server.url()).bytes()).isEqualTo(noise);
      }
    });
  }

  @Test
  void asksForAllThatItCanDecode() {
    assertThat(ContentDecoder.accepted()).isEqualTo("gzip, deflate, br, zstd");
    Asyncio.run(() -> {
      String[] head = {""};
      try (var server =
              ScriptedServer.start((number, client) -> {
                while (!(head[0] = client.readHead()).isEmpty()) {
                  client.send(
                      "HTTP/1.1 200 OK\r\nContent-Length: "
                          + head[0].length()
                          + "\r\n\r\n"
                          + head[0]);
                }
              });
          var http = HttpClient.create();
          var raw = HttpClient.builder().decompress(false).build()) {
        String url = server.url();
        assertThat(http.get(url).text())
            .containsIgnoringCase("accept-encoding: gzip, deflate, br, zstd\r\n");
        assertThat(http.request(HttpRequest.get(url).decompress(false)).text())
            .containsIgnoringCase("accept-encoding: identity\r\n");
        assertThat(http.request(HttpRequest.get(url).header("Range", "bytes=0-9")).text())
            .containsIgnoringCase("accept-encoding: identity\r\n");
        assertThat(http.request(HttpRequest.get(url).header("Accept-Encoding", "br")).text())
            .containsIgnoringCase("accept-encoding: br\r\n")
            .doesNotContain("gzip");
        assertThat(raw.get(url).text()).doesNotContainIgnoringCase("gzip");
        assertThat(raw.request(HttpRequest.get(url).decompress(true)).text())
            .containsIgnoringCase("accept-encoding: gzip, deflate, br, zstd\r\n");
      }
    });
  }

  @Test
  void leavesABodyAsItIsIfToldTo() throws IOException {
    byte[] body = encode("gzip", TEXT);
    with(
        "gzip",
        body,
        (url, http) -> {
          HttpRequest raw = HttpRequest.get(url).decompress(false);
          assertThat(http.request(raw).bytes()).isEqualTo(body);
          assertThat(http.stream(raw).readAll().bytes()).isEqualTo(body);
        });
  }

  @Test
  void leavesAnUnknownCodingAsItIs() {
    byte[] body = {1, 2, 3};
    with(
        "rot13",
        body,
        (url, http) -> {
          assertThat(http.get(url).bytes()).isEqualTo(body);
          assertThat(http.get(url).headers().get("Content-Encoding")).isEqualTo("rot13");
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "br", "zstd"})
  void aBodyThatIsCutOffIsAnError(String coding) throws IOException {
    byte[] body = encode(coding, TEXT);
    with(
        coding,
        Arrays.copyOf(body, body.length - 5),
        (url, http) -> {
          assertThatThrownBy(() -> http.get(url))
              .isInstanceOf(HttpException.ProtocolError.class)
              .hasMessageContaining(coding);
          assertThatThrownBy(() -> http.stream(HttpRequest.get(url)).readAll())
              .isInstanceOf(HttpException.ProtocolError.class)
              .hasMessageContaining(coding);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "br", "zstd"})
  void garbageIsAnError(String coding) {
    with(
        coding,
        "this is plain text, whatever the server says".getBytes(StandardCharsets.UTF_8),
        (url, http) -> {
          assertThatThrownBy(() -> http.get(url))
              .isInstanceOf(HttpException.ProtocolError.class)
              .hasMessageContaining(coding)
              .hasMessageContaining(url);
          assertThatThrownBy(() -> http.stream(HttpRequest.get(url)).readAll())
              .isInstanceOf(HttpException.ProtocolError.class);
        });
  }

  @Test
  void membersOfGzipAreOneBody() throws IOException {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(encode("gzip", "one ".getBytes(StandardCharsets.UTF_8)));
    both.writeBytes(encode("gzip", "two".getBytes(StandardCharsets.UTF_8)));
    with(
        "gzip",
        both.toByteArray(),
        (url, http) -> assertThat(http.get(url).text()).isEqualTo("one two"));
  }

  @Test
  void anEmptyBodyIsEmptyInAnyCoding() {
    with(
        "gzip",
        new byte[0],
        (url, http) -> {
          assertThat(http.get(url).bytes()).isEmpty();
          assertThat(http.stream(HttpRequest.get(url)).read()).isNull();
        });
  }

  @Test
  void aHeadHasNothingToDecode() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                while (!client.readHead().isEmpty()) {
                  client.send(
                      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n");
                }
              });
          var http = HttpClient.create()) {
        assertThat(http.request(HttpRequest.head(server.url())).bytes()).isEmpty();
        assertThat(http.stream(HttpRequest.head(server.url())).read()).isNull();
      }
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "br", "zstd"})
  void theDecodedSizeIsWhatIsBounded(String coding) throws IOException {
    byte[] bomb = encode(coding, new byte[50_000_000]);
    assertThat(bomb.length).isLessThan(60_000);
    with(
        coding,
        bomb,
        HttpClient.builder().maxBodyBytes(100_000),
        (url, http) -> {
          assertThatThrownBy(() -> http.get(url))
              .isInstanceOf(HttpException.BodyTooLarge.class)
              .hasMessageContaining("100000");
          assertThatThrownBy(() -> http.stream(HttpRequest.get(url)).readAll())
              .isInstanceOf(HttpException.BodyTooLarge.class);
          try (var response = http.stream(HttpRequest.get(url))) {
            long length = 0;
            for (byte[] chunk = response.read(); chunk != null; chunk = response.read()) {
              length += chunk.length;
              assertThat(chunk.length).isLessThan(1_000_000); // never all of it at once
            }
            assertThat(length).isEqualTo(50_000_000);
          }
        });
  }

  @Test
  void aBodyMayBeLargerThanTheBoundWhileItIsCompressed() throws IOException {
    byte[] noise = new byte[1000];
    new Random(2).nextBytes(noise);
    byte[] body = encode("gzip", noise);
    assertThat(body.length).isGreaterThan(1000);
    with(
        "gzip",
        body,
        HttpClient.builder().maxBodyBytes(1000),
        (url, http) -> assertThat(http.get(url).bytes()).isEqualTo(noise));
  }

  @Test
  void aCompressedRequestBodyIsTheCallersBusiness() throws IOException {
    byte[] body = encode("gzip", TEXT);
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .route("POST", "/", request -> ServerResponse.bytes(request.bytes()))
                  .start("127.0.0.1", 0);
          var http = HttpClient.create()) {
        assertThat(
                http.request(
                        HttpRequest.post("http://127.0.0.1:" + server.port())
                            .header("Content-Encoding", "gzip")
                            .body(RequestBody.of(new ByteArrayInputStream(body), body.length)))
                    .bytes())
            .isEqualTo(body);
      }
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gzip, gzip",
        "identity, gzip",
        "gzip, identity",
        "deflate, gzip",
        "GZIP,deflate , identity",
        "gzip, gzip, gzip, gzip, gzip",
        "gzip\r\nContent-Encoding: deflate",
      })
  void severalCodingsAreUndoneTheLastOneFirst(String codings) throws IOException {
    byte[] body = TEXT;
    for (String coding : codings.replace("\r\nContent-Encoding:", ",").split(",")) {
      String name = coding.strip().toLowerCase(Locale.ROOT);
      body = name.equals("identity") ? body : encode(name, body);
    }
    with(
        codings,
        body,
        (url, http) -> {
          assertThat(http.get(url).bytes()).isEqualTo(TEXT);
          try (var response = http.stream(HttpRequest.get(url))) {
            assertThat(readSlowly(response)).isEqualTo(TEXT);
          }
        });
  }

  @Test
  void oneThatIsNotKnownLeavesTheBodyAsItIs() throws IOException {
    byte[] body = encode("gzip", TEXT);
    with("gzip, secret", body, (url, http) -> assertThat(http.get(url).bytes()).isEqualTo(body));
  }

  @Test
  void tooManyAreAnError() throws IOException {
    with(
        "gzip, gzip, gzip, gzip, gzip, gzip",
        encode("gzip", TEXT),
        (url, http) ->
            assertThatThrownBy(() -> http.get(url))
                .isInstanceOf(HttpException.ProtocolError.class)
                .hasMessageContaining("at most 5 codings"));
  }

  @Test
  void aTruncatedInnerCodingIsAnError() throws IOException {
    byte[] inner = encode("gzip", TEXT);
    with(
        "gzip, deflate",
        encode("deflate", Arrays.copyOf(inner, inner.length - 3)),
        (url, http) ->
            assertThatThrownBy(() -> http.get(url))
                .isInstanceOf(HttpException.ProtocolError.class)
                .hasMessageContaining("gzip"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0", "\0\0\0\0", "junk"})
  void whatIsBehindAnEndIsIgnored(String junk) throws IOException {
    for (String coding : new String[] {"gzip", "deflate"}) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      body.writeBytes(encode(coding, TEXT));
      body.writeBytes(junk.getBytes(StandardCharsets.US_ASCII));
      with(
          coding,
          body.toByteArray(),
          (url, http) -> assertThat(http.get(url).bytes()).isEqualTo(TEXT));
    }
  }

  @Test
  void aSecondMemberThatIsCutOffIsAnError() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(encode("gzip", TEXT));
    body.writeBytes(Arrays.copyOf(encode("gzip", TEXT), 30));
    with(
        "gzip",
        body.toByteArray(),
        (url, http) ->
            assertThatThrownBy(() -> http.get(url))
                .isInstanceOf(HttpException.ProtocolError.class));
  }
}
