package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.Headers;
import dev.aioli.http.WebSocket;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.HttpServerBuilder;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.server.SetCookie;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.http.testing.TunnelProxy;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A client's WebSockets have what its requests have. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class WebSocketSettingsTest {
  private final List<Headers> seen = new ArrayList<>();

  private HttpServerBuilder server() {
    return HttpServer.builder()
        .get(
            "/ws",
            request -> {
              seen.add(request.headers());
              return ServerResponse.webSocket(WebSocketSettingsTest::echo)
                  .cookie(SetCookie.of("fromAnswer", "1"));
            })
        .get(
            "/refused",
            request -> ServerResponse.text(403, "no").cookie(SetCookie.of("fromRefusal", "2")))
        .get("/moved", request -> ServerResponse.status(302).header("Location", "/ws"))
        .get(
            "/cookies",
            request -> ServerResponse.text(String.valueOf(request.headers().get("cookie"))));
  }

  private static void echo(WebSocket socket) {
    for (String text = socket.receiveText(); text != null; text = socket.receiveText()) {
      socket.send(text);
    }
  }

  private static void assertTalks(WebSocket opened) {
    try (WebSocket socket = opened) {
      socket.send("hello");
      assertThat(socket.receiveText()).isEqualTo("hello");
    }
  }

  private static String ws(HttpServer server, String path) {
    return "ws://127.0.0.1:" + server.port() + path;
  }

  @Test
  void sendsTheHeadersOfTheClient() {
    Asyncio.run(() -> {
      try (var server = server().start("127.0.0.1", 0);
          var plain = HttpClient.create();
          var http =
              HttpClient.builder()
                  .userAgent("me/1")
                  .header("X-Own", "a")
                  .header("X-Own", "b")
                  .header("Content-Length", "7")
                  .header("Authorization", "Bearer t")
                  .header("Cookie", "own=1")
                  .build()) {
        assertTalks(plain.webSocket(ws(server, "/ws")));
        Headers byDefault = seen.removeFirst();
        assertThat(byDefault.get("user-agent")).isEqualTo("aioli");
        assertThat(byDefault.get("host")).isEqualTo("127.0.0.1:" + server.port());
        assertThat(byDefault.contains("origin")).isFalse(); // that is for browsers
        assertThat(byDefault.contains("accept-encoding")).isFalse();
        assertThat(byDefault.contains("sec-websocket-extensions")).isFalse();

        assertTalks(http.webSocket("ws://u:p@127.0.0.1:" + server.port() + "/ws"));
        Headers own = seen.removeFirst();
        assertThat(own.getAll("user-agent")).containsExactly("me/1");
        assertThat(own.getAll("x-own")).containsExactly("a", "b");
        assertThat(own.getAll("authorization")).containsExactly("Bearer t");
        assertThat(own.getAll("cookie")).containsExactly("own=1");
        assertThat(own.contains("content-length")).isFalse();

        assertTalks(plain.webSocket("ws://u:p%20w@127.0.0.1:" + server.port() + "/ws"));
        assertThat(seen.removeFirst().getAll("authorization")).containsExactly("Basic dTpwIHc=");
      }
    });
  }

  @Test
  void sendsAndStoresCookies() {
    Asyncio.run(() -> {
      try (var server = server().start("127.0.0.1", 0);
          var none = HttpClient.builder().cookies(false).build();
          var http = HttpClient.builder().header("Cookie", "own=1").build()) {
        http.cookies().put(server.url(), "stored", "3");
        http.cookies().put("http://other.invalid", "foreign", "4");
        assertTalks(http.webSocket(ws(server, "/ws")));
        assertThat(seen.removeFirst().getAll("cookie")).containsExactly("own=1; stored=3");
        assertThat(http.cookies().get(server.url())).containsExactly("stored=3", "fromAnswer=1");
        assertThatThrownBy(() -> http.webSocket(ws(server, "/refused")))
            .isInstanceOf(HttpException.ProtocolError.class)
            .hasMessageContaining("403")
            .hasMessageContaining(ws(server, "/refused"));
        assertThat(http.get(server.url() + "/cookies").text())
            .isEqualTo("own=1; stored=3; fromAnswer=1; fromRefusal=2");

        assertTalks(none.webSocket(ws(server, "/ws")));
        assertTalks(none.webSocket(ws(server, "/ws")));
        assertThat(seen).allMatch(headers -> !headers.contains("cookie"));
      }
    });
  }

  @Test
  void goesThroughATunnelOfTheProxy() {
    Asyncio.run(() -> {
      try (var server = server().start("127.0.0.1", 0);
          var proxy = TunnelProxy.demanding("bWU6cHc=");
          var http =
              HttpClient.builder()
                  .proxy("http://me:pw@127.0.0.1:" + proxy.port())
                  .noProxy("127.0.0.1")
                  .build()) {
        assertTalks(http.webSocket("ws://nowhere.invalid:" + server.port() + "/ws"));
        assertThat(proxy.heads())
            .singleElement()
            .asString()
            .startsWith("CONNECT nowhere.invalid:" + server.port() + " HTTP/1.1\r\n");
        Headers headers = seen.removeFirst();
        assertThat(headers.get("host")).isEqualTo("nowhere.invalid:" + server.port());
        assertThat(headers.contains("proxy-authorization")).isFalse(); // not the server's business
        assertTalks(http.webSocket(ws(server, "/ws")));
        assertThat(proxy.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void tlsGoesThroughATunnelOfTheProxy(@TempDir Path folder) throws Exception {
    KeyStore keys = Certificates.selfSigned(folder, "localhost");
    Asyncio.run(() -> {
      try (var server =
              server().sslContext(Certificates.serverContext(keys)).start("127.0.0.1", 0);
          var proxy = TunnelProxy.demanding("bWU6cHc=");
          var http =
              HttpClient.builder()
                  .proxy("http://me:pw@127.0.0.1:" + proxy.port())
                  .sslContext(Certificates.trusting(keys))
                  .build();
          var stranger =
              HttpClient.builder()
                  .proxy("http://127.0.0.1:" + proxy.port())
                  .sslContext(Certificates.trusting(keys))
                  .build()) {
        String url = "wss://localhost:" + server.port() + "/ws";
        assertTalks(http.webSocket(url));
        assertThat(proxy.heads().getFirst()).startsWith("CONNECT localhost:" + server.port());
        // The name is checked against the server's certificate, not the proxy's.
        assertThatThrownBy(() -> http.webSocket("wss://127.0.0.1:" + server.port() + "/ws"))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("TLS");
        assertThatThrownBy(() -> stranger.webSocket(url))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("407")
            .hasMessageContaining(url + " through http://127.0.0.1:" + proxy.port());
      }
    });
  }

  @Test
  void trustsWhomTheClientTrusts(@TempDir Path folder) throws Exception {
    KeyStore keys = Certificates.selfSigned(folder, "localhost");
    Asyncio.run(() -> {
      try (var server =
              server().sslContext(Certificates.serverContext(keys)).start("127.0.0.1", 0);
          var plain = HttpClient.create();
          var insecure = HttpClient.builder().insecure().http2(Http2.NEGOTIATE).build();
          var http = HttpClient.builder().sslContext(Certificates.trusting(keys)).build()) {
        String url = "wss://localhost:" + server.port() + "/ws";
        assertTalks(http.webSocket(url));
        assertTalks(insecure.webSocket("wss://127.0.0.1:" + server.port() + "/ws"));
        assertThatThrownBy(() -> plain.webSocket(url))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("TLS");
      }
    });
  }

  @Test
  void connectingHasTheTimeLimitOfTheClient() {
    Asyncio.run(() -> {
      try (var silent = ScriptedServer.start((number, client) -> client.awaitEnd());
          var http = HttpClient.builder().connectTimeout(Duration.ofMillis(50)).build();
          var behind =
              HttpClient.builder()
                  .connectTimeout(Duration.ofMillis(50))
                  .proxy("http://127.0.0.1:" + silent.port())
                  .build()) {
        for (HttpClient client : List.of(http, behind)) {
          for (String scheme : List.of("ws", "wss")) {
            assertThatThrownBy(() -> client.webSocket(scheme + "://127.0.0.1:" + silent.port()))
                .isInstanceOfSatisfying(
                    HttpException.TimedOut.class,
                    e -> assertThat(e.limit()).isEqualTo(HttpException.TimedOut.Limit.CONNECT))
                .hasMessageContaining(scheme + "://127.0.0.1:" + silent.port());
          }
        }
      }
    });
  }

  @Test
  void aHeadThatIsTooLargeIsRefused() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.answering(
                  "HTTP/1.1 101 Switching Protocols\r\nX: " + "a".repeat(2000) + "\r\n\r\n");
          var http = HttpClient.builder().maxHeaderBytes(1000).build()) {
        assertThatThrownBy(() -> http.webSocket("ws://127.0.0.1:" + server.port()))
            .isInstanceOf(HttpException.class)
            .hasMessageContaining("1000");
      }
    });
  }

  @Test
  void theUrlMayBeRelativeToTheBase() {
    Asyncio.run(() -> {
      try (var server = server().start("127.0.0.1", 0);
          var http = HttpClient.builder().baseUrl(server.url() + "/a/").build();
          var plain = HttpClient.create()) {
        assertTalks(http.webSocket("../ws"));
        assertTalks(http.webSocket(ws(server, "/ws")));
        assertThatThrownBy(() -> plain.webSocket("/ws"))
            .isInstanceOf(HttpException.InvalidUrl.class)
            .hasMessageContaining("ws://");
      }
    });
  }

  @Test
  void redirectsAreNotFollowed() {
    Asyncio.run(() -> {
      try (var server = server().start("127.0.0.1", 0);
          var http = HttpClient.create()) {
        assertThatThrownBy(() -> http.webSocket(ws(server, "/moved")))
            .isInstanceOf(HttpException.ProtocolError.class)
            .hasMessageContaining("302");
        assertThat(seen).isEmpty();
      }
    });
  }

  @Test
  void aClosedClientConnectsNoMore() {
    Asyncio.run(() -> {
      try (var server = server().start("127.0.0.1", 0)) {
        var http = HttpClient.create();
        try (var socket = http.webSocket(ws(server, "/ws"))) {
          http.close();
          socket.send("still there");
          assertThat(socket.receiveText()).isEqualTo("still there");
        }
        assertThatThrownBy(() -> http.webSocket(ws(server, "/ws")))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("closed");
      }
    });
  }
}
