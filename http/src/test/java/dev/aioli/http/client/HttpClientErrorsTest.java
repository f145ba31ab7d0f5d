package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.Task;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class HttpClientErrorsTest {
  /** The error for what a server answers; afterwards the same client must still work. */
  private static AbstractThrowableAssert<?, ?> whenAnswered(String response) {
    AbstractThrowableAssert<?, ?>[] result = new AbstractThrowableAssert<?, ?>[1];
    Asyncio.run(() -> {
      try (var server = ScriptedServer.answering(response);
          var good = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          var http = HttpClient.builder().limit(1).maxBodyBytes(1000).build()) {
        result[0] =
            assertThatThrownBy(() -> http.get(server.url() + "/x"))
                .hasMessageContaining(server.url() + "/x");
        assertThat(http.get(good.url()).text()).isEqualTo("ok");
      }
    });
    return result[0];
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "/get",
        "ftp://host/",
        "http://",
        "http:///get",
        "http://a b/",
        "http://host:0/",
        "http://host:99999/",
        "http://host:x/",
        "mailto:someone",
        "http://[::1/",
        "localhost:8080/x",
        "127.0.0.1:7001/x",
        "http://[::1%]/",
        "http://[fe80::1%a b]/",
        "http://[1:2]/",
        "http://h:+80/",
        "http://h:\u0661/",
        "http://%FF/",
        "http://stra\u00dfe.invalid/",
        "http://h/\ud800",
        "http://h/?\udc00x"
      })
  void badUrl(String url) {
    Asyncio.run(() -> {
      try (var http = HttpClient.create()) {
        assertThatThrownBy(() -> http.get(url))
            .isInstanceOf(HttpException.InvalidUrl.class)
            .hasMessageContaining("expected")
            .hasMessageContaining("'" + url + "'");
      }
    });
  }

  @Test
  void unknownHost() {
    Asyncio.run(() -> {
      try (var http = HttpClient.create()) {
        assertThatThrownBy(() -> http.get("http://nowhere.invalid/x"))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("unknown host 'nowhere.invalid'");
      }
    });
  }

  @Test
  void refusedConnection() throws Exception {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Asyncio.run(() -> {
      try (var http = HttpClient.create()) {
        assertThatThrownBy(() -> http.get("http://127.0.0.1:" + port))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("refused")
            .hasMessageContaining("http://127.0.0.1:" + port);
      }
    });
  }

  @Test
  void connectTimeout() {
    Asyncio.run(() -> {
      // It accepts and says nothing, so TLS is never established.
      try (var server = ScriptedServer.start((number, client) -> client.awaitEnd());
          var http = HttpClient.builder().connectTimeout(Duration.ofMillis(50)).build()) {
        assertThatThrownBy(() -> http.get("https://127.0.0.1:" + server.port()))
            .isInstanceOf(HttpException.TimedOut.class)
            .hasMessageContaining("connection to https://127.0.0.1:" + server.port())
            .hasMessageContaining("PT0.05S");
      }
    });
  }

  @Test
  void totalTimeoutWhileTheServerIsSilent() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.start((number, client) -> client.awaitEnd());
          var http = HttpClient.builder().timeout(Duration.ofMillis(50)).build()) {
        assertThatThrownBy(() -> http.get(server.url() + "/x"))
            .isInstanceOf(HttpException.TimedOut.class)
            .hasMessageContaining("PT0.05S: GET " + server.url() + "/x");
        assertThat(http.statistics().active()).isLessThanOrEqualTo(1);
      }
    });
  }

  @Test
  void totalTimeoutWhileWaitingInLine() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.start((number, client) -> client.awaitEnd());
          var http = HttpClient.builder().limit(1).timeout(Duration.ofMillis(100)).build()) {
        Task<HttpResponse> first = Asyncio.createTask(() -> http.get(server.url()));
        Asyncio.sleep(Duration.ofMillis(50));
        Task<HttpResponse> second = Asyncio.createTask(() -> http.get(server.url()));
        first.cancel();
        assertThatThrownBy(second::await).isInstanceOf(HttpException.TimedOut.class);
        assertThat(http.statistics().waiting()).isZero();
      }
    });
  }

  @Test
  void truncatedBody() {
    whenAnswered("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        .isInstanceOf(HttpException.Disconnected.class)
        .hasMessageContaining("expected 10 bytes")
        .hasMessageContaining("after 3 bytes");
  }

  @Test
  void truncatedChunkedBody() {
    whenAnswered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\nde")
        .isInstanceOf(HttpException.Disconnected.class)
        .hasMessageContaining("expected a body with an end");
  }

  @Test
  void truncatedHead() {
    whenAnswered("HTTP/1.1 200 OK\r\nContent-Le").isInstanceOf(HttpException.class);
  }

  @Test
  void noAnswer() {
    whenAnswered("")
        .isInstanceOf(HttpException.Disconnected.class)
        .hasMessageContaining("closed the connection");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 two hundred\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3x\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
        "HTTP/1.1 200 OK\rContent-Length: 2\r\n\r\nok",
        "HTTP/9.9.9 200 OK\r\n\r\n",
      })
  void garbage(String response) {
    whenAnswered(response).isInstanceOf(HttpException.ProtocolError.class);
  }

  @Test
  void headTooLarge() {
    whenAnswered("HTTP/1.1 200 OK\r\nX: " + "a".repeat(100_000) + "\r\n\r\n")
        .isInstanceOf(HttpException.ProtocolError.class)
        .hasMessageContaining("65536");
  }

  @Test
  void announcedBodyTooLarge() {
    whenAnswered("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")
        .isInstanceOf(HttpException.BodyTooLarge.class)
        .hasMessageContaining("at most 1000 bytes, 1001 bytes are announced");
  }

  @Test
  void unannouncedBodyTooLarge() {
    whenAnswered("HTTP/1.1 200 OK\r\n\r\n" + "a".repeat(1001))
        .isInstanceOf(HttpException.BodyTooLarge.class)
        .hasMessageContaining("at most 1000 bytes");
  }

  @Test
  void badMethod() {
    Asyncio.run(() -> {
      try (var http = HttpClient.builder().limit(1).build();
          var server = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
        assertThatThrownBy(() -> http.request(HttpRequest.of("GET /\r\nX", server.url())))
            .isInstanceOf(IllegalArgumentException.class);
        assertThat(http.get(server.url()).status()).isEqualTo(200);
      }
    });
  }

  @Test
  void headCutOff() {
    whenAnswered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Cut")
        .isInstanceOf(HttpException.Disconnected.class)
        .hasMessageContaining("closed the connection");
    whenAnswered("HTTP/1.")
        .isInstanceOf(HttpException.Disconnected.class)
        .hasMessageContaining("closed the connection");
  }

  @Test
  void statusLineTooLong() {
    whenAnswered("HTTP/1.1 200 " + "O".repeat(100_000) + "\r\n\r\n")
        .isInstanceOf(HttpException.ProtocolError.class)
        .hasMessageContaining("65536");
  }

  @Test
  void onlyInformationalResponses() {
    whenAnswered("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n")
        .isInstanceOf(HttpException.Disconnected.class);
  }

  /** Whoever sends more than was asked for may not answer the next request with it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more",
        "HTTP/1.1 204 No Content\r\n\r\nbody",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
      })
  void bytesBehindTheResponseAreNobodysAnswer(String response) {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send(
                    number == 0 ? response : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew");
                client.awaitEnd();
              });
          var http = HttpClient.builder().limit(1).build()) {
        assertThat(http.get(server.url()).status()).isBetween(200, 304);
        assertThat(http.get(server.url()).text()).isEqualTo("new");
        assertThat(server.connections()).isEqualTo(2);
      }
    });
  }

  @Test
  void aHeadIsAnsweredWithoutBody() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                while (!client.readHead().isEmpty()) {
                  client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                }
              });
          var http = HttpClient.builder().maxBodyBytes(10).build()) {
        assertThat(http.request(HttpRequest.head(server.url())).bytes()).isEmpty();
        assertThat(http.request(HttpRequest.head(server.url())).bytes()).isEmpty();
        assertThat(server.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void aServerThatShutsItsOutputIsDone() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
                client.endOutput();
                client.awaitEnd();
              });
          var http = HttpClient.create()) {
        assertThat(http.get(server.url()).text()).isEqualTo("until the end");
        assertThat(http.statistics().idle()).isZero();
      }
    });
  }
}
