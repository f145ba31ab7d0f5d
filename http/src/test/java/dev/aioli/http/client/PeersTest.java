package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.aioli.Asyncio;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.TestServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Our client against the JDK's server, the JDK's client against our server. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class PeersTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private static void echo(com.sun.net.httpserver.HttpExchange exchange)
      throws java.io.IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    byte[] answer =
        (exchange.getRequestMethod()
                + " "
                + exchange.getRequestURI()
                + " "
                + new String(body, StandardCharsets.UTF_8))
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(
        200, exchange.getRequestURI().getPath().equals("/chunked") ? 0 : answer.length);
    try (var out = exchange.getResponseBody()) {
      out.write(answer);
    }
  }

  @Test
  void ourClientAgainstTheJdksServer() throws Exception {
    var server = com.sun.net.httpserver.HttpServer.create(ANY_PORT, 0);
    server.createContext("/", PeersTest::echo);
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    try {
      Asyncio.run(() -> {
        try (var http = HttpClient.create()) {
          for (int i = 0; i < 100; i++) {
            assertThat(http.get(url + "/?i=" + i).text()).isEqualTo("GET /?i=" + i + " ");
            assertThat(http.get(url + "/chunked").text()).isEqualTo("GET /chunked ");
            assertThat(http.request(HttpRequest.of("POST", url + "/p").body("b\u00f6dy")).text())
                .isEqualTo("POST /p b\u00f6dy");
          }
          assertThat(http.statistics().idle()).isEqualTo(1);
        }
      });
    } finally {
      server.stop(0);
    }
  }

  @Test
  void theJdksClientAgainstOurServer() {
    Asyncio.run(() -> {
      try (var server = TestServer.start();
          var client = java.net.http.HttpClient.newHttpClient()) {
        String url = server.url();
        List<String> bodies =
            Asyncio.toThread(() ->
                java.util.stream.IntStream.range(0, 100)
                    .mapToObj(i ->
                        java.net.http.HttpRequest.newBuilder(URI.create(url + "/get?a=" + i))
                            .build())
                    .map(request -> client.sendAsync(request, BodyHandlers.ofString()))
                    .toList()
                    .stream()
                    .map(future -> future.join().body())
                    .toList());
        for (int i = 0; i < 100; i++) {
          assertThat(JsonMapper.shared().readTree(bodies.get(i)).at("/args/a").asInt())
              .isEqualTo(i);
        }
      }
    });
  }

  @Test
  void httpsChecksTheCertificateAndTheName(@TempDir Path folder) throws Exception {
    KeyStore keys = Certificates.selfSigned(folder, "localhost");
    var server = HttpsServer.create(ANY_PORT, 0);
    server.setHttpsConfigurator(new HttpsConfigurator(Certificates.serverContext(keys)));
    server.createContext("/", PeersTest::echo);
    server.start();
    int port = server.getAddress().getPort();
    try {
      Asyncio.run(() -> {
        try (var http = HttpClient.builder().sslContext(Certificates.trusting(keys)).build()) {
          for (int i = 0; i < 5; i++) {
            assertThat(http.get("https://localhost:" + port + "/s").text()).isEqualTo("GET /s ");
          }
          assertThat(http.statistics().idle()).isEqualTo(1);
          assertThatThrownBy(() -> http.get("https://127.0.0.1:" + port))
              .isInstanceOf(HttpException.ConnectFailed.class)
              .hasMessageContaining("127.0.0.1");
        }
        try (var http = HttpClient.create()) {
          assertThatThrownBy(() -> http.get("https://localhost:" + port))
              .isInstanceOf(HttpException.ConnectFailed.class)
              .hasMessageContaining("TLS");
        }
      });
    } finally {
      server.stop(0);
    }
  }

  @Test
  void httpsToAServerThatSpeaksPlainHttp() {
    Asyncio.run(() -> {
      try (var server = TestServer.start();
          var http = HttpClient.create()) {
        assertThatThrownBy(() -> http.get("https://127.0.0.1:" + server.port()))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("TLS");
      }
    });
  }
}
