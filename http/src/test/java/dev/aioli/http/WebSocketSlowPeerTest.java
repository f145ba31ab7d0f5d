package dev.aioli.http;

import static dev.aioli.http.testing.WebSockets.upgraded;
import static dev.aioli.http.testing.WebSockets.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.Task;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.WebSocketClient;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.WebSockets;
import dev.aioli.sync.Event;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Peers that do not read what they are sent, and what one can do about them without waiting. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class WebSocketSlowPeerTest {
  private static final int LIMIT = 100_000;
  private static final String MESSAGE = "m".repeat(10_000);

  /** Who waits for a peer to answer waits longer than the test may take. */
  private static final WebSocketOptions OPTIONS =
      WebSocketOptions.DEFAULT
          .withCloseTimeout(Duration.ofHours(1))
          .withSendBufferBytes(LIMIT)
          .withCompress(WebSocketOptions.Compress.NEVER);

  /** Sends until there is no room, with steps of the loop in between. */
  private static int fill(WebSocket socket) {
    int sent = 0;
    for (int refused = 0; refused < 100; ) { // the system takes megabytes before it is full
      if (socket.trySend(MESSAGE)) {
        sent++;
        refused = 0;
      } else {
        refused++;
        Asyncio.sleep(Duration.ZERO);
      }
    }
    return sent;
  }

  /** Until the server has no connection, and its handlers, the only other tasks, have ended. */
  private static void awaitNoConnections(HttpServer server) {
    while (server.connections() > 0 || Asyncio.allTasks().size() > 1) {
      Asyncio.sleep(Duration.ofMillis(1));
    }
  }

  @Test
  void serverCutsAClientThatReadsNothingAtOnce() {
    List<String> seen = new ArrayList<>();
    with(
        OPTIONS,
        socket -> {
          fill(socket);
          seen.add("full " + (socket.bufferedBytes() > LIMIT));
          seen.add("by one message " + (socket.bufferedBytes() <= LIMIT + MESSAGE.length() + 64));
          socket.abort();
          seen.add("open " + socket.isOpen() + ", code " + socket.closeCode());
          socket.abort();
        },
        (server, url) -> {
          try (var deaf = upgraded(server)) {
            while (seen.size() < 3) {
              Asyncio.sleep(Duration.ofMillis(1));
            }
            awaitNoConnections(server);
          }
        });
    assertThat(seen).containsExactly("full true", "by one message true", "open false, code 1006");
  }

  @Test
  void clientCutsAServerThatReadsNothingAtOnce() {
    Event cut = new Event();
    List<Integer> codes = new ArrayList<>();
    with(
        OPTIONS,
        socket -> {
          cut.await();
          while (socket.receive() != null) {}
          codes.add(socket.closeCode());
        },
        (server, url) -> {
          WebSocket socket = WebSocketClient.create().with(OPTIONS).connect(url);
          assertThat(fill(socket)).isGreaterThan(10);
          assertThat(socket.bufferedBytes()).isGreaterThan(LIMIT);
          socket.abort();
          cut.set();
          awaitNoConnections(server);
          assertThat(socket.bufferedBytes()).isZero();
          assertThatThrownBy(() -> socket.trySend("late"))
              .isInstanceOf(WebSocketClosedException.class)
              .hasMessage("the WebSocket is closed: 1006 (aborted)");
          assertThat(socket.receive()).isNull();
          socket.close();
        });
    assertThat(codes).containsExactly(WebSocket.ABNORMAL);
  }

  @Test
  void tlsConnectionIsCutAsWell(@TempDir Path folder) throws Exception {
    SSLContext tls = Certificates.serverContext(Certificates.selfSigned(folder, "localhost"));
    Event cut = new Event();
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .sslContext(tls)
                  .webSocket("/", OPTIONS, socket -> cut.await())
                  .start("127.0.0.1", 0);
          var http = HttpClient.builder().insecure().build()) {
        WebSocket socket = http.webSocket(server.url().replace("http", "ws") + "/", OPTIONS);
        fill(socket);
        socket.abort();
        cut.set();
        awaitNoConnections(server);
      }
    });
  }

  @Test
  void abortWakesThoseWhoSendAndReceive() {
    List<String> ends = new ArrayList<>();
    with(
        OPTIONS,
        socket -> {
          fill(socket);
          Task<?> sending =
              Asyncio.createTask(() -> {
                assertThatThrownBy(() -> socket.send(MESSAGE))
                    .isInstanceOf(WebSocketClosedException.class);
                ends.add("send");
              });
          Task<?> receiving =
              Asyncio.createTask(() -> {
                assertThat(socket.receive()).isNull();
                ends.add("receive");
              });
          Asyncio.sleep(Duration.ZERO);
          assertThat(ends).isEmpty();
          socket.abort();
          Asyncio.gather(sending, receiving);
        },
        (server, url) -> {
          try (var deaf = upgraded(server)) {
            awaitNoConnections(server);
          }
        });
    assertThat(ends).containsExactlyInAnyOrder("send", "receive");
  }

  @Test
  void trySendKeepsTheOrderAndHasRoomAgainOnceThePeerHasRead() {
    with(
        OPTIONS,
        WebSockets::echo,
        (server, url) -> {
          try (var socket = WebSocketClient.create().with(OPTIONS).connect(url)) {
            socket.send("1");
            assertThat(socket.trySend("2")).isTrue();
            assertThat(socket.trySend(new byte[] {3})).isTrue();
            socket.send("4");
            assertThat(socket.receiveText()).isEqualTo("1");
            assertThat(socket.receiveText()).isEqualTo("2");
            assertThat(((WebSocket.Binary) socket.receive()).bytes()).containsExactly(3);
            assertThat(socket.receiveText()).isEqualTo("4");
            int sent = 0;
            while (socket.trySend(MESSAGE)) {
              sent++; // in one step of the loop, so that nothing goes out meanwhile
            }
            assertThat(sent).isEqualTo(LIMIT / (MESSAGE.length() + 64) + 1);
            while (!socket.trySend("again")) {
              assertThat(socket.receiveText()).isEqualTo(MESSAGE);
            }
            assertThatThrownBy(() -> socket.trySend("\ud800"))
                .isInstanceOf(IllegalArgumentException.class);
          }
        });
  }

  @Test
  void sendSuspendsBeyondTheLimitOfTheOptions() {
    with(
        OPTIONS,
        WebSockets::echo,
        (server, url) -> {
          try (var socket = WebSocketClient.create().with(OPTIONS).connect(url)) {
            List<String> order = new ArrayList<>();
            Asyncio.getRunningLoop().callSoon(() -> order.add("other"));
            socket.send(new byte[LIMIT - 64]);
            order.add("room");
            socket.send("x");
            order.add("waited");
            assertThat(order).containsExactly("room", "other", "waited");
          }
        });
  }

  @Test
  void routeHasOptions() {
    Asyncio.run(() -> {
      try (var server =
          HttpServer.builder()
              .webSocket("/ws", OPTIONS.withProtocols("chat"), WebSockets::echo)
              .start("127.0.0.1", 0)) {
        var client = WebSocketClient.create().with(OPTIONS.withProtocols("chat"));
        try (var socket = client.connect(server.url().replace("http", "ws") + "/ws")) {
          assertThat(socket.protocol()).isEqualTo("chat");
        }
      }
    });
  }

  @Test
  void sendBufferOfNoByteIsRefused() {
    assertThatThrownBy(() -> OPTIONS.withSendBufferBytes(0))
        .hasMessage("expected sendBufferBytes of at least 1, was 0");
  }
}
