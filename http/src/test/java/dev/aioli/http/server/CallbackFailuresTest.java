package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.http.WebSocketOptions;
import dev.aioli.http.client.Http2;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpException;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What fails in a callback on the loop's thread leaves nobody waiting, and no task behind. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class CallbackFailuresTest {
  private static final String HANDSHAKE =
      "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

  /** A response that cannot be made into bytes, which is found out on the loop's thread. */
  private static ServerResponse unsendable() {
    return ServerResponse.text("x")
        .with(dev.aioli.http.Headers.EMPTY, new ResponseBody.Bytes(null));
  }

  @Suspends
  private static HttpServer server() throws IOException {
    return HttpServer.builder()
        .webSocket("/ws", socket -> socket.send("hello"))
        .get(
            "/protocols",
            request ->
                ServerResponse.webSocket(
                    WebSocketOptions.DEFAULT.withProtocols("a", "b"),
                    socket -> socket.send("hello")))
        .get("/unsendable", request -> unsendable())
        .get("/ok", request -> ServerResponse.text("ok"))
        .start("127.0.0.1", 0);
  }

  private static List<Throwable> reports() {
    List<Throwable> reported = new ArrayList<>();
    Asyncio.getRunningLoop()
        .setExceptionHandler((loop, context) -> reported.add(context.exception()));
    return reported;
  }

  private static void awaitNothingLeft(HttpServer server) {
    while (server.connections() > 0 || Asyncio.allTasks().size() > 1) {
      Asyncio.sleep(Duration.ofMillis(1));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Upgrade: foo, websocket\r\n",
        "Upgrade: foo\r\nUpgrade: WebSocket\r\n",
        "Upgrade: websocket\r\nConnection: close\r\n",
        "Upgrade: websocket\r\nSec-WebSocket-Extensions: ;;\r\n",
        "Upgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=x\r\n"
      })
  void aHandshakeThatTheCheckLetsThroughIsPerformed(String fields) {
    Asyncio.run(() -> {
      try (var server = server()) {
        try (var client = RawClient.connect(server)) {
          client.send(HANDSHAKE + fields + "\r\n");
          assertThat(client.readUntil("\r\n\r\n"))
              .startsWith("HTTP/1.1 101 ")
              .doesNotContainIgnoringCase("sec-websocket-extensions");
          client.readUntil("hello");
        }
        awaitNothingLeft(server);
      }
    });
  }

  @Test
  void subprotocolsInSeveralFieldsAreOneList() {
    Asyncio.run(() -> {
      try (var server = server();
          var client = RawClient.connect(server)) {
        client.send(
            HANDSHAKE.replace("/ws", "/protocols")
                + "Upgrade: websocket\r\nSec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: b\r\n\r\n");
        assertThat(client.readUntil("\r\n\r\n")).containsIgnoringCase("sec-websocket-protocol: b");
      }
    });
  }

  @Test
  void anAnswerThatCannotBeSentEndsTheConnection() {
    Asyncio.run(() -> {
      List<Throwable> reported = reports();
      try (var server = server()) {
        assertThat(RawClient.talk(server, "GET /unsendable HTTP/1.1\r\nHost: x\r\n\r\n")).isEmpty();
        awaitNothingLeft(server);
        assertThat(reported).singleElement().isInstanceOf(NullPointerException.class);
      }
    });
  }

  @Test
  void anAnswerThatCannotBeSentEndsItsStreamAndNoOther() {
    Asyncio.run(() -> {
      List<Throwable> reported = reports();
      try (var server = server();
          var http = HttpClient.builder().http2(Http2.PRIOR_KNOWLEDGE).build()) {
        assertThat(http.get(server.url() + "/ok").text()).isEqualTo("ok");
        assertThatThrownBy(() -> http.get(server.url() + "/unsendable"))
            .isInstanceOf(HttpException.class)
            .hasMessageContaining("INTERNAL_ERROR");
        assertThat(http.get(server.url() + "/ok").text()).isEqualTo("ok");
        assertThat(http.statistics().idle() + http.statistics().active()).isEqualTo(1);
        assertThat(reported).singleElement().isInstanceOf(NullPointerException.class);
      }
    });
  }
}
