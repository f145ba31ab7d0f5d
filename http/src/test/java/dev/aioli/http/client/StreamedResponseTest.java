package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class StreamedResponseTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @Test
  void readsABodyLargerThanTheClientHoldsNoFasterThanTheTask() {
    int megabytes = 8;
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: " + megabytes * 1024 * 1024 + "\r\n\r\n");
                byte[] block = new byte[1024 * 1024];
                for (int i = 0; i < megabytes; i++) {
                  client.out().write(block);
                }
                client.readHead();
                client.send(OK);
              });
          var http = HttpClient.builder().limit(1).maxBodyBytes(1000).build()) {
        long total = 0;
        try (var response = http.stream(HttpRequest.get(server.url()))) {
          assertThat(response.status()).isEqualTo(200);
          for (byte[] chunk = response.read(); chunk != null; chunk = response.read()) {
            total += chunk.length;
            for (int i = 0; i < 10; i++) {
              Asyncio.sleep(Duration.ZERO);
            }
            assertThat(response.buffered()).isLessThan(256 * 1024);
          }
          assertThat(response.read()).isNull();
        }
        assertThat(total).isEqualTo(megabytes * 1024L * 1024);
        assertThat(http.get(server.url()).text()).isEqualTo("ok");
        assertThat(server.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void givesWhatArrivedAndThenTheError() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
          var http = HttpClient.create();
          var response = http.stream(HttpRequest.get(server.url()))) {
        assertThat(new String(response.read(), StandardCharsets.US_ASCII)).isEqualTo("abc");
        assertThatThrownBy(response::read)
            .isInstanceOf(HttpException.Disconnected.class)
            .hasMessageContaining("after 3 bytes");
      }
    });
  }

  @Test
  void theTimeLimitCoversTheBody() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
                client.awaitEnd();
              });
          var http = HttpClient.builder().timeout(Duration.ofMillis(100)).build();
          var response = http.stream(HttpRequest.get(server.url()))) {
        assertThatThrownBy(response::read).isInstanceOf(HttpException.TimedOut.class);
      }
    });
  }

  @Test
  void holdsItsPlaceUntilClosed() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send(number == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" : OK);
                client.awaitEnd();
              });
          var http = HttpClient.builder().limit(1).build()) {
        var response = http.stream(HttpRequest.get(server.url()));
        var next = Asyncio.createTask(() -> http.get(server.url()).text());
        while (http.statistics().waiting() == 0) {
          Asyncio.sleep(Duration.ZERO);
        }
        response.close();
        assertThat(next.await()).isEqualTo("ok");
        assertThatThrownBy(response::read).isInstanceOf(IllegalStateException.class);
      }
    });
  }

  @Test
  void readingAfterTheCloseIsAnErrorThoughTheBodyHadEnded() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.answering(OK);
          var http = HttpClient.create()) {
        var response = http.stream(HttpRequest.get(server.url()));
        assertThat(new String(response.read(), StandardCharsets.US_ASCII)).isEqualTo("ok");
        assertThat(response.read()).isNull();
        response.close();
        assertThatThrownBy(response::read)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("the response is closed");
      }
    });
  }
}
