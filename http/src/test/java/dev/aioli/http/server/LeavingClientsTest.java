package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.http.testing.EndlessHandler;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import dev.aioli.net.IoTransport;
import dev.aioli.net.NettyPoller;
import dev.aioli.sync.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that are gone, or half gone. The tests end because the server sees it. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class LeavingClientsTest {
  private static final Duration SOON = Duration.ofMillis(50);
  private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

  private static HttpServerBuilder echo() {
    return HttpServer.builder()
        .get("/", request -> ServerResponse.text("ok"))
        .post("/", request -> ServerResponse.bytes(request.bytes()));
  }

  // ---- half gone

  @Test
  void halfCloseIsHonouredIfAllowed() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .halfClose(true)
                  .get(
                      "/",
                      request -> {
                        Asyncio.sleep(SOON);
                        return ServerResponse.text("ok");
                      })
                  .post("/", request -> ServerResponse.bytes(request.bytes()))
                  .start("127.0.0.1", 0);
          var client = RawClient.connect(server);
          var silent = RawClient.connect(server);
          var cut = RawClient.connect(server)) {
        client.send(GET + GET);
        client.shutdownOutput();
        assertThat(client.readAll().split("HTTP/1.1 200", -1)).hasSize(1 + 2);
        silent.shutdownOutput();
        assertThat(silent.readAll()).isEmpty();
        cut.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
        cut.shutdownOutput();
        assertThat(cut.readAll()).startsWith("HTTP/1.1 400 ").contains("4 of 10 bytes");
      }
    });
  }

  @Test
  void halfCloseLosesNothingBehindARequestForAWebSocketThatIsAnsweredOtherwise() {
    Asyncio.run(() -> {
      try (var server = echo().halfClose(true).start("127.0.0.1", 0);
          var client = RawClient.connect(server);
          var cut = RawClient.connect(server)) {
        String asking = GET.replace("\r\n\r\n", "\r\nUpgrade: websocket\r\n\r\n");
        client.send((asking + GET).repeat(10));
        client.shutdownOutput();
        assertThat(client.readAll().split("HTTP/1.1 200", -1)).hasSize(1 + 20);
        cut.send(asking + "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
        cut.shutdownOutput();
        assertThat(cut.readAll()).contains("HTTP/1.1 200 ", "HTTP/1.1 400 ", "4 of 10 bytes");
      }
    });
  }

  @Test
  void aBodyThatIsCutOffBehindASlowRequestIsRefusedAtOnce() {
    Asyncio.run(() -> {
      Event shut = new Event();
      try (var server =
              HttpServer.builder()
                  .halfClose(true)
                  .get(
                      "/",
                      request -> {
                        shut.await();
                        Asyncio.sleep(SOON); // the end of the input has come
                        return ServerResponse.text("ok");
                      })
                  .post("/", request -> ServerResponse.bytes(request.bytes()))
                  .start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send(GET + "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
        client.shutdownOutput();
        shut.set();
        assertThat(client.readAll()).contains("HTTP/1.1 200 ", "HTTP/1.1 400 ", "4 of 10 bytes");
      }
    });
  }

  @Test
  void aWebSocketEndsWhoseClientHasSaidBeforeThatNoMoreWillCome() {
    Asyncio.run(() -> {
      List<Object> events = new ArrayList<>();
      Event ended = new Event();
      Event shut = new Event();
      try (var server =
              HttpServer.builder()
                  .halfClose(true)
                  .use((request, next) -> {
                    shut.await();
                    Asyncio.sleep(SOON); // the end of the input has come
                    return next.handle(request);
                  })
                  .webSocket(
                      "/",
                      socket -> {
                        events.add(socket.receiveText());
                        events.add(socket.receive() == null);
                        ended.set();
                      })
                  .start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send(
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
                + "\u0081\u0082\0\0\0\0hi");
        client.shutdownOutput();
        shut.set();
        ended.await();
        assertThat(events).containsExactly("hi", true);
      }
    });
  }

  @Test
  void halfCloseCountsAsGoingAwayOtherwise() {
    Asyncio.run(() -> {
      EndlessHandler endless = new EndlessHandler();
      try (var server = HttpServer.builder().get("/", endless).start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send(GET);
        endless.awaitRequest();
        client.shutdownOutput();
        endless.awaitCancelled();
        assertThat(client.readAll()).isEmpty();
      }
    });
  }

  @Test
  void aClientThatGoesAwayInTheBodyCancelsTheHandler() {
    Asyncio.run(() -> {
      List<String> events = new ArrayList<>();
      Event ended = new Event();
      try (var server =
          HttpServer.builder()
              .post(
                  "/",
                  request -> {
                    try {
                      events.add(new String(request.read()));
                      request.read();
                    } catch (CancelledError e) {
                      events.add("cancelled");
                      throw e;
                    } finally {
                      ended.set();
                    }
                    return ServerResponse.text("never");
                  })
              .start("127.0.0.1", 0)) {
        try (var client = RawClient.connect(server)) {
          client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
          while (events.isEmpty()) {
            Asyncio.sleep(Duration.ZERO);
          }
        }
        ended.await();
        assertThat(events).containsExactly("half", "cancelled");
      }
    });
  }

  // ---- clients that leave, or go on sending

  /** Has a request of a client handled that leaves while the server does not read it. */
  private static void leave(boolean anywhere, String requests) {
    Asyncio.run(() -> {
      assumeTrue(
          anywhere || NettyPoller.of(Asyncio.getRunningLoop()).transport() == IoTransport.EPOLL,
          "only Linux's own transport can tell");
      EndlessHandler endless = new EndlessHandler();
      try (var server =
          HttpServer.builder().get("/", endless).post("/", endless).start("127.0.0.1", 0)) {
        try (var client = RawClient.connect(server)) {
          client.send(requests);
          endless.awaitRequest();
        }
        endless.awaitCancelled();
      }
    });
  }

  @Test
  void aClientThatLeavesWithItsBodyUnreadCancelsTheHandler() {
    leave(
        true, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + "x".repeat(300_000));
  }

  @Test
  void aClientThatLeavesWithThousandsOfRequestsUnansweredCancelsTheHandler() {
    leave(false, GET.repeat(4_000));
  }

  @Test
  void aClientThatLeavesBehindAHandshakeThatIsNotAnsweredCancelsTheHandler() {
    leave(false, GET.replace("\r\n\r\n", "\r\nUpgrade: websocket\r\n\r\n") + "x".repeat(110_000));
  }

  @Test
  void halfClosedIsNotGoneWhileTheBodyIsUnread() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .halfClose(true)
                  .post(
                      "/",
                      request -> {
                        Asyncio.sleep(Duration.ofMillis(1_500)); // longer than the system is asked
                        return ServerResponse.text(request.bytes().length + "");
                      })
                  .start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send(
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + "x".repeat(300_000));
        client.shutdownOutput();
        assertThat(client.readAll()).endsWith("300000");
      }
    });
  }

  @Test
  void aClientThatSendsAllBeforeItReadsFindsTheRefusal() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .post("/", request -> ServerResponse.text(401, "no"))
                  .start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n");
        for (int i = 0; i < 4; i++) {
          client.send("x".repeat(1_000_000));
          Asyncio.sleep(Duration.ofMillis(700)); // longer than a second in all
        }
        assertThat(client.readAll()).startsWith("HTTP/1.1 401 ").endsWith("no");
      }
    });
  }

  @Test
  void whoSaysNoMoreAfterARefusalIsClosedSoon() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .post("/", request -> ServerResponse.text(401, "no"))
                  .start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n");
        assertThat(client.readAll()).endsWith("no");
        while (server.connections() > 0) {
          Asyncio.sleep(Duration.ofMillis(10));
        }
      }
    });
  }
}
