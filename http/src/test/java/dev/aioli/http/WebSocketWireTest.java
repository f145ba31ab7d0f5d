package dev.aioli.http;

import static dev.aioli.http.testing.WebSockets.HANDSHAKE;
import static dev.aioli.http.testing.WebSockets.bytes;
import static dev.aioli.http.testing.WebSockets.readCloseCode;
import static dev.aioli.http.testing.WebSockets.upgraded;
import static dev.aioli.http.testing.WebSockets.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.aioli.Asyncio;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import dev.aioli.http.testing.WebSockets;
import dev.aioli.net.IoTransport;
import dev.aioli.net.NettyPoller;
import dev.aioli.sync.Event;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frames of all kinds, as a client might send them, and what comes at an awkward time. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class WebSocketWireTest {
  @ParameterizedTest
  @CsvSource({
    "81 81 00000000 ff, 1007", // not UTF-8
    "01 81 00000000 ff 80 80 00000000, 1007", // nor in fragments
    "80 81 00000000 61, 1002", // a continuation of nothing
    "83 81 00000000 61, 1002", // unknown opcode
    "81 01 61, 1002", // not masked
    "c1 81 00000000 61, 1002", // a reserved bit
    "09 80 00000000, 1002", // a ping in fragments
    "88 81 00000000 03, 1002", // half a close code
    "88 82 00000000 03ed, 1002", // 1005 may not be sent
    "88 82 00000000 1387, 4999", // the largest that may
    "88 82 00000000 1388, 1002", // 5000 may not
    "88 82 00000000 ffff, 1002",
    "88 84 00000000 03e8 e282, 1007", // a reason that ends inside a character
  })
  void whatBreaksTheRulesCloses(String frame, int code) {
    List<Integer> codes = new ArrayList<>();
    with(
        socket -> {
          while (socket.receive() != null) {
            // nothing is expected
          }
          codes.add(socket.closeCode());
        },
        (server, url) -> {
          try (var client = upgraded(server)) {
            client.send(bytes(frame));
            assertThat(readCloseCode(client)).isEqualTo(code);
          }
          while (codes.isEmpty()) {
            Asyncio.sleep(Duration.ZERO);
          }
          assertThat(codes).containsExactly(code);
        });
  }

  @Test
  void fragmentsMakeAMessageAndPingsComeBetween() {
    with(
        socket -> socket.send("got " + socket.receiveText()),
        (server, url) -> {
          try (var client = upgraded(server)) {
            client.send(bytes("01 82 00000000 6162"));
            client.send(bytes("89 81 00000000 70"));
            assertThat(client.readBytes(3)).isEqualTo(new byte[] {(byte) 0x8a, 1, 'p'});
            client.send(bytes("00 81 00000000 63"));
            client.send(bytes("80 81 00000000 64"));
            assertThat(new String(client.readBytes(10))).endsWith("got abcd");
          }
        });
  }

  @Test
  void fragmentsAreNotCopiedForEachOneThatFollows() {
    int large = 3 * 1024 * 1024;
    int small = 500;
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    with(
        socket -> {
          int length = ((WebSocket.Binary) Objects.requireNonNull(socket.receive())).bytes().length;
          socket.send("got " + length);
        },
        (server, url) -> {
          try (var client = upgraded(server)) {
            long before = threads.getTotalThreadAllocatedBytes();
            client.send(bytes("02 ff 0000000000300000 00000000") + "a".repeat(large));
            client.send(bytes("00 81 00000000 61").repeat(small) + bytes("80 81 00000000 61"));
            assertThat(new String(client.readBytes(13))).endsWith("got " + (large + small + 1));
            assertThat(threads.getTotalThreadAllocatedBytes() - before).isLessThan(large * 200L);
          }
        });
  }

  @Test
  void emptyFragmentsAreBounded() {
    with(
        socket -> socket.send("got " + socket.receiveText()),
        (server, url) -> {
          try (var client = upgraded(server)) {
            client.send(bytes("01 80 00000000 00 80 00000000 80 81 00000000 61"));
            assertThat(new String(client.readBytes(7))).endsWith("got a");
          }
          try (var client = upgraded(server)) {
            client.send(bytes("01 80 00000000") + bytes("00 80 00000000").repeat(1000));
            assertThat(readCloseCode(client)).isEqualTo(1008);
          }
        });
  }

  // ---- what comes at an awkward time

  @Test
  void anEchoOfWhatCameWithTheCloseIsSent() {
    with(
        WebSockets::echo,
        (server, url) -> {
          try (var client = upgraded(server)) {
            client.send(bytes("81 81 00000000 61  81 81 00000000 62  88 82 00000000 03e8"));
            assertThat(client.readAll()).isEqualTo(bytes("81 01 61  81 01 62  88 02 03e8"));
          }
        });
  }

  @Test
  void aCloseIsAnsweredAtOnceIfNothingIsUnread() {
    Event finish = new Event();
    with(
        socket -> {
          assertThat(socket.receiveText()).isEqualTo("a");
          finish.await(); // busy with what it has received
          assertThatThrownBy(() -> socket.send("late"))
              .isInstanceOf(WebSocketClosedException.class);
        },
        (server, url) -> {
          try (var client = upgraded(server)) {
            client.send(bytes("81 81 00000000 61"));
            while (Asyncio.allTasks().size() < 2) {
              Asyncio.sleep(Duration.ZERO);
            }
            Asyncio.sleep(Duration.ofMillis(50));
            client.send(bytes("88 82 00000000 03e8"));
            assertThat(client.readAll()).isEqualTo(bytes("88 02 03e8"));
          }
          finish.set();
        });
  }

  @Test
  void aCloseBehindWhatNobodyReadsIsAnsweredAfterItsTime() {
    Event ended = new Event();
    with(
        WebSocketOptions.DEFAULT.withCloseTimeout(Duration.ofMillis(50)),
        socket -> ended.await(),
        (server, url) -> {
          try (var client = upgraded(server)) {
            client.send(bytes("81 81 00000000 61  88 82 00000000 03e8"));
            assertThat(client.readAll()).isEqualTo(bytes("88 02 03e8"));
          }
          ended.set();
        });
  }

  @Test
  void pingsAreAnsweredWhileMessagesWait() {
    Event ended = new Event();
    with(
        socket -> ended.await(),
        (server, url) -> {
          try (var client = upgraded(server)) {
            client.send((bytes("82 fe 03e8 00000000") + "x".repeat(1_000)).repeat(500));
            client.send(bytes("89 81 00000000 70"));
            assertThat(client.readBytes(3)).isEqualTo(new byte[] {(byte) 0x8a, 1, 'p'});
            ended.set();
          }
        });
  }

  @Test
  void anEndIsSeenWhileNoMoreCanWait() {
    Event ended = new Event();
    int[] received = {0};
    with(
        WebSocketOptions.DEFAULT.withMaxMessageBytes(1_000),
        socket -> {
          while (socket.isOpen()) {
            Asyncio.sleep(Duration.ofMillis(10));
          }
          while (socket.receive() != null) {
            received[0]++;
          }
          ended.set();
        },
        (server, url) -> {
          assumeTrue(
              NettyPoller.of(Asyncio.getRunningLoop()).transport() == IoTransport.EPOLL,
              "only Linux's own transport can tell");
          try (var client = upgraded(server)) {
            client.send((bytes("82 fe 03e8 00000000") + "x".repeat(1_000)).repeat(110));
            client.shutdownOutput();
            ended.await();
            assertThat(received[0]).isEqualTo(110);
          }
        });
  }

  @Test
  void framesBehindTheHandshakeAreKept() {
    with(
        WebSockets::echo,
        (server, url) -> {
          try (var client = RawClient.connect(server)) {
            client.send(HANDSHAKE + "\r\n" + bytes("89 81 00000000 70  81 81 00000000 61  81"));
            assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 101 ");
            assertThat(client.readBytes(6))
                .isEqualTo(new byte[] {(byte) 0x8a, 1, 'p', (byte) 0x81, 1, 'a'});
            client.send(bytes("81 00000000 62")); // the rest of it
            assertThat(client.readBytes(3)).isEqualTo(new byte[] {(byte) 0x81, 1, 'b'});
          }
        });
  }

  @ParameterizedTest
  @CsvSource({
    "Content-Length: 5, 400",
    "Transfer-Encoding: chunked, 400",
    "Content-Length: 0, 101",
  })
  void aHandshakeHasNoBody(String field, int status) {
    with(
        WebSockets::echo,
        (server, url) -> {
          try (var client = RawClient.connect(server)) {
            client.send(HANDSHAKE + field + "\r\n\r\n");
            assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 " + status + " ");
          }
        });
  }
}
