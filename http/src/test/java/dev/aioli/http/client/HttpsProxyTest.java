package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.http.testing.TunnelProxy;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Proxies that are spoken to by TLS. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class HttpsProxyTest {
  @TempDir private Path temp;
  private KeyStore keys;
  private final List<String> heads = new CopyOnWriteArrayList<>();

  @BeforeEach
  void makeKeys() throws Exception {
    keys = Certificates.selfSigned(temp, "localhost");
  }

  private TunnelProxy tunnelProxy() throws Exception {
    return TunnelProxy.startTls(Certificates.serverContext(keys));
  }

  private HttpClientBuilder client(int proxyPort) throws Exception {
    return HttpClient.builder()
        .sslContext(Certificates.trusting(keys))
        .proxy("https://me:pw@localhost:" + proxyPort);
  }

  private HttpServer secureServer() throws Exception {
    return HttpServer.builder()
        .sslContext(Certificates.serverContext(keys))
        .http2(true)
        .get("/", request -> ServerResponse.text("secret"))
        .get("/large", request -> ServerResponse.text("x".repeat(1_000_000)))
        .webSocket("/ws", socket -> socket.send("got " + socket.receiveText()))
        .start("127.0.0.1", 0);
  }

  @ParameterizedTest
  @EnumSource(Http2.class)
  void httpsIsTlsWithinTls(Http2 version) {
    Asyncio.run(() -> {
      try (var server = secureServer();
          var proxy = tunnelProxy();
          var http = client(proxy.port()).http2(version).build()) {
        String url = "https://localhost:" + server.port();
        var response = http.get(url + "/");
        assertThat(response.text()).isEqualTo("secret");
        assertThat(response.version()).isEqualTo(version == Http2.OFF ? "HTTP/1.1" : "HTTP/2");
        assertThat(http.get(url + "/large").bytes()).hasSize(1_000_000);
        assertThat(proxy.connections()).isEqualTo(1);
        assertThat(proxy.heads().getFirst())
            .startsWith("CONNECT localhost:" + server.port() + " HTTP/1.1\r\n")
            .containsIgnoringCase("proxy-authorization: Basic bWU6cHc=\r\n");
      }
    });
  }

  @Test
  void plainHttpIsAskedForInAbsoluteForm() {
    Asyncio.run(() -> {
      try (var proxy =
              ScriptedServer.startTls(
                  Certificates.serverContext(keys),
                  (number, client) -> {
                    for (String head = client.readHead();
                        !head.isEmpty();
                        head = client.readHead()) {
                      heads.add(head);
                      client.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                    }
                  });
          var http = client(proxy.port()).build()) {
        assertThat(http.get("http://nowhere.invalid/a?b=c").text()).isEqualTo("ok");
        assertThat(http.get("http://nowhere.invalid/").text()).isEqualTo("ok");
        assertThat(proxy.connections()).isEqualTo(1);
        assertThat(heads.getFirst())
            .startsWith("GET http://nowhere.invalid/a?b=c HTTP/1.1\r\n")
            .containsIgnoringCase("proxy-authorization: Basic bWU6cHc=\r\n");
      }
    });
  }

  @Test
  void webSocketsGoThroughATunnel() {
    Asyncio.run(() -> {
      try (var secure = secureServer();
          var plain =
              HttpServer.builder()
                  .webSocket("/ws", socket -> socket.send("got " + socket.receiveText()))
                  .start("127.0.0.1", 0);
          var proxy = tunnelProxy();
          var http = client(proxy.port()).build()) {
        for (String url :
            List.of(
                "wss://localhost:" + secure.port() + "/ws",
                "ws://some.invalid:" + plain.port() + "/ws")) {
          try (var socket = http.webSocket(url)) {
            socket.send("a");
            assertThat(socket.receiveText()).isEqualTo("got a");
          }
        }
        assertThat(proxy.connections()).isEqualTo(2);
      }
    });
  }

  /** The name 127.0.0.1 is not in its certificate. Nothing is told it, least of all a password. */
  @ParameterizedTest
  @ValueSource(strings = {"http://nowhere.invalid", "https://nowhere.invalid", "ws://some.invalid"})
  void aProxyWithACertificateForAnotherNameIsToldNothing(String url) {
    Asyncio.run(() -> {
      try (var proxy = tunnelProxy();
          var http =
              HttpClient.builder()
                  .sslContext(Certificates.trusting(keys))
                  .proxy("https://me:pw@127.0.0.1:" + proxy.port())
                  .build()) {
        assertThatThrownBy(() -> ask(http, url))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("TLS with the proxy: ")
            .hasMessageContaining("through https://127.0.0.1:" + proxy.port());
        assertThat(proxy.heads()).isEmpty();
        assertThat(http.statistics().active()).isZero();
      }
    });
  }

  private static void ask(HttpClient http, String url) {
    if (url.startsWith("ws")) {
      http.webSocket(url).close();
    } else {
      http.get(url);
    }
  }

  @Test
  void aProxyThatNobodyVouchesForIsRefused() {
    Asyncio.run(() -> {
      try (var proxy = tunnelProxy();
          var http = HttpClient.builder().proxy("https://localhost:" + proxy.port()).build()) {
        assertThatThrownBy(() -> http.get("https://nowhere.invalid"))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("TLS with the proxy: ");
      }
    });
  }

  @Test
  void theNameOfTheServerIsCheckedAgainstItsOwnCertificate() {
    Asyncio.run(() -> {
      try (var server = secureServer();
          var proxy = tunnelProxy();
          var http = client(proxy.port()).build()) {
        assertThatThrownBy(() -> http.get("https://web:" + server.port()))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("TLS: ");
        assertThat(proxy.heads()).hasSize(1);
      }
    });
  }

  @Test
  void insecureTrustsBoth() {
    Asyncio.run(() -> {
      try (var server = secureServer();
          var proxy = tunnelProxy();
          var http =
              HttpClient.builder().insecure().proxy("https://127.0.0.1:" + proxy.port()).build()) {
        assertThat(http.get("https://web:" + server.port()).text()).isEqualTo("secret");
      }
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"https_proxy", "all_proxy"})
  void theEnvironmentNamesThem(String variable) {
    Asyncio.run(() -> {
      try (var server = secureServer();
          var proxy = tunnelProxy();
          var http =
              HttpClient.builder()
                  .insecure()
                  .proxyFrom(Map.of(variable, "https://localhost:" + proxy.port()))
                  .build()) {
        assertThat(http.get("https://localhost:" + server.port()).text()).isEqualTo("secret");
        assertThat(proxy.heads()).hasSize(1);
      }
    });
  }

  @Test
  void aProxyThatSpeaksNoTlsIsTold() {
    Asyncio.run(() -> {
      try (var proxy =
              ScriptedServer.start((number, client) -> {
                client.send("HTTP/1.1 400 What\r\n\r\n");
                client.awaitEnd();
              });
          var http = HttpClient.builder().proxy("https://localhost:" + proxy.port()).build()) {
        for (String url : List.of("http://nowhere.invalid", "https://nowhere.invalid")) {
          assertThatThrownBy(() -> http.get(url))
              .isInstanceOf(HttpException.ConnectFailed.class)
              .hasMessageContaining("with the proxy");
        }
      }
    });
  }
}
