package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that expect TLS and are spoken to in plain text. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class TlsAlertTest {
  private static final String ALERT = "\u0015\u0003\u0003\0\2\2\u0046";

  private static ScriptedServer server() throws Exception {
    return ScriptedServer.start((number, client) -> {
      client.in().read();
      client.send(ALERT.substring(0, 1));
      // So that the rest comes in a packet of its own; if it does not, the test sees less.
      LockSupport.parkNanos(50_000_000);
      client.send(ALERT.substring(1));
      client.awaitEnd();
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://nowhere.invalid", "https://nowhere.invalid"})
  void proxiesSayWhatToUse(String url) {
    Asyncio.run(() -> {
      try (var proxy = server();
          var http = HttpClient.builder().proxy(proxy.url()).build()) {
        assertThatThrownBy(() -> http.get(url))
            .isInstanceOf(HttpException.class)
            .hasMessageContaining("speaks TLS; use https:// for the proxy");
      }
    });
  }

  @Test
  void webSocketsSayWhatToUse() {
    Asyncio.run(() -> {
      try (var server = server();
          var http = HttpClient.create()) {
        String url = "ws://127.0.0.1:" + server.port() + "/";
        assertThatThrownBy(() -> http.webSocket(url))
            .isInstanceOf(HttpException.ProtocolError.class)
            .hasMessageContaining("a WebSocket of " + url + ", it speaks TLS; use wss://");
        assertThatThrownBy(() -> WebSocketClient.create().connect(url))
            .isInstanceOf(HttpException.ProtocolError.class)
            .hasMessageContaining("speaks TLS; use wss://");
      }
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"OFF", "NEGOTIATE", "PRIOR_KNOWLEDGE"})
  void requestsSayWhatToUse(Http2 version) {
    Asyncio.run(() -> {
      try (var server = server();
          var http = HttpClient.builder().http2(version).build()) {
        assertThatThrownBy(() -> http.get(server.url()))
            .isInstanceOf(HttpException.ProtocolError.class)
            .hasMessageContaining(server.url() + " speaks TLS; use https://");
        assertThat(http.statistics().active()).isZero();
      }
    });
  }
}
