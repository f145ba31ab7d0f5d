package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpException;
import dev.aioli.http.client.WebSocketClient;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class ServerTlsTest {
  @TempDir private Path temp;

  private HttpServer.Builder routes() throws Exception {
    Files.writeString(temp.resolve("large.txt"), "0123456789".repeat(20_000));
    return HttpServer.builder()
        .get("/", request -> ServerResponse.text(request.url() + " " + request.secure()))
        .get("/stream", request -> ServerResponse.stream("a/b", out -> out.write("streamed")))
        .files("/files", temp)
        .webSocket("/ws", socket -> socket.send("got " + socket.receiveText()));
  }

  @Test
  void speaksTlsWithAContext() throws Exception {
    KeyStore keys = Certificates.selfSigned(temp, "localhost");
    Asyncio.run(() -> {
      try (var server =
              routes().sslContext(Certificates.serverContext(keys)).start("127.0.0.1", 0);
          var http = HttpClient.builder().sslContext(Certificates.trusting(keys)).build()) {
        assertThat(server.url()).startsWith("https://127.0.0.1:");
        String url = "https://localhost:" + server.port();
        assertThat(http.get(url + "/").text()).isEqualTo(url + "/ true");
        assertThat(http.get(url + "/stream").text()).isEqualTo("streamed");
        assertThat(http.get(url + "/files/large.txt").bytes()).hasSize(200_000);
        assertThat(http.statistics().idle()).isEqualTo(1);
        var sockets = WebSocketClient.create();
        try (var socket = http.webSocket(url.replace("https", "wss") + "/ws")) {
          socket.send("b");
          assertThat(socket.receiveText()).isEqualTo("got b");
        }
        String wss = url.replace("https", "wss") + "/ws";
        try (var socket = sockets.sslContext(Certificates.trusting(keys)).connect(wss)) {
          socket.send("a");
          assertThat(socket.receiveText()).isEqualTo("got a");
        }
        assertThatThrownBy(() -> sockets.connect(wss))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("TLS");
      }
    });
  }

  @Test
  void speaksTlsWithPemFiles() throws Exception {
    KeyStore keys = Certificates.selfSigned(temp, "localhost");
    Certificates.writePem(keys, temp);
    Asyncio.run(() -> {
      try (var server =
              routes()
                  .certificate(temp.resolve("server.crt"), temp.resolve("server.key"))
                  .start("127.0.0.1", 0);
          var http = HttpClient.builder().sslContext(Certificates.trusting(keys)).build()) {
        assertThat(http.get("https://localhost:" + server.port() + "/").text())
            .isEqualTo("https://localhost:" + server.port() + "/ true");
      }
    });
    assertThatThrownBy(
            () -> HttpServer.builder().certificate(temp.resolve("no"), temp.resolve("no")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("expected PEM files");
  }

  @Test
  void whoSpeaksNoTlsOrNothingAtAllIsClosed() throws Exception {
    KeyStore keys = Certificates.selfSigned(temp, "localhost");
    Asyncio.run(() -> {
      try (var server =
              routes()
                  .sslContext(Certificates.serverContext(keys))
                  .headerTimeout(Duration.ofMillis(100))
                  .start("127.0.0.1", 0);
          var silent = RawClient.connect(server)) {
        String answer = RawClient.talk(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(answer).doesNotContain("200");
        assertThat(silent.readAll()).isEmpty();
      }
    });
  }
}
