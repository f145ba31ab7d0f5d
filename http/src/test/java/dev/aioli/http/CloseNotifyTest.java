package dev.aioli.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.client.Http2;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpClientBuilder;
import dev.aioli.http.client.HttpException;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.HttpServerBuilder;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.EndlessHandler;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.sync.Event;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The peer says in TLS that it sends no more, and leaves TCP open until it is answered: as servers
 * on Python's asyncio do, for half a minute.
 */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class CloseNotifyTest {
  @TempDir private static Path temp;
  private static KeyStore keys;

  /**
   * Frames of HTTP/2: empty SETTINGS, and an answer to the first stream (Netty leaves out 1) with
   * status 200.
   */
  private static final String SETTINGS = "\0\0\0\4\0\0\0\0\0";

  private static final String ANSWER = "\0\0\1\1\5\0\0\0\3\u0088";

  private final CountDownLatch closed = new CountDownLatch(1);

  @BeforeAll
  static void makeKeys() throws Exception {
    keys = Certificates.selfSigned(temp, "localhost");
  }

  private static ScriptedServer start(ScriptedServer.Script script, String... protocols)
      throws Exception {
    return ScriptedServer.startTls(Certificates.serverContext(keys), script, protocols);
  }

  private static HttpClientBuilder client() throws Exception {
    return HttpClient.builder().sslContext(Certificates.trusting(keys));
  }

  /** Says that no more is sent, and waits until the client closes. */
  private void end(ScriptedServer.Peer client) throws IOException {
    client.endOutput();
    client.awaitEnd();
    closed.countDown();
  }

  private void awaitClosed() {
    Asyncio.toThread(() -> {
      closed.await();
      return true;
    });
  }

  // ---- the client's side

  @Test
  void aBodyWithoutLengthEndsWithIt() {
    Asyncio.run(() -> {
      try (var server =
              start((number, client) -> {
                client.readHead();
                client.send("HTTP/1.1 200 OK\r\n\r\nhello");
                end(client);
              });
          var http = client().build()) {
        assertThat(http.get(server.url()).text()).isEqualTo("hello");
        try (var response = http.stream(HttpRequest.get(server.url()))) {
          assertThat(response.readAll().text()).isEqualTo("hello");
        }
      }
    });
  }

  @Test
  void aBodyWithALengthIsCutOffByIt() {
    Asyncio.run(() -> {
      try (var server =
              start((number, client) -> {
                client.readHead();
                client.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                end(client);
              });
          var http = client().build()) {
        assertThatThrownBy(() -> http.get(server.url()))
            .isInstanceOf(HttpException.Disconnected.class)
            .hasMessageContaining("expected 10 bytes")
            .hasMessageContaining("after 5 bytes");
      }
    });
  }

  @Test
  void anIdleConnectionIsNotUsedAfterIt() {
    Asyncio.run(() -> {
      try (var server =
              start((number, client) -> {
                client.readHead();
                client.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + number);
                end(client);
              });
          var http = client().build()) {
        assertThat(http.get(server.url()).text()).isEqualTo("0");
        awaitClosed();
        assertThat(http.statistics().idle()).isZero();
        assertThat(http.request(HttpRequest.post(server.url())).text()).isEqualTo("1");
      }
    });
  }

  @Test
  void anHttp2ConnectionIsNotUsedAfterIt() {
    Asyncio.run(() -> {
      try (var server =
              start(
                  (number, client) -> {
                    client.send(SETTINGS);
                    awaitHttp2Request(client);
                    client.send(ANSWER);
                    end(client);
                  },
                  "h2");
          var http = client().http2(Http2.NEGOTIATE).build()) {
        assertThat(http.get(server.url()).version()).isEqualTo("HTTP/2");
        awaitClosed();
        assertThat(http.statistics().idle()).isZero();
        assertThat(http.request(HttpRequest.post(server.url())).status()).isEqualTo(200);
        assertThat(server.connections()).isEqualTo(2);
      }
    });
  }

  @Test
  void anExchangeOverHttp2EndsWithIt() {
    Asyncio.run(() -> {
      try (var server =
              start(
                  (number, client) -> {
                    client.send(SETTINGS);
                    awaitHttp2Request(client);
                    end(client);
                  },
                  "h2");
          var http = client().http2(Http2.NEGOTIATE).build()) {
        assertThatThrownBy(() -> http.request(HttpRequest.post(server.url())))
            .isInstanceOf(HttpException.Disconnected.class);
      }
    });
  }

  private static void awaitHttp2Request(ScriptedServer.Peer client) throws IOException {
    client.in().readNBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length());
    int type;
    do {
      byte[] head = client.in().readNBytes(9);
      type = head[3];
      client.in().readNBytes(((head[1] & 0xff) << 8) | (head[2] & 0xff));
    } while (type != 1); // HEADERS
  }

  @Test
  void aWebSocketEndsWithIt() {
    Asyncio.run(() -> {
      try (var server =
              start((number, client) -> {
                client.send(accepting(client.readHead()) + "\u0081\u0002hi");
                end(client);
              });
          var http = client().build();
          var socket = http.webSocket(server.url().replace("https", "wss"))) {
        assertThat(socket.receiveText()).isEqualTo("hi");
        assertThat(socket.receive()).isNull();
        assertThat(socket.closeCode()).isEqualTo(WebSocket.ABNORMAL);
      }
    });
  }

  private static String accepting(String head) {
    var key = Pattern.compile("(?i)sec-websocket-key: (.*)\r\n").matcher(head);
    assertThat(key.find()).isTrue();
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest(
                  (key.group(1) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                      .getBytes(StandardCharsets.US_ASCII));
      return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
          + "Sec-WebSocket-Accept: "
          + Base64.getEncoder().encodeToString(hash)
          + "\r\n\r\n";
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  // ---- the server's side

  private static HttpServer start(HttpServerBuilder routes) throws Exception {
    return routes.sslContext(Certificates.serverContext(keys)).start("127.0.0.1", 0);
  }

  private static RawClient connect(HttpServer server, String... protocols) throws Exception {
    return RawClient.connectTls(server, Certificates.trusting(keys), protocols);
  }

  @Test
  void aClientThatSendsItHasGoneAway() {
    Asyncio.run(() -> {
      EndlessHandler endless = new EndlessHandler();
      try (var server = start(HttpServer.builder().get("/", endless));
          var client = connect(server);
          var silent = connect(server)) {
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        endless.awaitRequest();
        client.shutdownOutput();
        silent.shutdownOutput();
        endless.awaitCancelled();
        assertThat(client.readAll()).isEmpty();
        assertThat(silent.readAll()).isEmpty();
      }
    });
  }

  @Test
  void anAnswerThatWasSentBeforeArrives() {
    Asyncio.run(() -> {
      try (var server = start(HttpServer.builder().get("/", request -> ServerResponse.text("ok")));
          var client = connect(server)) {
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        String first = client.readUntil("\r\n");
        client.shutdownOutput();
        assertThat(first + client.readAll()).startsWith("HTTP/1.1 200 ").endsWith("ok");
      }
    });
  }

  @Test
  void aClientThatMayHalfCloseIsAnswered() {
    Asyncio.run(() -> {
      Event goOn = new Event();
      try (var server =
              start(
                  HttpServer.builder()
                      .halfClose(true)
                      .get(
                          "/",
                          request -> {
                            goOn.await();
                            return ServerResponse.text("ok");
                          })
                      .post("/", request -> ServerResponse.bytes(request.bytes())));
          var client = connect(server);
          var cut = connect(server)) {
        client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        client.shutdownOutput();
        cut.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
        cut.shutdownOutput();
        assertThat(cut.readAll()).startsWith("HTTP/1.1 400 ").contains("4 of 10 bytes");
        goOn.set();
        assertThat(client.readAll()).startsWith("HTTP/1.1 200 ").endsWith("ok");
      }
    });
  }

  @Test
  void anHttp2ClientThatSendsItHasGoneAway() {
    Asyncio.run(() -> {
      for (boolean halfClose : new boolean[] {false, true}) {
        try (var server =
                start(
                    HttpServer.builder()
                        .halfClose(halfClose)
                        .idleTimeout(Duration.ofHours(1))
                        .headerTimeout(Duration.ofHours(1)));
            var client = connect(server, "h2")) {
          client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS);
          assertThat(client.readBytes(4)[3]).isEqualTo((byte) 4); // its SETTINGS
          client.shutdownOutput();
          client.readAll();
          awaitNoConnection(server);
        }
      }
    });
  }

  private static void awaitNoConnection(HttpServer server) {
    while (server.connections() > 0) {
      Asyncio.sleep(Duration.ofMillis(1));
    }
  }

  @Test
  void aWebSocketOfTheServerEndsWithIt() {
    Asyncio.run(() -> {
      Event ended = new Event();
      try (var server =
              start(
                  HttpServer.builder()
                      .webSocket(
                          "/",
                          socket -> {
                            while (socket.receive() != null) {
                              // until the end
                            }
                            ended.set();
                          }));
          var client = connect(server)) {
        client.send(
            "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
        client.readUntil("\r\n\r\n");
        client.shutdownOutput();
        ended.await();
        assertThat(client.readAll()).isEmpty();
      }
    });
  }
}
