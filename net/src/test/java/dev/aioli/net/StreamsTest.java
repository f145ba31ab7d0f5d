package dev.aioli.net;

import static dev.aioli.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.CancelledError;
import dev.aioli.ExceptionContext;
import dev.aioli.Future;
import dev.aioli.sync.Event;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeak.class)
class StreamsTest {
  private static final String LOOPBACK = "127.0.0.1";

  /**
   * A body that gets a connection, and the other end of it as asyncio would give it to a server.
   */
  private interface Body {
    void run(Connection client, Connection server) throws Exception;
  }

  /** Runs a body with both ends of a connection; nothing may reach the exception handler. */
  private static void connected(ServerOptions serverOptions, ConnectionOptions options, Body body) {
    List<ExceptionContext> reported = new ArrayList<>();
    run(() -> {
      getRunningLoop().setExceptionHandler((loop, context) -> reported.add(context));
      Future<Connection> accepted = getRunningLoop().createFuture();
      try (Server server =
              Streams.startServer(
                  (reader, writer) -> accepted.setResult(new Connection(reader, writer)),
                  LOOPBACK,
                  0,
                  serverOptions);
          Connection client = Streams.openConnection(LOOPBACK, server.port(), options);
          Connection other = accepted.await()) {
        body.run(client, other);
      }
    });
    assertThat(reported).isEmpty();
  }

