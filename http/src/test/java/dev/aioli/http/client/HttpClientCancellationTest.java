package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.Task;
import dev.aioli.TimeoutException;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.HttpServerBuilder;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.http.testing.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class HttpClientCancellationTest {
  private static void yieldTimes(int count) {
    for (int i = 0; i < count; i++) {
      Asyncio.sleep(Duration.ZERO);
    }
  }

  /** All places of the pool can be had at once, and each answer is the one that was asked for. */
  private static void assertPoolIsWhole(HttpClient http, TestServer server, int limit) {
    List<Task<String>> tasks = new ArrayList<>();
    for (int i = 0; i < limit; i++) {
      String url = server.url() + "/delay/0.01?a=" + i;
      tasks.add(Asyncio.createTask(() -> http.get(url).json().at("/args/a").asString()));
    }
    List<String> answers = Asyncio.gather(tasks);
    for (int i = 0; i < limit; i++) {
      assertThat(answers.get(i)).isEqualTo(String.valueOf(i));
    }
    assertThat(http.statistics().waiting()).isZero();
    assertThat(http.statistics().active()).isZero();
  }

  @Test
  void cancelledAtAnyStepNeverPoisonsThePool() {
    Asyncio.run(() -> {
      try (var server = TestServer.start();
          var http = HttpClient.builder().limit(1).limitPerHost(1).build()) {
        for (int steps = 0; steps < 40; steps++) {
          for (boolean inLine : new boolean[] {false, true}) {
            Task<?> first =
                inLine ? Asyncio.createTask(() -> http.get(server.url() + "/delay/0.002")) : null;
            String url = server.url() + "/get?a=old";
            Task<HttpResponse> task = Asyncio.createTask(() -> http.get(url));
            yieldTimes(steps);
            task.cancel();
            Asyncio.gather(List.of(task), true);
            if (first != null) {
              first.cancel();
            }
            assertPoolIsWhole(http, server, 1);
          }
        }
      }
    });
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void permitsSurviveRandomCancellationAndTimeouts(long seed) {
    Random random = new Random(seed);
    Asyncio.run(() -> {
      try (var server = TestServer.start();
          var http = HttpClient.builder().limit(3).limitPerHost(2).build()) {
        List<Task<?>> tasks = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
          String url = server.url() + "/delay/" + random.nextDouble(0.004);
          Duration limit = Duration.ofNanos(random.nextInt(1, 20_000_000));
          tasks.add(Asyncio.createTask(() -> Asyncio.timeout(limit, () -> http.get(url).status())));
          if (random.nextInt(3) == 0) {
            tasks.get(random.nextInt(tasks.size())).cancel();
          }
          yieldTimes(random.nextInt(4));
        }
        for (Object outcome : Asyncio.gather(tasks, true)) {
          assertThat(outcome)
              .isInstanceOfAny(Integer.class, TimeoutException.class, CancelledError.class);
        }
        assertThat(server.maxInFlight()).isLessThanOrEqualTo(3 + tasks.size());
        assertPoolIsWhole(http, server, 2);
      }
    });
  }

  @Test
  void cancelledInTheBodyNeverLeavesOldBytes() {
    Asyncio.run(() -> {
      String half = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nold";
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send(number == 0 ? half : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew");
                client.awaitEnd();
              });
          var http = HttpClient.builder().limit(1).build()) {
        StreamedResponse response = http.stream(HttpRequest.get(server.url()));
        assertThat(response.read()).asString().isEqualTo("old");
        Task<byte[]> reading = Asyncio.createTask(response::read);
        yieldTimes(1);
        reading.cancel();
        assertThatThrownBy(reading::await).isInstanceOf(CancelledError.class);
        response.close();
        assertThat(http.get(server.url()).text()).isEqualTo("new");
        assertThat(server.connections()).isEqualTo(2);
      }
    });
  }

  @Test
  void theServerSeesThatARequestWasCancelled() {
    Asyncio.run(() -> {
      try (var server = TestServer.start();
          var http = HttpClient.create()) {
        Task<HttpResponse> task = Asyncio.createTask(() -> http.get(server.url() + "/delay/10"));
        while (server.inFlight() == 0) {
          yieldTimes(1);
        }
        task.cancel();
        while (server.inFlight() == 1) {
          yieldTimes(1);
        }
      }
    });
  }

  @Test
  void aTimeoutOfTheCallerIsTheCallers() {
    Asyncio.run(() -> {
      try (var server = TestServer.start();
          var http = HttpClient.create()) {
        assertThatThrownBy(() ->
                Asyncio.timeout(Duration.ofMillis(20), () -> http.get(server.url() + "/delay/10")))
            .isInstanceOf(TimeoutException.class);
        assertThat(Asyncio.currentTask().cancelling()).isZero();
      }
    });
  }

  /** A body goes up in pieces, one comes down in pieces; cancelled at each step on the way. */
  @Test
  void cancelledAtAnyStepOfStreamedBodiesNeverPoisonsThePool() {
    Asyncio.run(() -> {
      HttpServerBuilder routes =
          HttpServer.builder()
              .route("POST", "/", request -> ServerResponse.bytes(request.bytes()))
              .get("/", request -> ServerResponse.text("clean"));
      try (var server = routes.start("127.0.0.1", 0);
          var http = HttpClient.builder().limit(1).build()) {
        String url = "http://127.0.0.1:" + server.port();
        int writers = 0;
        boolean finished = false;
        int[] ended = {0};
        for (int steps = 0; steps < 300 && !finished; steps++) {
          Task<Integer> task = Asyncio.createTask(() -> echoInPieces(http, url, ended));
          yieldTimes(steps);
          finished = !task.cancel();
          Asyncio.await(List.of(task));
          assertThat(http.get(url).text()).isEqualTo("clean");
          assertThat(Asyncio.allTasks()).as("no writer is left behind").hasSizeLessThan(5);
          writers++;
        }
        assertThat(writers).isGreaterThan(10);
        assertThat(ended[0]).isPositive();
        assertThat(http.statistics().waiting()).isZero();
      }
    });
  }

  private static int echoInPieces(HttpClient http, String url, int[] ended) {
    HttpRequest request =
        HttpRequest.post(url)
            .body(sink -> {
              try {
                for (int i = 0; i < 4; i++) {
                  sink.write(new byte[50_000]);
                  Asyncio.sleep(Duration.ZERO);
                }
              } finally {
                ended[0]++;
              }
            });
    int length = 0;
    try (var response = http.stream(request)) {
      for (byte[] chunk = response.read(); chunk != null; chunk = response.read()) {
        length += chunk.length;
      }
    }
    assertThat(length).isEqualTo(200_000);
    return length;
  }
}
