package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Task;
import dev.aioli.TaskGroup;
import dev.aioli.ThrowingRunnable;
import dev.aioli.http.client.MockTransport.Response;
import dev.aioli.http.testing.LeakCheck;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Requests that are answered without a socket. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class MockTransportTest {
  private static final String HOST = "http://api.example";

  /** Runs a body in a loop, and sees to it that that never got anything of Netty's. */
  private static void run(ThrowingRunnable body) {
    Asyncio.run(() -> {
      var before = EventLoop.getRunningLoop().poller();
      body.run();
      assertThat(EventLoop.getRunningLoop().poller()).isSameAs(before);
    });
  }

  @Test
  void theRequestIsAsTheServerWouldGetItAndTheResponseIsTheHandlers() {
    run(() -> {
      var server = MockTransport.of(request -> Response.of(201).header("X-A", "b").text("hello"));
      try (var http = HttpClient.builder().transport(server).header("X-Default", "yes").build()) {
        HttpResponse response =
            http.request(HttpRequest.post(HOST + "/a?b=c").bearerAuth("t").body("text"));
        assertThat(response.status()).isEqualTo(201);
        assertThat(response.text()).isEqualTo("hello");
        assertThat(response.headers().get("x-a")).isEqualTo("b");
      }
      assertThat(server.requests())
          .singleElement()
          .satisfies(request -> {
            assertThat(request).hasToString("POST " + HOST + "/a?b=c");
            assertThat(request.text()).isEqualTo("text");
            assertThat(request.headers().get("host")).isEqualTo("api.example");
            assertThat(request.headers().get("authorization")).isEqualTo("Bearer t");
            assertThat(request.headers().get("x-default")).isEqualTo("yes");
            assertThat(request.headers().get("content-length")).isEqualTo("4");
          });
    });
  }

  @Test
  void redirectsCookiesCodingsAndErrorsByStatusWorkAboveIt() {
    run(() -> {
      var server =
          MockTransport.of(request ->
              switch (request.url()) {
                case HOST + "/old" ->
                    Response.of(302).header("Location", "/new").header("Set-Cookie", "id=7");
                case HOST + "/new" ->
                    Response.of(200)
                        .header("Content-Encoding", "gzip")
                        .bytes(gzip("cookie " + request.headers().get("cookie")));
                default -> Response.of(404).text("no such thing");
              });
      try (var http = HttpClient.builder().transport(server).raiseForStatus(true).build()) {
        assertThat(http.get(HOST + "/old").text()).isEqualTo("cookie id=7");
        assertThatThrownBy(() -> http.get(HOST + "/none"))
            .isInstanceOf(HttpException.BadStatus.class)
            .hasMessageEndingWith(": no such thing");
      }
    });
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(zipped)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return zipped.toByteArray();
  }

  @Test
  void aBodyThatATaskWritesArrivesInFull() {
    run(() -> {
      var server = MockTransport.of(request -> Response.of(200).text("" + request.body().length));
      try (var http = HttpClient.builder().transport(server).build()) {
        HttpResponse response =
            http.request(
                HttpRequest.post(HOST)
                    .body(sink -> {
                      for (int i = 0; i < 100; i++) {
                        sink.write(new byte[10_000]);
                      }
                    }));
        assertThat(response.text()).isEqualTo("1000000");
      }
    });
  }

  @Test
  void aStreamIsReadNoFasterThanItsReaderReads() {
    run(() -> {
      byte[][] chunks = new byte[50][];
      java.util.Arrays.setAll(chunks, i -> new byte[10_000]);
      var server = MockTransport.of(request -> Response.of(200).chunks(chunks));
      try (var http = HttpClient.builder().transport(server).build();
          var response = http.stream(HttpRequest.get(HOST))) {
        Asyncio.sleep(Duration.ofMillis(5));
        assertThat(response.buffered()).isBetween(64 * 1024, 80 * 1024);
        int length = 0;
        for (byte[] piece = response.read(); piece != null; piece = response.read()) {
          length += piece.length;
        }
        assertThat(length).isEqualTo(500_000);
      }
    });
  }

  @Test
  void failuresOnTheWayAreTheClientsAndOthersComeOutAsTheyAre() {
    run(() -> {
      List<Exception> failures =
          new ArrayList<>(
              List.of(
                  new ConnectException("refused"),
                  new IOException("reset"),
                  new IllegalStateException("a bug of the test")));
      var server =
          MockTransport.of(request -> {
            if (failures.isEmpty()) {
              throw new AssertionError("too many");
            }
            throw failures.removeFirst();
          });
      try (var http = HttpClient.builder().transport(server).build()) {
        assertThatThrownBy(() -> http.get(HOST)).isInstanceOf(HttpException.ConnectFailed.class);
        assertThatThrownBy(() -> http.get(HOST)).isInstanceOf(HttpException.Disconnected.class);
        assertThatThrownBy(() -> http.get(HOST))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("a bug of the test");
        assertThatThrownBy(() -> http.get(HOST))
            .isInstanceOf(AssertionError.class)
            .hasMessage("too many");
      }
    });
  }

  @Test
  void aConnectionThatIsLostWhenItIsUsedAgainIsReplacedOnce() {
    run(() -> {
      List<String> answers = new ArrayList<>(List.of("first", "lost", "second"));
      var server =
          MockTransport.of(request -> {
            String answer = answers.removeFirst();
            if (answer.equals("lost")) {
              throw new IOException("reset");
            }
            return Response.of(200).text(answer);
          });
      try (var http = HttpClient.builder().transport(server).build()) {
        assertThat(http.get(HOST).text()).isEqualTo("first");
        assertThat(http.get(HOST).text()).isEqualTo("second");
        assertThat(server.requests()).hasSize(3);
      }
    });
  }

  @Test
  void limitsAndTimeLimitsHold() {
    run(() -> {
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      var server =
          MockTransport.of(request -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            try {
              Asyncio.sleep(
                  request.url().endsWith("slow") ? Duration.ofDays(1) : Duration.ofMillis(2));
            } finally {
              inside.decrementAndGet();
            }
            return Response.of(200);
          });
      try (var http =
          HttpClient.builder()
              .transport(server)
              .limit(3)
              .responseTimeout(Duration.ofMillis(200))
              .build()) {
        Asyncio.taskGroup((TaskGroup group) -> {
          for (int i = 0; i < 12; i++) {
            group.createTask(() -> http.get(HOST));
          }
        });
        assertThat(most).hasValue(3);
        assertThat(http.statistics().idle()).isEqualTo(3);
        assertThatThrownBy(() -> http.get(HOST + "/slow"))
            .isInstanceOfSatisfying(
                HttpException.TimedOut.class,
                e -> assertThat(e.limit()).isEqualTo(HttpException.TimedOut.Limit.RESPONSE));
        Asyncio.sleep(Duration.ofMillis(1));
        assertThat(inside).hasValue(0); // the handler was cancelled
      }
    });
  }

  @Test
  void aRequestThatIsCancelledCancelsItsHandler() {
    run(() -> {
      List<String> events = new ArrayList<>();
      var server =
          MockTransport.of(request -> {
            try {
              Asyncio.sleep(Duration.ofDays(1));
              return Response.of(200);
            } catch (CancelledError e) {
              events.add("cancelled");
              throw e;
            }
          });
      try (var http = HttpClient.builder().transport(server).limit(1).build()) {
        Task<?> request = Asyncio.createTask(() -> http.get(HOST));
        while (server.requests().isEmpty()) {
          Asyncio.sleep(Duration.ofMillis(1));
        }
        request.cancel();
        Asyncio.await(List.of(request));
        Asyncio.sleep(Duration.ofMillis(1));
        assertThat(events).containsExactly("cancelled");
        assertThat(http.statistics().active()).isZero();
      }
    });
  }

  @Test
  void itOpensNoWebSockets() {
    run(() -> {
      var server = MockTransport.of(request -> Response.of(200));
      try (var http = HttpClient.builder().transport(server).build()) {
        assertThatThrownBy(() -> http.webSocket("ws://api.example/"))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("MockTransport");
      }
    });
  }
}
