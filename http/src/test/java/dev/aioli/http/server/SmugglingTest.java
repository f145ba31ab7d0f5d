package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a proxy in front of us may understand in another way is refused, and nothing after it. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class SmugglingTest {
  private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

  private final List<String> handled = new ArrayList<>();

  private String talk(String request) {
    return Asyncio.run(() -> {
      try (var server =
          HttpServer.builder()
              .route(
                  "*",
                  "/{path...}",
                  asked -> {
                    handled.add(asked.path());
                    return ServerResponse.text(asked.text());
                  })
              .start("127.0.0.1", 0)) {
        return RawClient.talk(server, request);
      }
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // two lengths
        "POST / HTTP/1.1\nHost: x\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n",
        "POST / HTTP/1.1\nHost: x\nContent-Length: 5\nContent-Length: 6\n\nhello!",
        "POST / HTTP/1.1\nHost: x\nContent-Length: 5\nContent-Length: 5\n\nhello",
        "POST / HTTP/1.1\nHost: x\nContent-Length: 5, 6\n\nhello!",
        // lengths that are none
        "POST / HTTP/1.1\nHost: x\nContent-Length: +5\n\nhello",
        "POST / HTTP/1.1\nHost: x\nContent-Length: -5\n\nhello",
        "POST / HTTP/1.1\nHost: x\nContent-Length: 0x5\n\nhello",
        "POST / HTTP/1.1\nHost: x\nContent-Length: 5 5\n\nhello",
        "POST / HTTP/1.1\nHost: x\nContent-Length: 99999999999999999999\n\nhello",
        // transfer codings
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: xchunked\n\n0\n\n",
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked, identity\n\n0\n\n",
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: gzip, chunked\n\n0\n\n",
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n0\n\n",
        "POST / HTTP/1.0\nHost: x\nTransfer-Encoding: chunked\n\n0\n\n",
        // the shape of the head
        "GET / HTTP/1.1\nHost: x\nX : y\n\n",
        "GET / HTTP/1.1\nHost: x\nX: a\n b\n\n",
        "GET / HTTP/1.1\nHost: x\n X: a\n\n",
        "GET / HTTP/1.1\nHost: x\n: y\n\n",
        "GET / HTTP/1.1\nHost: x\nnonsense\n\n",
        "GET / HTTP/1.1\nHost: x\nX: a\0b\n\n",
        "GET  / HTTP/1.1\nHost: x\n\n",
        "GET /a b HTTP/1.1\nHost: x\n\n",
        "G@T / HTTP/1.1\nHost: x\n\n",
        "GET / HTTP/1.1 \nHost: x\n\n",
        "GET / HTTX/1.1\nHost: x\n\n",
        "GET nothing HTTP/1.1\nHost: x\n\n",
        "GET /#a HTTP/1.1\nHost: x\n\n",
        "GET /% HTTP/1.1\nHost: x\n\n",
        "GET * HTTP/1.1\nHost: x\n\n",
        "GET / http/1.1\nHost: x\n\n",
        "GET / Http/1.1\nHost: x\n\n",
        "GET /HTTP/1.1 hTTP/1.1\nHost: x\n\n",
        // hosts
        "GET / HTTP/1.1\n\n",
        "GET / HTTP/1.1\nHost: x\nHost: y\n\n",
        "GET / HTTP/1.1\nHost: x/y\n\n",
        "GET / HTTP/1.1\nHost: x, y\n\n",
        "GET / HTTP/1.1\nHost: x:abc\n\n",
        "GET / HTTP/1.1\nHost: x:99999\n\n",
        "GET / HTTP/1.1\nHost: x:4294967376\n\n",
        "GET / HTTP/1.1\nHost: x:80:80\n\n",
        "GET / HTTP/1.1\nHost: x:-1\n\n",
        "GET / HTTP/1.1\nHost: :80\n\n",
        "GET / HTTP/1.1\nHost: [::1\n\n",
        "GET / HTTP/1.1\nHost: [::1]x\n\n",
        "GET / HTTP/1.1\nHost: [x]\n\n",
        "GET / HTTP/1.1\nHost: [fe80::1%25lo]\n\n",
        "GET / HTTP/1.1\nHost: ::1\n\n",
        "GET / HTTP/1.1\nHost: x%2\n\n",
        "GET / HTTP/1.1\nHost: x{y}\n\n",
        "GET / HTTP/1.1\nHost: user@x\n\n",
        "GET http://x:abc/ HTTP/1.1\nHost: x\n\n",
        "GET http://user@x/ HTTP/1.1\nHost: x\n\n",
        "GET http:///a HTTP/1.1\nHost: x\n\n",
        "GET http://x/ HTTP/1.1\nHost: x:abc\n\n",
        "GET http://x/ HTTP/1.1\n\n",
        "GET ftp://x/ HTTP/1.1\nHost: x\n\n",
        // chunks
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nnonsense\nhello\n0\n\n",
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n-5\nhello\n0\n\n",
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n5\nhelloX0\n\n",
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n0x5\nhello\n0\n\n",
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nfffffffff\nhello\n0\n\n",
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n 5\nhello\n0\n\n",
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n5\nhello\n 0\n\n",
        // the fields behind them
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n0\nX: a\n b\n\n",
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n5\nhello\n0\nX: a\n\tb\n\n",
        "POST / HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n0\n X: a\n\n",
      })
  void isAnsweredBy400AndTheEndOfTheConnection(String shape) {
    String answer = talk(shape.replace("\n", "\r\n") + SMUGGLED);
    assertThat(answer).startsWith("HTTP/1.1 400 ").containsIgnoringCase("connection: close");
    assertThat(answer.split("HTTP/1.1 \\d", -1)).hasSize(2); // nothing but the refusal
    assertThat(handled).doesNotContain("/smuggled");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
      })
  void bareLineEndsAreRefused(String shape) {
    String answer = talk(shape + SMUGGLED);
    assertThat(answer).startsWith("HTTP/1.1 400 ");
    assertThat(answer.split("HTTP/1.1 \\d", -1)).hasSize(2);
    assertThat(handled).doesNotContain("/smuggled");
  }

  @Test
  void theAbsoluteFormOfTheSameHostIsFine() {
    assertThat(talk("GET http://x/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 200 ");
    assertThat(handled).containsExactly("/a");
  }

  @Test
  void theHostInTheTargetIsTheOneThatCounts() {
    Asyncio.run(() -> {
      List<String> seen = new ArrayList<>();
      try (var server =
          HttpServer.builder()
              .get(
                  "/{path...}",
                  asked -> {
                    seen.add(
                        asked.headers().getAll("host") + " " + asked.url() + " " + asked.path());
                    return ServerResponse.text("ok");
                  })
              .start("127.0.0.1", 0)) {
        for (String target : List.of("http://x:80/a", "HTTP://other/a?b", "https://[::1]:8?q")) {
          String head = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
          assertThat(RawClient.talk(server, "GET " + target + head)).startsWith("HTTP/1.1 200 ");
        }
        assertThat(seen)
            .containsExactly(
                "[x:80] http://x:80/a /a",
                "[other] HTTP://other/a?b /a",
                "[[::1]:8] https://[::1]:8?q /");
      }
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "x:80",
        "x:",
        "x:0",
        "x:65535",
        "127.0.0.1:8080",
        "[::1]",
        "[::ffff:1.2.3.4]:80",
        "my_host",
        "xn--bcher-kva.example",
        "a.b.",
        "x%20y",
        ""
      })
  void aHostIsTakenAsItIs(String host) {
    String answer = talk("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void fieldsBehindChunksAreTakenAndTheNextRequestIsServed() {
    String chunks = "5\r\n a\r\n \r\n5;x=y\r\n\tabc\n\r\n0\r\nX: a\r\nY: b c\r\n\r\n";
    String next = "GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    String answer =
        talk("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + next);
    assertThat(answer).contains(" a\r\n \tabc\n").doesNotContain("HTTP/1.1 400");
    assertThat(handled).containsExactly("/", "/next");
  }

  @Test
  void theServerAsAWholeHasOptions() {
    assertThat(talk("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 204 ");
  }

  @Test
  void otherVersionsAreRefused() {
    assertThat(talk("GET / HTTP/3.0\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 505 ");
    assertThat(talk("CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n")).startsWith("HTTP/1.1 405 ");
  }
}
