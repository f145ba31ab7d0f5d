package dev.aioli.http;

import static dev.aioli.http.testing.WebSockets.upgraded;
import static dev.aioli.http.testing.WebSockets.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.Task;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpException;
import dev.aioli.http.client.HttpResponse;
import dev.aioli.http.client.WebSocketClient;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.http.testing.WebSockets;
import dev.aioli.sync.Event;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class WebSocketTest {
  @Test
  void messagesGoBothWaysInOrder() {
    with(
        WebSockets::echo,
        (server, url) -> {
          try (var socket = WebSocketClient.create().connect(url)) {
            for (int i = 0; i < 100; i++) {
              socket.send("text \u00f6 " + i);
              socket.send(new byte[] {(byte) i});
            }
            for (int i = 0; i < 100; i++) {
              assertThat(socket.receiveText()).isEqualTo("text \u00f6 " + i);
              assertThat(socket.receive())
                  .isInstanceOfSatisfying(
                      WebSocket.Binary.class, binary -> assertThat(binary.bytes()).hasSize(1));
            }
            byte[] large = new byte[200_000];
            socket.send(large);
            assertThat(((WebSocket.Binary) socket.receive()).bytes()).isEqualTo(large);
            socket.send("");
            assertThat(socket.receiveText()).isEmpty();
            socket.ping();
            assertThat(socket.isOpen()).isTrue();
            socket.close();
            assertThat(socket.closeCode()).isEqualTo(WebSocket.NORMAL);
            assertThat(socket.receive()).isNull();
            assertThatThrownBy(() -> socket.send("late"))
                .isInstanceOf(WebSocketClosedException.class)
                .hasMessage("the WebSocket is closed: 1000");
            assertThatThrownBy(socket::ping).isInstanceOf(WebSocketClosedException.class);
          }
          while (server.connections() > 0) {
            Asyncio.sleep(Duration.ZERO);
          }
        });
  }

  @Test
  void theServersCloseReachesTheClient() {
    with(
        socket -> socket.close(4001, "enough"),
        (server, url) -> {
          try (var socket = WebSocketClient.create().connect(url)) {
            assertThat(socket.receive()).isNull();
            assertThat(socket.closeCode()).isEqualTo(4001);
            assertThat(socket.closeReason()).isEqualTo("enough");
          }
        });
  }

  @Test
  void theEndOfTheHandlerClosesAndItsFailureIsReported() {
    with(
        socket -> {
          if (socket.receiveText().equals("fail")) {
            throw new IOException("on purpose");
          }
        },
        (server, url) -> {
          List<Throwable> reported = new ArrayList<>();
          Asyncio.getRunningLoop()
              .setExceptionHandler((loop, context) -> reported.add(context.exception()));
          var client = WebSocketClient.create();
          try (var socket = client.connect(url)) {
            socket.send("end");
            assertThat(socket.receive()).isNull();
            assertThat(socket.closeCode()).isEqualTo(WebSocket.NORMAL);
          }
          try (var socket = client.connect(url)) {
            socket.send("fail");
            assertThat(socket.receive()).isNull();
            assertThat(socket.closeCode()).isEqualTo(1011);
          }
          while (reported.isEmpty()) {
            Asyncio.sleep(Duration.ZERO);
          }
          assertThat(reported).singleElement().isInstanceOf(IOException.class);
        });
  }

  @Test
  void aMessageThatIsTooLargeCloses() {
    with(
        WebSocketOptions.DEFAULT.withMaxMessageBytes(100),
        WebSockets::echo,
        (server, url) -> {
          try (var socket = WebSocketClient.create().connect(url)) {
            socket.send("a".repeat(100));
            assertThat(socket.receiveText()).hasSize(100);
            socket.send("a".repeat(101));
            assertThat(socket.receive()).isNull();
            assertThat(socket.closeCode()).isEqualTo(1009);
          }
        });
  }

  @Test
  void aConnectionThatIsLostEndsIt() {
    Event ended = new Event();
    List<Integer> codes = new ArrayList<>();
    with(
        socket -> {
          assertThat(socket.receive()).isNull();
          codes.add(socket.closeCode());
          ended.set();
        },
        (server, url) -> {
          upgraded(server).close();
          ended.await();
          assertThat(codes).containsExactly(WebSocket.ABNORMAL);
        });
  }

  @Test
  void aPeerThatShowsNoSignIsGivenUp() {
    Event ended = new Event();
    List<Integer> codes = new ArrayList<>();
    with(
        WebSocketOptions.DEFAULT.withHeartbeat(Duration.ofMillis(30)),
        socket -> {
          assertThat(socket.receive()).isNull();
          codes.add(socket.closeCode());
          ended.set();
        },
        (server, url) -> {
          try (var client = upgraded(server)) {
            assertThat(client.readBytes(2)).isEqualTo(new byte[] {(byte) 0x89, 0});
            ended.await();
            assertThat(codes).containsExactly(WebSocket.ABNORMAL);
          }
        });
  }

  @Test
  void aPeerThatNeverAnswersTheCloseIsNotWaitedForLong() {
    Event ended = new Event();
    with(
        WebSocketOptions.DEFAULT.withCloseTimeout(Duration.ofMillis(30)),
        socket -> {
          socket.close();
          ended.set();
        },
        (server, url) -> {
          try (var client = upgraded(server)) {
            ended.await();
            assertThat(client.readAll()).hasSize(4); // the close, then the end
          }
        });
  }

  @Test
  void aSlowReceiverSlowsTheSenderDown() {
    int count = 300;
    int[] sent = {0};
    with(
        socket -> {
          for (int i = 0; i < count; i++) {
            socket.send(new byte[100_000]);
            sent[0]++;
          }
        },
        (server, url) -> {
          try (var socket = WebSocketClient.create().connect(url)) {
            int before = -1;
            while (sent[0] == 0 || sent[0] != before) { // until it comes to rest
              before = sent[0];
              Asyncio.sleep(Duration.ofMillis(50));
            }
            assertThat(sent[0]).isLessThan(count); // the sockets hold a few megabytes
            for (int i = 0; i < count; i++) {
              assertThat(((WebSocket.Binary) socket.receive()).bytes()).hasSize(100_000);
            }
            assertThat(socket.receive()).isNull();
          }
        });
  }

  @Test
  void cancelledReceiveLosesNothingAndTheNextReceiverIsServed() {
    with(
        WebSockets::echo,
        (server, url) -> {
          try (var socket = WebSocketClient.create().connect(url)) {
            Task<String> first = Asyncio.createTask(socket::receiveText);
            Task<String> second = Asyncio.createTask(socket::receiveText);
            Asyncio.sleep(Duration.ZERO);
            first.cancel();
            assertThatThrownBy(first::await).isInstanceOf(CancelledError.class);
            socket.send("a");
            assertThat(second.await()).isEqualTo("a");
            for (int steps = 0; steps < 30; steps++) {
              Task<String> cancelled = Asyncio.createTask(socket::receiveText);
              Task<String> next = Asyncio.createTask(socket::receiveText);
              socket.send("m" + steps);
              for (int i = 0; i < steps; i++) {
                Asyncio.sleep(Duration.ZERO);
              }
              if (cancelled.cancel()) {
                Asyncio.gather(List.of(cancelled), true);
                if (cancelled.cancelled()) {
                  assertThat(next.await()).isEqualTo("m" + steps);
                  continue;
                }
              }
              assertThat(cancelled.await()).isEqualTo("m" + steps);
              socket.send("n");
              assertThat(next.await()).isEqualTo("n");
            }
          }
        });
  }

  @Test
  void closingTheServerSaysGoodBye() {
    Asyncio.run(() -> {
      var server = HttpServer.builder().webSocket("/", WebSockets::echo).start("127.0.0.1", 0);
      var socket = WebSocketClient.create().connect("ws://127.0.0.1:" + server.port());
      Task<?> receiving = Asyncio.createTask(socket::receive);
      server.close();
      receiving.await();
      assertThat(socket.closeCode()).isEqualTo(WebSocket.GOING_AWAY);
      socket.close();
    });
  }

  @Test
  void aServerThatClosesCancelsAHandlerThatDoesNotListen() {
    Asyncio.run(() -> {
      List<String> events = new ArrayList<>();
      var server =
          HttpServer.builder()
              .grace(Duration.ofMillis(20))
              .webSocket(
                  "/",
                  socket -> {
                    try {
                      new Event().await();
                    } catch (CancelledError e) {
                      events.add("cancelled");
                      throw e;
                    }
                  })
              .start("127.0.0.1", 0);
      try (var client = upgraded(server)) {
        server.close();
        while (events.isEmpty()) {
          Asyncio.sleep(Duration.ZERO);
        }
      }
    });
  }

  @Test
  void subprotocolsAreAgreedOn() {
    List<String> agreed = new ArrayList<>();
    with(
        WebSocketOptions.DEFAULT.withProtocols("b", "c"),
        socket -> agreed.add(String.valueOf(socket.protocol())),
        (server, url) -> {
          var options = WebSocketOptions.DEFAULT.withProtocols("a", "b");
          try (var socket = WebSocketClient.create().with(options).connect(url)) {
            assertThat(socket.protocol()).isEqualTo("b");
            assertThat(socket.receive()).isNull();
          }
          assertThat(agreed).containsExactly("b");
        });
  }

  @Test
  void whoAsksForNoWebSocketIsToldTo() {
    with(
        WebSockets::echo,
        (server, url) -> {
          try (var http = HttpClient.create()) {
            HttpResponse response = http.get(server.url() + "/");
            assertThat(response.status()).isEqualTo(426);
            assertThat(response.headers().get("upgrade")).isEqualTo("websocket");
          }
          String head =
              "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
          try (var client = RawClient.connect(server)) {
            client.send(head + "Sec-WebSocket-Version: 7\r\n\r\n");
            assertThat(client.readUntil("\r\n\r\n"))
                .startsWith("HTTP/1.1 426 ")
                .containsIgnoringCase("sec-websocket-version: 13");
          }
          try (var client = RawClient.connect(server)) {
            client.send(head + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: a\r\n\r\n");
            assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 400 ");
          }
        });
  }

  @Test
  void theClientSaysWhatIsWrong() {
    with(
        WebSockets::echo,
        (server, url) -> {
          var client = WebSocketClient.create();
          assertThatThrownBy(() -> client.connect(url + "nowhere"))
              .isInstanceOf(HttpException.ProtocolError.class)
              .hasMessageContaining("404");
          assertThatThrownBy(() -> client.connect("http://127.0.0.1"))
              .isInstanceOf(HttpException.InvalidUrl.class)
              .hasMessageContaining("ws://");
          assertThatThrownBy(() -> client.connect("ws://127.0.0.1:1"))
              .isInstanceOf(HttpException.ConnectFailed.class);
          try (var silent = ScriptedServer.start((number, peer) -> peer.awaitEnd());
              var closing = ScriptedServer.start((number, peer) -> peer.readHead());
              var wrong =
                  ScriptedServer.answering(
                      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          + "Connection: upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n")) {
            assertThatThrownBy(() ->
                    client
                        .connectTimeout(Duration.ofMillis(50))
                        .connect("ws://127.0.0.1:" + silent.port()))
                .isInstanceOf(HttpException.TimedOut.class);
            assertThatThrownBy(() -> client.connect("ws://127.0.0.1:" + closing.port()))
                .isInstanceOf(HttpException.ConnectFailed.class)
                .hasMessageContaining("was closed during the handshake");
            assertThatThrownBy(() -> client.connect("ws://nowhere.invalid/"))
                .isInstanceOf(HttpException.ConnectFailed.class)
                .hasMessageContaining("unknown host 'nowhere.invalid'");
            assertThatThrownBy(() -> client.connect("ws://127.0.0.1:" + wrong.port()))
                .isInstanceOf(HttpException.ProtocolError.class);
          }
        });
  }

  @Test
  void refusesCodesThatMayNotBeSent() {
    with(
        WebSockets::echo,
        (server, url) -> {
          try (var socket = WebSocketClient.create().connect(url)) {
            for (int code : new int[] {999, 1004, 1005, 1006, 1015, 2999, 5000}) {
              assertThatThrownBy(() -> socket.close(code, ""))
                  .isInstanceOf(IllegalArgumentException.class);
            }
            assertThatThrownBy(() -> socket.close(1000, "a".repeat(124)))
                .isInstanceOf(IllegalArgumentException.class);
            assertThat(socket.isOpen()).isTrue();
          }
        });
  }

  @Test
  void halfOfASurrogatePairIsRefusedAndTheWebSocketStays() {
    with(
        WebSockets::echo,
        (server, url) -> {
          try (var socket = WebSocketClient.create().connect(url)) {
            assertThatThrownBy(() -> socket.send("a\ud83d"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("half of a surrogate pair, U+D83D, at 1");
            assertThatThrownBy(() -> socket.close(1000, "\ude00"))
                .isInstanceOf(IllegalArgumentException.class);
            socket.send("a\ud83d\ude00");
            assertThat(socket.receiveText()).isEqualTo("a\ud83d\ude00");
          }
        });
  }

  /** The JDK's WebSocket as the peer. */
  private static final class JdkListener implements java.net.http.WebSocket.Listener {
    final CompletableFuture<String> text = new CompletableFuture<>();
    final CompletableFuture<Integer> pong = new CompletableFuture<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();

    @Override
    public CompletionStage<?> onText(
        java.net.http.WebSocket socket, CharSequence data, boolean last) {
      text.complete(data.toString());
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onPong(java.net.http.WebSocket socket, ByteBuffer message) {
      pong.complete(message.remaining());
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(java.net.http.WebSocket socket, int code, String reason) {
      closed.complete(code);
      return null;
    }
  }

  @Test
  void talksToTheJdksClient() {
    with(
        WebSockets::echo,
        (server, url) -> {
          try (var client = java.net.http.HttpClient.newHttpClient()) {
            var listener = new JdkListener();
            var socket =
                Asyncio.await(client.newWebSocketBuilder().buildAsync(URI.create(url), listener));
            Asyncio.await(socket.sendText("hello", true));
            assertThat(Asyncio.await(listener.text)).isEqualTo("hello");
            Asyncio.await(socket.sendPing(ByteBuffer.allocate(3)));
            assertThat(Asyncio.await(listener.pong)).isEqualTo(3);
            Asyncio.await(socket.sendClose(1000, "bye"));
            assertThat(Asyncio.await(listener.closed)).isEqualTo(1000);
          }
        });
  }
}
