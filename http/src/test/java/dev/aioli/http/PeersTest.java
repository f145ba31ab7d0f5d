package dev.aioli.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.aioli.Asyncio;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

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
          assertThat(Json.MAPPER.readTree(bodies.get(i)).at("/args/a").asInt()).isEqualTo(i);
        }
      }
    });
  }

  @Test
  void httpsChecksTheCertificateAndTheName(@TempDir Path folder) throws Exception {
    KeyStore keys = selfSigned(folder, "localhost");
    var server = HttpsServer.create(ANY_PORT, 0);
    server.setHttpsConfigurator(new HttpsConfigurator(serverContext(keys)));
    server.createContext("/", PeersTest::echo);
    server.start();
    int port = server.getAddress().getPort();
    try {
      Asyncio.run(() -> {
        try (var http = HttpClient.builder().sslContext(trusting(keys)).build()) {
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

  private static KeyStore selfSigned(Path folder, String name) throws Exception {
    Path file = folder.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=dns:" + name,
                "-storetype",
                "PKCS12",
                "-storepass",
                "secret",
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(output).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, "secret".toCharArray());
    }
    return keys;
  }

  private static SSLContext serverContext(KeyStore keys) throws Exception {
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, "secret".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static SSLContext trusting(KeyStore keys) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("server", keys.getCertificate("server"));
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }
}
