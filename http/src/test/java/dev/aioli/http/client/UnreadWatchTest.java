package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A stream that nobody reads holds what others may need: that is told. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class UnreadWatchTest {
  private static final Logger LOG = Logger.getLogger("dev.aioli");
  private static final String BEGINNING = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";

  private final List<String> told = new CopyOnWriteArrayList<>();
  private final Handler collector =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          if (entry.getMessage().contains("nobody has read its body")) {
            told.add(entry.getMessage());
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void collect() {
    LOG.addHandler(collector);
  }

  @AfterEach
  void collectNoMore() {
    LOG.removeHandler(collector);
  }

  private static HttpClient client() {
    HttpClientBuilder builder = HttpClient.builder();
    builder.unreadLimit = Duration.ofMillis(20);
    return builder.build();
  }

  private static ScriptedServer server() throws Exception {
    return ScriptedServer.start((number, client) -> {
      client.readHead();
      client.send(BEGINNING);
      client.awaitEnd();
    });
  }

  private void awaitTold() {
    while (told.isEmpty()) {
      Asyncio.sleep(Duration.ofMillis(1));
    }
  }

  /** So long that it would have been told. */
  private static void waitForLong() {
    Asyncio.sleep(Duration.ofMillis(200));
  }

  @Test
  void oneThatIsNotReadIsToldOnce() {
    Asyncio.run(() -> {
      try (var server = server();
          var http = client();
          var _ = http.stream(HttpRequest.get(server.url().replace("//", "//me:secret@")))) {
        awaitTold();
        waitForLong();
        assertThat(told)
            .singleElement()
            .asString()
            .startsWith("GET " + server.url())
            .contains("Debug mode tells where it was opened")
            .doesNotContain("secret");
      }
    });
  }

  @Test
  void debugModeTellsWhereItWasOpened() {
    Asyncio.run(() -> {
      EventLoop.getRunningLoop().setDebug(true);
      try (var server = server();
          var http = client();
          var _ = http.stream(HttpRequest.get(server.url()))) {
        awaitTold();
        assertThat(told.getFirst()).containsPattern("opened here:\\s+at .*UnreadWatchTest\\.");
      }
    });
  }

  @Test
  void oneThatWasBegunAndLeftIsToldToo() {
    Asyncio.run(() -> {
      try (var server = server();
          var http = client();
          var response = http.stream(HttpRequest.get(server.url()))) {
        assertThat(response.read()).hasSize(3);
        awaitTold();
      }
    });
  }

  @Test
  void oneWhoseReaderWaitsIsNot() {
    Asyncio.run(() -> {
      try (var server = server();
          var http = client();
          var response = http.stream(HttpRequest.get(server.url()))) {
        assertThat(response.read()).hasSize(3);
        var reader = Asyncio.createTask(() -> response.read());
        waitForLong();
        assertThat(told).isEmpty();
        reader.cancel();
      }
    });
  }

  @Test
  void oneThatHasArrivedInFullHoldsNothing() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          var http = client();
          var response = http.stream(HttpRequest.get(server.url()))) {
        waitForLong();
        assertThat(told).isEmpty();
        assertThat(response.readAll().text()).isEqualTo("ok");
      }
    });
  }

  @Test
  void oneThatIsClosedHoldsNothing() {
    Asyncio.run(() -> {
      try (var server = server();
          var http = client()) {
        http.stream(HttpRequest.get(server.url())).close();
        waitForLong();
        assertThat(told).isEmpty();
      }
    });
  }
}
