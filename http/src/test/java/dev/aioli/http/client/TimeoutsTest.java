package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.Task;
import dev.aioli.http.client.HttpException.TimedOut;
import dev.aioli.http.client.HttpException.TimedOut.Limit;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class TimeoutsTest {
  private static final Duration SHORT = Duration.ofMillis(60);

  private static void assertTimedOut(Limit limit, String message, ThrowingCallable program) {
    assertThatThrownBy(program)
        .isInstanceOfSatisfying(TimedOut.class, e -> assertThat(e.limit()).isEqualTo(limit))
        .hasMessageContaining(message);
  }

  /** A server that sends a start, is silent until told, then sends the rest. */
  private static ScriptedServer pausing(String start, Semaphore go, String rest) throws Exception {
    return ScriptedServer.start((number, client) -> {
      client.readHead();
      client.send(start);
      go.acquireUninterruptibly();
      client.send(rest);
      client.awaitEnd();
    });
  }

  @Test
  void noHeadInTime() {
    Asyncio.run(() -> {
      try (var server = pausing("HTTP/1.1 200 OK\r\n", new Semaphore(0), "");
          var http = HttpClient.builder().responseTimeout(SHORT).build()) {
        String message = "expected the head of a response within PT0.06S: GET " + server.url();
        assertTimedOut(Limit.RESPONSE, message, () -> http.get(server.url()));
        assertTimedOut(Limit.RESPONSE, message, () -> http.stream(HttpRequest.get(server.url())));
        assertThat(http.statistics().idle()).isZero();
      }
    });
  }

  @Test
  void theTimeOfTheHeadBeginsWhenTheBodyIsSent() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.in().readNBytes(8);
                client.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
              });
          var http = HttpClient.builder().responseTimeout(Duration.ofMillis(150)).build()) {
        RequestBody slow =
            sink -> {
              sink.write("x");
              Asyncio.sleep(Duration.ofMillis(400));
            };
        assertThat(http.request(HttpRequest.post(server.url()).body(slow)).text()).isEqualTo("ok");
      }
    });
  }

  @Test
  void silenceWithinTheBody() {
    String start = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
    Asyncio.run(() -> {
      try (var server = pausing(start, new Semaphore(0), "");
          var http = HttpClient.builder().readTimeout(SHORT).build()) {
        String message = "expected more of the body within PT0.06S: GET " + server.url();
        assertTimedOut(Limit.READ, message, () -> http.get(server.url()));
        try (var response = http.stream(HttpRequest.get(server.url()))) {
          assertThat(response.read()).asString().isEqualTo("abc");
          assertTimedOut(Limit.READ, message, response::read);
        }
      }
    });
  }

  @Test
  void eachPieceOfTheBodyBeginsItsTimeAnew() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .get("/", request -> ServerResponse.text("ok"))
                  .start("127.0.0.1", 0);
          var slow =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
                for (int i = 0; i < 8; i++) {
                  try {
                    Thread.sleep(50); // the server's own pace
                  } catch (InterruptedException e) {
                    return;
                  }
                  client.send("x");
                }
              });
          var http = HttpClient.builder().readTimeout(Duration.ofMillis(250)).build()) {
        assertThat(http.get("http://127.0.0.1:" + server.port()).text()).isEqualTo("ok");
        assertThat(http.get(slow.url()).text()).isEqualTo("xxxxxxxx");
      }
    });
  }

  @Test
  void theTimeInWhichNobodyReadsIsNotTheServers() {
    int length = 4 * 1024 * 1024;
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send("HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n");
                client.out().write(new byte[length]);
                client.out().flush();
              });
          var http = HttpClient.builder().readTimeout(SHORT).build();
          var response = http.stream(HttpRequest.get(server.url()))) {
        Asyncio.sleep(SHORT.multipliedBy(4));
        assertThat(response.readAll().bytes()).hasSize(length);
      }
    });
  }

  @Test
  void aRequestMayHaveALimitOfItsOwn() {
    Asyncio.run(() -> {
      try (var server = pausing("", new Semaphore(0), "");
          var http = HttpClient.create()) {
        HttpRequest request = HttpRequest.get(server.url()).timeout(SHORT);
        String message = "expected a complete response within PT0.06S";
        assertTimedOut(Limit.TOTAL, message, () -> http.request(request));
        assertTimedOut(Limit.TOTAL, message, () -> http.stream(request));
      }
    });
  }

  @Test
  void aLongerLimitOfARequestWins() {
    Semaphore go = new Semaphore(0);
    Asyncio.run(() -> {
      try (var server = pausing("", go, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          var http = HttpClient.builder().timeout(SHORT).build()) {
        Task<String> task =
            Asyncio.createTask(() ->
                http.request(HttpRequest.get(server.url()).timeout(Duration.ofMinutes(1))).text());
        Asyncio.sleep(SHORT.multipliedBy(3));
        go.release();
        assertThat(task.await()).isEqualTo("ok");
      }
    });
  }

  @Test
  void theTotalLimitStopsTheWriterOfABody() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.start((number, client) -> client.awaitEnd());
          var http = HttpClient.builder().timeout(SHORT).build()) {
        boolean[] ended = {false};
        RequestBody body =
            sink -> {
              try {
                Asyncio.sleep(Duration.ofHours(1));
              } finally {
                ended[0] = true;
              }
            };
        assertTimedOut(
            Limit.TOTAL,
            "complete response",
            () -> http.request(HttpRequest.post(server.url()).body(body)));
        assertThat(ended[0]).isTrue();
        assertThat(Asyncio.allTasks()).hasSize(1);
      }
    });
  }

  @Test
  void theTotalLimitCoversTheWaitForAPlace() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.start((number, client) -> client.awaitEnd());
          var http = HttpClient.builder().limit(1).build()) {
        Task<HttpResponse> first = Asyncio.createTask(() -> http.get(server.url()));
        Asyncio.sleep(Duration.ZERO);
        assertTimedOut(
            Limit.TOTAL,
            "complete response",
            () -> http.request(HttpRequest.get(server.url()).timeout(SHORT)));
        assertThat(http.statistics().waiting()).isZero();
        first.cancel();
        Asyncio.await(List.of(first));
      }
    });
  }

  @Test
  void manyLimitsExpireInTheirOrder() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.start((number, client) -> client.awaitEnd());
          var http = HttpClient.builder().timeout(Duration.ofMillis(100)).build()) {
        List<Task<HttpResponse>> tasks =
            IntStream.range(0, 50)
                .mapToObj(i -> Asyncio.createTask(() -> http.get(server.url())))
                .toList();
        tasks.get(0).cancel(); // first, middle and last leave the queue early
        tasks.get(25).cancel();
        tasks.get(49).cancel();
        int timedOut = 0;
        for (Object outcome : Asyncio.gather(tasks, true)) {
          timedOut += outcome instanceof TimedOut ? 1 : 0;
        }
        assertThat(timedOut).isEqualTo(47);
        assertThat(http.statistics().waiting()).isZero();
      }
    });
  }
}