  private static void connected(Body body) {
    connected(ServerOptions.DEFAULT, ConnectionOptions.DEFAULT, body);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (byte[] line : reader) {
        writer.write(line);
        writer.drain();
      }
    }
  }

  // ---- bytes there and back

  @Test
  void linesComeBack() {
    run(() -> {
      try (Server server = Streams.startServer(StreamsTest::echo, LOOPBACK, 0);
          Connection client = Streams.openConnection("localhost", server.port())) {
        client.writer().writelines(List.of(bytes("one\n"), bytes("two\n")));
        assertThat(text(client.reader().readline())).isEqualTo("one\n");
        assertThat(text(client.reader().readline())).isEqualTo("two\n");
        client.writer().writeEof();
        assertThat(client.reader().read()).isEmpty();
      }
    });
  }

  @Test
  void aLotComesOverWhole() {
    byte[] sent = new byte[5_000_000];
    for (int i = 0; i < sent.length; i++) {
      sent[i] = (byte) (i * 31 + i / 256);
    }
    connected((client, server) -> {
      var reading = createTask(() -> server.reader().readExactly(sent.length));
      client.writer().write(sent);
      client.writer().drain();
      assertThat(Arrays.equals(reading.await(), sent)).isTrue();
    });
  }

  @Test
  void whatIsWrittenMayChangeAfterwards() {
    connected((client, server) -> {
      byte[] buffer = bytes("before");
      client.writer().write(buffer, 1, 3);
      Arrays.fill(buffer, (byte) '!');
      assertThat(text(server.reader().readExactly(3))).isEqualTo("efo");
    });
  }

  @Test
  void smallWritesOfATurnGoTogether() {
    connected((client, server) -> {
      for (int i = 0; i < 1000; i++) {
        client.writer().write(bytes("x"));
      }
      assertThat(client.writer().getWriteBufferSize()).isEqualTo(1000);
      assertThat(server.reader().read(5000)).hasSize(1000);
      assertThat(client.writer().getWriteBufferSize()).isZero();
    });
  }

  @Test
  void manyTasksWriteAndDrainOneStream() {
    connected((client, server) -> {
      client.writer().setWriteBufferLimits(10, 0);
      var reading = createTask(() -> server.reader().readExactly(20 * 50 * 4).length);
      gather(
          IntStream.range(0, 20)
              .mapToObj(n ->
                  createTask(() -> {
                    for (int i = 0; i < 50; i++) {
                      client.writer().write(new byte[] {1, 2, 3, 4});
                      client.writer().drain();
                    }
                    return n;
                  }))
              .toList());
      assertThat(reading.await()).isEqualTo(4000);
    });
  }

  // ---- back-pressure

  @Test
  void drainWaitsForASlowPeerAndGoesOnWhenItReads() {
    connected((client, server) -> {
      // More than the buffers of the system and of the reader hold.
      int chunk = 1 << 20;
      var writing =
          createTask(() -> {
            for (int i = 0; i < 40; i++) {
              client.writer().write(new byte[chunk]);
              client.writer().drain();
            }
            return "done";
          });
      while (client.writer().getWriteBufferSize() == 0) {
        sleep(Duration.ZERO);
      }
      for (int i = 0; i < 200; i++) {
        sleep(Duration.ofMillis(1));
      }
      assertThat(writing.done()).isFalse();
      assertThat(client.writer().getWriteBufferSize()).isBetween(1L, (long) chunk);

      assertThat(server.reader().readExactly(40 * chunk)).hasSize(40 * chunk);
      assertThat(writing.await()).isEqualTo("done");
    });
  }

  @Test
  void aReaderThatIsFullStopsItsPeer() {
    connected(
        ServerOptions.DEFAULT.withLimit(1000),
        ConnectionOptions.DEFAULT,
        (client, server) -> {
          client.writer().write(new byte[30_000_000]);
          while (!server.reader().isPaused()) {
            sleep(Duration.ZERO);
          }
          for (int i = 0; i < 50; i++) {
            sleep(Duration.ofMillis(1));
          }
          // What one read of the socket may bring above the mark is all there is.
          assertThat(server.reader().toString()).contains("paused");
          assertThat(server.reader().read(1 << 30).length).isLessThan(2_000_000);
          client.writer().abort();
        });
  }

  /** Netty's epoll reads all that is left when the peer has closed, paused or not. */
  @Test
  void aReaderThatWasFullWhenItsPeerClosedGetsTheRest() {
    connected(
        ServerOptions.DEFAULT.withLimit(1000),
        ConnectionOptions.DEFAULT,
        (client, server) -> {
          client.writer().write(new byte[300_000]);
          client.writer().writeEof();
          while (!server.reader().isPaused()) {
            sleep(Duration.ZERO);
          }
          for (int i = 0; i < 30; i++) {
            sleep(Duration.ofMillis(1));
          }
          assertThat(server.reader().read()).hasSize(300_000);
          server.writer().write(bytes("answer"));
          assertThat(text(client.reader().readExactly(6))).isEqualTo("answer");
        });
  }

  @Test
  void aDrainBelowTheMarkDoesNotSuspend() {
    connected((client, server) -> {
      boolean[] ran = {false};
      getRunningLoop().callSoon(() -> ran[0] = true);
      client.writer().write(new byte[1000]);
      client.writer().drain();
      assertThat(ran[0]).isFalse();
    });
  }

  /** As {@code test_eof_feed_when_closing_writer} of CPython has it. */
  @Test
  void theFirstDrainAfterCloseTellsOfTheEnd() {
    connected((client, server) -> {
      client.writer().close();
      client.writer().write(new byte[10]);
      assertThatThrownBy(client.writer()::drain)
          .isInstanceOf(IOException.class)
          .hasMessage("Connection lost");
    });
  }

  @Test
  void theFirstDrainAfterAbortTellsOfTheEnd() {
    connected((client, server) -> {
      client.writer().write(new byte[10]);
      client.writer().abort();
      assertThatThrownBy(client.writer()::drain).isInstanceOf(IOException.class);
    });
  }

  @Test
  void aCancelledDrainDropsNothing() {
    connected((client, server) -> {
      int size = 20_000_000;
      client.writer().write(new byte[size]);
      var draining =
          createTask(() -> {
            client.writer().drain();
            return "drained";
          });
      sleep(Duration.ZERO);
      draining.cancel();
      assertThatThrownBy(draining::await).isInstanceOf(CancelledError.class);
      assertThat(server.reader().readExactly(size)).hasSize(size);
    });
  }

  @Test
  void marksThatMakeNoSenseAreRefused() {
    connected((client, server) -> {
      assertThatThrownBy(() -> client.writer().setWriteBufferLimits(1, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("high 1 and low 2");
    });
  }

  // ---- ends

  @Test
  void halfClosedConnectionsGoOnInTheOtherDirection() {
    connected((client, server) -> {
      client.writer().write(bytes("question"));
      assertThat(client.writer().canWriteEof()).isTrue();
      client.writer().writeEof();
      assertThat(text(server.reader().read())).isEqualTo("question");
      assertThatThrownBy(() -> client.writer().write(bytes("more")))
          .isInstanceOf(IllegalStateException.class);
      server.writer().write(bytes("answer"));
      server.writer().close();
      assertThat(text(client.reader().read())).isEqualTo("answer");
      assertThat(client.reader().atEof()).isTrue();
    });
  }

  @Test
  void closeSendsWhatWasWritten() {
    connected((client, server) -> {
      client.writer().write(new byte[3_000_000]);
      client.writer().close();
      client.writer().write(bytes("dropped"));
      assertThat(client.writer().isClosing()).isTrue();
      assertThat(server.reader().read()).hasSize(3_000_000);
      client.writer().waitClosed();
      client.writer().waitClosed();
      assertThatThrownBy(client.writer()::drain)
          .isInstanceOf(SocketException.class)
          .hasMessage("Connection lost");
    });
  }

  @Test
  void whatIsWrittenLastInARunIsSent() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName(LOOPBACK))) {
      run(() -> {
        var client = Streams.openConnection(LOOPBACK, server.getLocalPort());
        client.writer().write(bytes("good-bye"));
        client.writer().close();
      });
      try (Socket accepted = server.accept()) {
        assertThat(text(accepted.getInputStream().readAllBytes())).isEqualTo("good-bye");
      }
    }
  }

  @Test
  void abortDropsWhatIsNotSent() {
    connected((client, server) -> {
      client.writer().write(new byte[50_000_000]);
      sleep(Duration.ZERO);
      client.writer().abort();
      client.writer().waitClosed();
      assertThat(readUntilLost(server.reader())).isLessThan(50_000_000);
    });
  }

  private static long readUntilLost(StreamReader reader) {
    long count = 0;
    try {
      for (byte[] some = reader.read(1 << 20); some.length > 0; some = reader.read(1 << 20)) {
        count += some.length;
      }
    } catch (IOException e) {
      // a reset ends it, too
    }
    return count;
  }

  @Test
  void severalTasksWaitForTheEnd() {
    connected((client, server) -> {
      var first = createTask(() -> client.writer().waitClosed());
      var cancelled = createTask(() -> client.writer().waitClosed());
      var last = createTask(() -> client.writer().waitClosed());
      sleep(Duration.ZERO);
      cancelled.cancel();
      client.writer().close();
      first.await();
      last.await();
      assertThat(cancelled.cancelled()).isTrue();
    });
  }

  @Test
  void aReaderOfAClosedWriterReadsTheEnd() {
    connected((client, server) -> {
      var reading = createTask(() -> client.reader().read().length);
      sleep(Duration.ZERO);
      client.writer().close();
      assertThat(reading.await()).isZero();
    });
  }

  // ---- a peer that goes wrong

  /** A connection to a plain socket of the JDK, which can do what streams don't. */
  private interface PeerBody {
    void run(Connection client, Socket peer) throws Exception;
  }

  private static void withPeer(PeerBody body) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName(LOOPBACK))) {
      run(() -> {
        try (Connection client = Streams.openConnection(LOOPBACK, server.getLocalPort());
            Socket peer = server.accept()) {
          body.run(client, peer);
        }
      });
    }
  }

  private static void reset(Socket peer) throws IOException {
    peer.setSoLinger(true, 0);
    peer.close();
  }

  @Test
  void aResetReachesReaderDrainAndWaitClosed() throws Exception {
    withPeer((client, peer) -> {
      var reading = createTask(() -> client.reader().readExactly(10));
      sleep(Duration.ZERO);
      reset(peer);
      assertThatThrownBy(() -> Opening.await(reading)).isInstanceOf(IOException.class);
      assertThat(client.writer().isClosing()).isTrue();
      assertThatThrownBy(client.writer()::drain).isSameAs(client.reader().exception());
      assertThatThrownBy(client.writer()::waitClosed).isSameAs(client.reader().exception());
    });
  }

  @Test
  void writingToAPeerThatIsGoneFailsAfterAWhile() throws Exception {
    withPeer((client, peer) -> {
      peer.close();
      assertThat(client.reader().read()).isEmpty();
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 100_000; i++) {
                  client.writer().write(new byte[1000]);
                  client.writer().drain();
                }
              })
          .isInstanceOf(IOException.class);
      assertThat(client.writer().isClosing()).isTrue();
    });
  }

  @Test
  void aTaskThatDrainsLearnsOfTheReset() throws Exception {
    withPeer((client, peer) -> {
      client.writer().write(new byte[30_000_000]);
      var draining =
          createTask(() -> {
            client.writer().drain();
            return "drained";
          });
      sleep(Duration.ofMillis(10));
      reset(peer);
      assertThatThrownBy(() -> Opening.await(draining)).isInstanceOf(IOException.class);
      assertThat(client.writer().getWriteBufferSize()).isZero();
    });
  }

  // ---- opening

  @Test
  void aRefusedConnectionAndAnUnknownHostAreErrors() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 5, InetAddress.getByName(LOOPBACK))) {
      port = free.getLocalPort();
    }
    run(() -> {
      assertThatThrownBy(() -> Streams.openConnection(LOOPBACK, port))
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("refused");
      assertThatThrownBy(() -> Streams.openConnection("nowhere.invalid", 1))
          .isInstanceOf(UnknownHostException.class);
      assertThatThrownBy(() -> Streams.openConnection(LOOPBACK, 70_000))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("found 70000");
    });
  }

  @Test
  void connectsFromTheLocalAddressThatIsAskedFor() {
    run(() -> {
      Event done = new Event();
      Future<Object> seen = getRunningLoop().createFuture();
      try (Server server =
          Streams.startServer(
              (reader, writer) -> {
                seen.setResult(((InetSocketAddress) writer.peername()).getHostString());
                writer.close();
                done.set();
              },
              LOOPBACK,
              0)) {
        var options =
            ConnectionOptions.DEFAULT.withLocalAddr(new InetSocketAddress("127.0.0.9", 0));
        try (Connection client = Streams.openConnection(LOOPBACK, server.port(), options)) {
          assertThat(seen.await()).isEqualTo("127.0.0.9");
          assertThat(((InetSocketAddress) client.writer().sockname()).getHostString())
              .isEqualTo("127.0.0.9");
          assertThat(((InetSocketAddress) client.writer().peername()).getPort())
              .isEqualTo(server.port());
          assertThat(client.writer().sslSession()).isNull();
        }
        done.await();
      }
    });
  }

  @Test
  void aCancelledOpeningLeavesNoConnection() {
    run(() -> {
      int[] accepted = {0};
      try (Server server =
          Streams.startServer(
              (reader, writer) -> {
                accepted[0]++;
                try (writer) {
                  reader.read();
                }
              },
              LOOPBACK,
              0)) {
        for (int steps = 0; steps < 8; steps++) {
          var opening = createTask(() -> Streams.openConnection(LOOPBACK, server.port()));
          for (int i = 0; i < steps; i++) {
            sleep(Duration.ZERO);
          }
          if (opening.cancel()) {
            gather(List.of(opening), true);
          } else {
            opening.result().close();
          }
        }
        server.close();
        server.waitClosed(); // every connection that was accepted is closed by its other end
      }
    });
  }

  @Test
  void aForeignThreadIsRefused() {
    connected((client, server) ->
        assertThatThrownBy(() ->
                toThread(() -> {
                  client.writer().write(new byte[1]);
                  return 1;
                }))
            .isInstanceOf(IllegalStateException.class));
  }

  // ---- ends of the loop

  @Test
  void anUnclosedConnectionIsReportedInDebugMode() {
    List<String> reported = new ArrayList<>();
    run(() -> {
      getRunningLoop().setDebug(true);
      getRunningLoop()
          .setExceptionHandler((loop, context) -> {
            assertThat(context.source()).isNotNull();
            reported.add(context.message());
          });
      Server server = Streams.startServer((reader, writer) -> writer.close(), LOOPBACK, 0);
      Streams.openConnection(LOOPBACK, server.port());
      Streams.openConnection(LOOPBACK, server.port()).close();
    });
    assertThat(reported).singleElement().asString().startsWith("unclosed StreamWriter[");
  }

  @Test
  void closingAfterTheLoopIsClosedDoesNothing() {
    Connection[] kept = new Connection[1];
    run(() -> {
      Server server = Streams.startServer(StreamsTest::echo, LOOPBACK, 0);
      kept[0] = Streams.openConnection(LOOPBACK, server.port());
    });
    kept[0].close();
    assertThat(kept[0].writer().isClosing()).isTrue();
  }
}
