package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.Task;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import dev.aioli.sync.Event;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that are slow or greedy. The tests end because the server does something. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class ServerLimitsTest {
  private static final Duration SOON = Duration.ofMillis(50);
  private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

  private static HttpServerBuilder echo() {
    return HttpServer.builder()
        .get("/", request -> ServerResponse.text("ok"))
        .post("/", request -> ServerResponse.bytes(request.bytes()));
  }

  @Test
  void anIdleConnectionIsClosed() {
    Asyncio.run(() -> {
      try (var server = echo().idleTimeout(SOON).start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send(GET);
        assertThat(client.readAll()).endsWith("ok"); // no good-bye: the client owes nothing
      }
    });
  }

  @Test
  void whoNeverSaysAnythingIsClosed() {
    Asyncio.run(() -> {
      try (var server = echo().headerTimeout(SOON).start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        assertThat(client.readAll()).isEmpty();
      }
    });
  }

  @Test
  void aHeadThatTakesTooLongIsRefusedHoweverOftenAByteComes() {
    Asyncio.run(() -> {
      try (var server = echo().headerTimeout(SOON).start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        Task<?> dripping =
            Asyncio.createTask(() -> {
              client.send("GET / HTTP/1.1\r\n");
              while (true) {
                client.send("X: y\r\n");
                Asyncio.sleep(Duration.ofMillis(5));
              }
            });
        assertThat(client.readUntil("\r\n")).isEqualTo("HTTP/1.1 408 Request Timeout\r\n");
        dripping.cancel();
        Asyncio.gather(List.of(dripping), true);
      }
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"P", "PR", "PO", "G", "\r\nG"})
  void aHeadThatHasHardlyBegunIsRefusedToo(String begin) {
    Asyncio.run(() -> {
      try (var server = echo().headerTimeout(SOON).start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send(begin);
        assertThat(client.readAll()).startsWith("HTTP/1.1 408 Request Timeout\r\n");
      }
    });
  }

  @Test
  void aSecondHeadThatTakesTooLongIsRefusedToo() {
    Asyncio.run(() -> {
      try (var server = echo().headerTimeout(SOON).start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send(GET);
        client.readUntil("ok");
        client.send("GET / HT");
        assertThat(client.readAll()).startsWith("HTTP/1.1 408 ");
      }
    });
  }

  @Test
  void aBodyThatStopsIsRefused() {
    Asyncio.run(() -> {
      try (var server = echo().bodyTimeout(SOON).start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
        assertThat(client.readAll())
            .startsWith("HTTP/1.1 408 ")
            .contains("4 of 10 bytes")
            .containsIgnoringCase("connection: close");
      }
    });
  }

  @Test
  void aHandlerThatIsSlowToReadIsNotTheClientsFault() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .bodyTimeout(SOON)
                  .post(
                      "/",
                      request -> {
                        Asyncio.sleep(SOON.multipliedBy(4));
                        return ServerResponse.text(request.bytes().length + "");
                      })
                  .start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n"
                + "a".repeat(200000));
        assertThat(client.readAll()).endsWith("200000");
      }
    });
  }

  @Test
  void whoTakesNothingLosesTheConnection() {
    for (String path : List.of("/bytes", "/stream")) {
      Asyncio.run(() -> {
        Event ended = new Event();
        byte[] large = new byte[32 * 1024 * 1024];
        try (var server =
                HttpServer.builder()
                    .writeTimeout(SOON)
                    .get("/bytes", request -> ServerResponse.bytes(large))
                    .get(
                        "/stream",
                        request ->
                            ServerResponse.stream(
                                "a/b",
                                out -> {
                                  try {
                                    while (true) {
                                      out.write(new byte[65536]);
                                    }
                                  } finally {
                                    ended.set();
                                  }
                                }))
                    .start("127.0.0.1", 0);
            var client = RawClient.connectSlowly(server)) {
          client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
          while (server.connections() == 0) {
            Asyncio.sleep(Duration.ofMillis(1));
          }
          while (server.connections() > 0) {
            Asyncio.sleep(Duration.ofMillis(1));
          }
          if (path.equals("/stream")) {
            ended.await();
          }
        }
      });
    }
  }

  @Test
  void whoSendsAheadButReadsNothingIsAnsweredNoFurther() {
    Asyncio.run(() -> {
      int[] handled = {0};
      byte[] body = new byte[200_000];
      try (var server =
              HttpServer.builder()
                  .get(
                      "/",
                      request -> {
                        handled[0]++;
                        return ServerResponse.bytes(body);
                      })
                  .get("/other", request -> ServerResponse.text("other"))
                  .start("127.0.0.1", 0);
          var client = RawClient.connectSlowly(server);
          var other = HttpClient.create()) {
        int requests = 100;
        client.send(GET.repeat(requests));
        int before = -1;
        while (handled[0] != before) { // until it comes to rest
          before = handled[0];
          for (int i = 0; i < 20; i++) {
            other.get(server.url() + "/other");
          }
        }
        assertThat(handled[0]).isLessThan(requests);
        long bytes = 0;
        for (int i = 0; i < requests; i++) {
          client.readUntil("\r\n\r\n");
          bytes += client.readBytes(body.length).length;
        }
        assertThat(bytes).isEqualTo((long) requests * body.length);
        assertThat(handled[0]).isEqualTo(requests);
      }
    });
  }

  @Test
  void moreConnectionsThanAllowedWaitForTheirTurn() {
    Asyncio.run(() -> {
      try (var server = echo().maxConnections(2).start("127.0.0.1", 0);
          var first = RawClient.connect(server);
          var second = RawClient.connect(server);
          var third = RawClient.connect(server)) {
        first.send(GET);
        first.readUntil("ok");
        second.send(GET);
        second.readUntil("ok");
        third.send(GET);
        first.send(GET);
        first.readUntil("ok");
        assertThat(server.connections()).isEqualTo(2);
        first.close();
        third.readUntil("ok");
      }
    });
  }

  @Test
  void aConnectionEndsAfterItsRequests() {
    Asyncio.run(() -> {
      try (var server = echo().maxRequestsPerConnection(3).start("127.0.0.1", 0)) {
        String answers = RawClient.talk(server, GET.repeat(5));
        assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(1 + 3);
        assertThat(answers).containsOnlyOnce("connection: close");
      }
    });
  }

  @Test
  void refusesLimitsThatMakeNoSense() {
    HttpServerBuilder builder = HttpServer.builder();
    assertThatThrownBy(() -> builder.maxConnections(0))
        .hasMessage("expected maxConnections of at least 1, was 0");
    assertThatThrownBy(() -> builder.maxBodyBytes(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.idleTimeout(Duration.ZERO))
        .hasMessage("expected a time limit above zero, was PT0S");
  }

  // ---- what is no head

  private static final Duration LATER = SOON.multipliedBy(6);

  /** What a connection says that has been idle for longer than a head may take. */
  private static String afterIdling(String first, String second) {
    return Asyncio.run(() -> {
      try (var server = echo().headerTimeout(SOON).idleTimeout(LATER).start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send(first);
        String answer = client.readUntil("ok");
        client.send(second);
        return answer + client.readAll();
      }
    });
  }

  @Test
  void aBodyThatWasDroppedIsNoHead() {
    assertThat(
            afterIdling(
                "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n", "x".repeat(200_000)))
        .endsWith("ok");
  }

  @Test
  void emptyLinesAreNoHead() {
    assertThat(afterIdling(GET, "\r\n\r\n\r\n")).endsWith("ok");
  }

  @Test
  void aBodyThatWasDroppedMayHaveAHeadBehindIt() {
    assertThat(
            afterIdling(
                "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n",
                "x".repeat(200_000) + "GET / HT"))
        .contains("okHTTP/1.1 408 ");
  }

  @Test
  void aHeadThatBeganBehindARequestHasItsTimeToo() {
    Asyncio.run(() -> {
      try (var server =
              echo().headerTimeout(SOON).idleTimeout(Duration.ofDays(1)).start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send(GET + "GET / HT");
        assertThat(client.readAll()).contains("okHTTP/1.1 408 ");
      }
    });
  }

  @Test
  void aRequestForAWebSocketThatIsAnsweredOtherwiseIsFollowedByOthers() {
    Asyncio.run(() -> {
      try (var server = echo().start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        String asking = GET.replace("\r\n\r\n", "\r\nUpgrade: websocket\r\n\r\n");
        client.send((asking + GET).repeat(3) + asking);
        for (int i = 0; i < 7; i++) {
          assertThat(client.readUntil("ok")).startsWith("HTTP/1.1 200 ");
        }
        client.send(GET);
        assertThat(client.readUntil("ok")).startsWith("HTTP/1.1 200 ");
      }
    });
  }
}
