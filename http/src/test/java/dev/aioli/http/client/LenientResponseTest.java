package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses that are not quite HTTP, and what may come after them. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class LenientResponseTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n";

  /** Answers each request on a connection with the same, whole or byte for byte. */
  private static ScriptedServer answering(String response, boolean slowly) throws IOException {
    return ScriptedServer.start((number, client) -> {
      client.socket().setTcpNoDelay(true);
      while (!client.readHead().isEmpty()) {
        if (!slowly) {
          client.send(response);
          continue;
        }
        for (byte next : response.getBytes(StandardCharsets.ISO_8859_1)) {
          client.out().write(next);
          client.out().flush();
        }
      }
    });
  }

  private static void readTwice(String response, int connections) {
    Asyncio.run(() -> {
      for (boolean slowly : new boolean[] {false, true}) {
        try (var server = answering(response, slowly);
            var http = HttpClient.create()) {
          assertThat(http.get(server.url()).text()).isEqualTo("ok");
          assertThat(http.get(server.url()).text()).isEqualTo("ok");
          assertThat(server.connections()).isEqualTo(connections);
        }
      }
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\nX: y\r\n\r\nok",
        OK + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        OK + "Content-Length: 2, 2\r\n\r\nok",
        OK + "Content-Length: 20\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        OK + ": x\r\nContent-Length: 2\r\n\r\nok",
        OK + "X: a\u0007b\r\nContent-Length: 2\r\n\r\nok",
        OK + "X: a\rb\0\r\nContent-Length: 2\r\n\r\nok",
        CHUNKED + "2 \r\nok\r\n0\r\n\r\n",
        CHUNKED + "0002  \r\nok\r\n0   \r\n\r\n",
        CHUNKED + "1\no\n1\nk\n0\n\n",
        CHUNKED + "2\r\nok\r\n0\r\n: x\r\nY: \u0007\r\n\r\n",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "2\r\nok\r\n0\r\n\r\n",
      })
  void whatOthersCouldReadInAnotherWayIsReadAndItsConnectionNotUsedAgain(String response) {
    readTwice(response, 2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        OK + "X: a\tb \u00fc\r\nContent-Length: 2\r\n\r\nok",
        OK + "Content-Length: 02\r\n\r\nok",
        CHUNKED + "1;a=b\r\no\r\n01 ; c=\"d;e\"\r\nk\r\n0\r\nX: y\r\n\r\n",
        CHUNKED + "2\r\nok\r\n000\r\n\r\n",
      })
  void whatIsPlainLeavesTheConnectionForTheNext(String response) {
    readTwice(response, 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        OK + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        OK + "Content-Length: 2, 3\r\n\r\nok",
        OK + "Content-Length: -2\r\n\r\nok",
        CHUNKED + "two\r\nok\r\n0\r\n\r\n",
        CHUNKED + "2 2\r\nok\r\n0\r\n\r\n",
        CHUNKED + "-2\r\nok\r\n0\r\n\r\n",
        CHUNKED + "ffffffff\r\nok\r\n0\r\n\r\n",
        CHUNKED + "2\r\nokay\r\n0\r\n\r\n",
      })
  void whatTellsNoEndIsRefused(String response) {
    Asyncio.run(() -> {
      try (var server = answering(response, false);
          var http = HttpClient.create()) {
        assertThatThrownBy(() -> http.get(server.url()))
            .isInstanceOf(HttpException.ProtocolError.class);
      }
    });
  }

  // ---- bodies that must not be

  /** What comes late would be taken for the answer to the next request. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nContent-Length: 4\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
      })
  void aConnectionIsNotUsedAfterABodyIsAnnouncedThatMustNotBe(String response) {
    twice(HttpRequest.get("http://x"), response, 2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n"
      })
  void itIsUsedIfTheLengthIsThatOfNothingOrOfAnotherResponse(String response) {
    twice(HttpRequest.get("http://x"), response, 1);
    twice(HttpRequest.head("http://x"), OK + "Content-Length: 4\r\n\r\n", 1);
  }

  private static void twice(HttpRequest request, String response, int connections) {
    Asyncio.run(() -> {
      try (var server = answering(response, false);
          var http = HttpClient.create()) {
        HttpRequest own = HttpRequest.of(request.method(), server.url());
        assertThat(http.request(own).bytes()).isEmpty();
        assertThat(http.request(own).bytes()).isEmpty();
        assertThat(server.connections()).isEqualTo(connections);
      }
    });
  }

  // ---- statuses

  @ParameterizedTest
  @ValueSource(strings = {"000", "0", "20", "99", "1000"})
  void aStatusThatCannotBeIsAnError(String status) {
    Asyncio.run(() -> {
      try (var server =
              answering("HTTP/1.1 " + status + " X\r\nContent-Length: 2\r\n\r\nok", false);
          var http = HttpClient.create()) {
        assertThatThrownBy(() -> http.get(server.url()))
            .isInstanceOf(HttpException.ProtocolError.class)
            .hasMessageContaining("status of three digits");
      }
    });
  }

  @Test
  void anotherProtocolIsAnErrorUnlessItWasAskedFor() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.answering(
                  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: own\r\nConnection: upgrade\r\n\r\n");
          var http = HttpClient.create()) {
        assertThatThrownBy(() -> http.get(server.url()))
            .isInstanceOf(HttpException.ProtocolError.class)
            .hasMessageContaining("was not asked for");
        HttpRequest asking =
            HttpRequest.get(server.url()).header("Upgrade", "own").header("Connection", "upgrade");
        assertThat(http.request(asking).status()).isEqualTo(101);
      }
    });
  }

  // ---- what is said of the end

  private static void failsWith(ScriptedServer.Script script, String... messages) {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.start(script);
          var http = HttpClient.create()) {
        assertThatThrownBy(() -> http.get(server.url())).hasMessageContainingAll(messages);
      }
    });
  }

  @Test
  void aResetIsToldFromAnEnd() {
    failsWith(
        (number, client) -> {
          client.readHead();
          client.socket().setSoLinger(true, 0);
        },
        "closed the connection (",
        "reset");
    failsWith(
        (number, client) -> {
          client.readHead();
          client.send(OK + "Content-Length: 9\r\n\r\nhalf");
          client.socket().setSoLinger(true, 0);
        },
        "closed the connection");
  }

  @Test
  void somethingWithoutALineIsToldFromNothing() {
    failsWith(
        (number, client) -> {
          client.readHead();
          client.send("hello");
        },
        "sent no whole line and closed the connection");
  }

  @Test
  void anAlertSaysThatTheServerSpeaksTls() {
    failsWith(
        (number, client) -> {
          client.readHead();
          client.send("\u0015\u0003\u0003\0\2\2\u0046");
        },
        "speaks TLS; use https://");
  }

  @Test
  void anAlertSaysSoHoweverItIsCutUp() {
    failsWith(
        (number, client) -> {
          client.socket().setTcpNoDelay(true);
          client.readHead();
          for (byte next : new byte[] {0x15, 3, 3, 0, 2, 2, 0x46}) {
            client.out().write(next);
            client.out().flush();
          }
        },
        "speaks TLS; use https://");
  }

  @Test
  void aControlCharacterBeforeAResponseIsNoAlert() {
    readTwice("\u0015" + OK + "Content-Length: 2\r\n\r\nok", 1);
  }
}
