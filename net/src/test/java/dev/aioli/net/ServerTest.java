package dev.aioli.net;

import static dev.aioli.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.CancelledError;
import dev.aioli.ExceptionContext;
import dev.aioli.Task;
import dev.aioli.queue.Queue;
import dev.aioli.sync.Event;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeak.class)
class ServerTest {
  private static final String LOOPBACK = "127.0.0.1";

  private static void readToTheEnd(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      reader.read();
    }
  }

  /** Lets everything that can happen by itself happen. */
  private static void settle() {
    for (int i = 0; i < 50; i++) {
      sleep(Duration.ofMillis(1));
    }
  }

  @Test
  void eachConnectionHasATaskOfItsOwn() {
    run(() -> {
      Queue<Task<?>> tasks = new Queue<>(10);
      try (Server server =
          Streams.startServer(
              (reader, writer) -> {
                tasks.put(currentTask());
                writer.close();
              },
              LOOPBACK,
              0)) {
        Streams.openConnection(LOOPBACK, server.port()).close();
        Streams.openConnection(LOOPBACK, server.port()).close();
        assertThat(tasks.get()).isNotSameAs(tasks.get());
        assertThat(server.getLoop()).isSameAs(getRunningLoop());
      }
    });
  }

  @Test
  void aHandlerThatThrowsIsReportedAndItsConnectionClosed() {
    List<ExceptionContext> reported = new ArrayList<>();
    run(() -> {
      getRunningLoop().setExceptionHandler((loop, context) -> reported.add(context));
      try (Server server =
              Streams.startServer(
                  (reader, writer) -> {
                    writer.write("bye".getBytes(UTF_8));
                    throw new IOException("no more");
                  },
                  LOOPBACK,
                  0);
          Connection client = Streams.openConnection(LOOPBACK, server.port())) {
        assertThat(new String(client.reader().read(), UTF_8)).isEqualTo("bye");
      }
    });
    assertThat(reported)
        .singleElement()
        .satisfies(context -> {
          assertThat(context.message()).startsWith("Unhandled exception in the handler");
          assertThat(context.exception()).hasMessage("no more");
        });
  }

  @Test
  void aHandlerThatIsCancelledClosesItsConnection() {
    run(() -> {
      Queue<Task<?>> tasks = new Queue<>(10);
      try (Server server =
              Streams.startServer(
                  (reader, writer) -> {
                    tasks.put(currentTask());
                    reader.read();
                  },
                  LOOPBACK,
                  0);
          Connection client = Streams.openConnection(LOOPBACK, server.port())) {
        tasks.get().cancel();
        assertThat(client.reader().read()).isEmpty();
      }
    });
  }

  @Test
  void aConnectionOutlivesItsHandler() {
    run(() -> {
      Queue<StreamWriter> writers = new Queue<>(10);
      try (Server server =
              Streams.startServer((reader, writer) -> writers.put(writer), LOOPBACK, 0);
          Connection client = Streams.openConnection(LOOPBACK, server.port())) {
        StreamWriter kept = writers.get();
        settle();
        kept.write("later".getBytes(UTF_8));
        assertThat(new String(client.reader().readExactly(5), UTF_8)).isEqualTo("later");
        kept.close();
      }
    });
  }

  @Test
  void closingStopsListeningAndKeepsConnections() {
    run(() -> {
      Server server =
          Streams.startServer(
              (reader, writer) -> {
                try (writer) {
                  writer.write(reader.readline());
                }
              },
              LOOPBACK,
              0);
      int port = server.port();
      assertThat(server.isServing()).isTrue();
      assertThat(server.sockets())
          .containsExactly(new InetSocketAddress(LOOPBACK, port))
          .hasSize(1);
      try (Connection client = Streams.openConnection(LOOPBACK, port)) {
        client.writer().write("a".getBytes(UTF_8));
        settle();
        server.close();
        server.close();
        assertThat(server.isServing()).isFalse();
        assertThat(server.sockets()).isEmpty();
        assertThat(server.toString()).isEqualTo("Server[closed, clients=1]");
        sleep(Duration.ZERO);
        sleep(Duration.ZERO);
        assertThatThrownBy(() -> Streams.openConnection(LOOPBACK, port))
            .isInstanceOf(ConnectException.class);
        client.writer().write("b\n".getBytes(UTF_8));
        assertThat(new String(client.reader().read(), UTF_8)).isEqualTo("ab\n");
      }
      assertThatThrownBy(server::serveForever)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
      assertThatThrownBy(server::port).isInstanceOf(IllegalStateException.class);
    });
  }

  @Test
  void waitClosedWaitsForCloseAndForTheLastConnection() {
    run(() -> {
      Server server = Streams.startServer(ServerTest::readToTheEnd, LOOPBACK, 0);
      Task<?> waiting = createTask(() -> server.waitClosed());
      settle();
      assertThat(waiting.done()).as("open, without connections").isFalse();
      Connection client = Streams.openConnection(LOOPBACK, server.port());
      settle();
      server.close();
      settle();
      assertThat(waiting.done()).as("closed, with a connection").isFalse();
      client.close();
      waiting.await();
      server.waitClosed();
    });
  }

  @Test
  void closeClientsFreesWaitClosedAndSendsWhatWasWritten() {
    run(() -> {
      int size = 1_000_000;
      Server server =
          Streams.startServer(
              (reader, writer) -> {
                writer.write(new byte[size]);
                reader.read();
              },
              LOOPBACK,
              0);
      try (Connection client = Streams.openConnection(LOOPBACK, server.port())) {
        client.reader().readExactly(1);
        server.close();
        server.closeClients();
        assertThat(client.reader().read()).hasSize(size - 1);
        server.waitClosed();
      }
    });
  }

  @Test
  void abortClientsFreesWaitClosedThoughAPeerDoesNotRead() {
    run(() -> {
      Server server =
          Streams.startServer(
              (reader, writer) -> {
                writer.write(new byte[50_000_000]);
                reader.read();
              },
              LOOPBACK,
              0);
      try (Connection client = Streams.openConnection(LOOPBACK, server.port())) {
        client.reader().readExactly(1);
        server.close();
        server.closeClients();
        settle();
        Task<?> waiting = createTask(() -> server.waitClosed());
        settle();
        assertThat(waiting.done()).isFalse();
        server.abortClients();
        waiting.await();
      }
    });
  }

  /** As {@code test_close_clients} and {@code test_abort_clients} of CPython have it. */
  @Test
  void waitClosedKnowsTwoIterationsAfterTheClientsAreClosed() {
    for (boolean abort : List.of(false, true)) {
      run(() -> {
        Event served = new Event();
        Server server =
            Streams.startServer(
                (reader, writer) -> {
                  served.set();
                  reader.read();
                },
                LOOPBACK,
                0);
        try (Connection client = Streams.openConnection(LOOPBACK, server.port())) {
          served.await();
          Task<?> waiting = createTask(() -> server.waitClosed());
          sleep(Duration.ZERO);
          server.close();
          if (abort) {
            server.abortClients();
          } else {
            server.closeClients();
          }
          sleep(Duration.ZERO);
          sleep(Duration.ZERO);
          assertThat(waiting.done()).isTrue();
        }
      });
    }
  }

  // ---- serveForever

  @Test
  void cancellingServeForeverClosesTheServerAndWaitsForItsConnections() {
    run(() -> {
      Server server = Streams.startServer(ServerTest::readToTheEnd, LOOPBACK, 0);
      Task<?> serving = createTask(() -> server.serveForever());
      try (Connection client = Streams.openConnection(LOOPBACK, server.port())) {
        assertThatThrownBy(server::serveForever)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("already");
        settle();
        serving.cancel();
        settle();
        assertThat(server.isServing()).isFalse();
        assertThat(serving.done()).isFalse();
        client.close();
        assertThatThrownBy(serving::await).isInstanceOf(CancelledError.class);
      }
    });
  }

  @Test
  void closingTheServerEndsServeForever() {
    run(() -> {
      Server server = Streams.startServer(ServerTest::readToTheEnd, LOOPBACK, 0);
      Task<?> serving = createTask(() -> server.serveForever());
      sleep(Duration.ZERO);
      server.close();
      assertThatThrownBy(serving::await).isInstanceOf(CancelledError.class);
    });
  }

  @Test
  void aServerMayStartServingLater() {
    run(() -> {
      int[] served = {0};
      try (Server server =
          Streams.startServer(
              (reader, writer) -> {
                served[0]++;
                writer.close();
              },
              LOOPBACK,
              0,
              ServerOptions.DEFAULT.withStartServing(false))) {
        assertThat(server.isServing()).isFalse();
        Connection early = Streams.openConnection(LOOPBACK, server.port());
        settle();
        assertThat(served[0]).isZero();
        server.startServing();
        server.startServing();
        assertThat(server.isServing()).isTrue();
        assertThat(early.reader().read()).isEmpty();
        assertThat(served[0]).isEqualTo(1);
        early.close();
      }
    });
  }

  // ---- addresses

  @Test
  void aPortIsTakenOnceUnlessItIsShared() {
    run(() -> {
      try (Server server = Streams.startServer(ServerTest::readToTheEnd, LOOPBACK, 0)) {
        assertThatThrownBy(
                () -> Streams.startServer(ServerTest::readToTheEnd, LOOPBACK, server.port()))
            .isInstanceOf(IOException.class);
      }
      ServerOptions shared = ServerOptions.DEFAULT.withReusePort(true);
      try (Server first = Streams.startServer(ServerTest::readToTheEnd, LOOPBACK, 0, shared);
          Server second =
              Streams.startServer(ServerTest::readToTheEnd, LOOPBACK, first.port(), shared)) {
        assertThat(second.port()).isEqualTo(first.port());
      }
    });
  }

  @Test
  void noHostMeansAllInterfaces() {
    run(() -> {
      try (Server server = Streams.startServer(ServerTest::readToTheEnd, null, 0);
          Connection one = Streams.openConnection(LOOPBACK, server.port());
          Connection other = Streams.openConnection("127.0.0.5", server.port())) {
        assertThat(one.writer().isClosing() || other.writer().isClosing()).isFalse();
      }
    });
  }

  @Test
  void badOptionsAreRefused() {
    assertThatThrownBy(() -> ServerOptions.DEFAULT.withLimit(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected limit > 0, found 0");
    assertThatThrownBy(() -> ServerOptions.DEFAULT.withBacklog(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ConnectionOptions.DEFAULT.withLimit(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ConnectionOptions.DEFAULT.withInterleave(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // ---- the end of a run

  @Test
  void aRunLeavesNoPortBehind() throws Exception {
    int port = 0;
    for (int round = 0; round < 100; round++) {
      int wanted = port;
      port =
          run(() -> {
            Server server = Streams.startServer(ServerTest::readToTheEnd, LOOPBACK, wanted);
            Streams.openConnection(LOOPBACK, server.port()).writer().write(new byte[100]);
            createTask(() -> server.serveForever());
            sleep(Duration.ZERO);
            return server.port(); // neither server nor connection is closed
          });
    }
    try (var again = new java.net.ServerSocket()) {
      again.setReuseAddress(true);
      again.bind(new InetSocketAddress(LOOPBACK, port));
      assertThat(again.isBound()).isTrue();
    }
  }
}
