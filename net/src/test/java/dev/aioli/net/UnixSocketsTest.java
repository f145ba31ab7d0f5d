package dev.aioli.net;

import static dev.aioli.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeak.class)
class UnixSocketsTest {
  @TempDir private Path folder;

  private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (byte[] line : reader) {
        writer.write(line);
      }
    }
  }

  @Test
  void linesComeBackAndTheFileGoesWithTheServer() {
    Path path = folder.resolve("echo.sock");
    run(() -> {
      try (Server server = Streams.startUnixServer(UnixSocketsTest::echo, path)) {
        assertThat(server.sockets()).hasToString("[" + path + "]");
        assertThatThrownBy(server::port).isInstanceOf(IllegalStateException.class);
        try (Connection client = Streams.openUnixConnection(path)) {
          assertThat(client.writer().peername()).isEqualTo(UnixDomainSocketAddress.of(path));
          client.writer().write("hello\n".getBytes(UTF_8));
          assertThat(new String(client.reader().readline(), UTF_8)).isEqualTo("hello\n");
          client.writer().writeEof();
          assertThat(client.reader().read()).isEmpty();
        }
        assertThat(path).exists();
        server.close();
        assertThat(path).doesNotExist();
        server.waitClosed();
        assertThat(path).doesNotExist();
      }
    });
  }

  /** As a restart without a gap has it. As {@code test_unix_server_cleanup_replaced} of CPython. */
  @Test
  void aServerThatClosesLeavesTheSocketOfItsSuccessor() {
    Path path = folder.resolve("handed-over.sock");
    run(() -> {
      Server old = Streams.startUnixServer(UnixSocketsTest::echo, path);
      try (Server young = Streams.startUnixServer(UnixSocketsTest::echo, path)) {
        old.close();
        old.waitClosed();
        for (int i = 0; i < 10; i++) {
          sleep(Duration.ofMillis(1)); // its channel closes, too
        }
        try (Connection client = Streams.openUnixConnection(path)) {
          client.writer().write("hello\n".getBytes(UTF_8));
          assertThat(client.reader().readline()).hasSize(6);
        }
        assertThat(young.sockets()).hasToString("[" + path + "]");
      }
      assertThat(path).doesNotExist();
    });
  }

  @Test
  void aLoopThatClosesLeavesTheSocketOfAnotherLoopsServer() throws Exception {
    Path path = folder.resolve("two-loops.sock");
    try (var other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      run(() -> {
        Streams.startUnixServer(UnixSocketsTest::echo, path);
        Files.delete(path);
        other.bind(UnixDomainSocketAddress.of(path));
      });
      assertThat(path).exists();
    }
  }

  @Test
  void aServerLeavesWhateverElseIsAtItsPathByThen() {
    Path path = folder.resolve("replaced.sock");
    run(() -> {
      try (Server server = Streams.startUnixServer(UnixSocketsTest::echo, path)) {
        assertThat(server.isServing()).isTrue();
        Files.delete(path);
        Files.writeString(path, "precious");
      }
    });
    assertThat(path).hasContent("precious");
  }

  @Test
  void aServerWhoseFileIsGoneClosesInSilence() {
    Path path = folder.resolve("gone.sock");
    run(() -> {
      getRunningLoop()
          .setExceptionHandler((loop, context) -> {
            throw new AssertionError(context.message());
          });
      try (Server server = Streams.startUnixServer(UnixSocketsTest::echo, path)) {
        assertThat(server.isServing()).isTrue();
        Files.delete(path);
      }
    });
  }

  @Test
  void aCancelledStartLeavesNoFile() {
    for (int steps = 0; steps < 6; steps++) {
      Path path = folder.resolve("cancelled-" + steps + ".sock");
      int iterations = steps;
      run(() -> {
        var starting = createTask(() -> Streams.startUnixServer(UnixSocketsTest::echo, path));
        for (int i = 0; i < iterations; i++) {
          sleep(Duration.ofMillis(1));
        }
        starting.cancel();
        gather(List.of(starting), true);
      });
      assertThat(path).doesNotExist();
    }
  }

  @Test
  void connectionsBeyondOneAreAccepted() {
    Path path = folder.resolve("many.sock");
    run(() -> {
      try (Server server = Streams.startUnixServer(UnixSocketsTest::echo, path)) {
        for (int i = 0; i < 50; i++) {
          try (Connection client = Streams.openUnixConnection(path)) {
            client.writer().write("hello\n".getBytes(UTF_8));
            assertThat(client.reader().readline()).hasSize(6);
          }
        }
        server.close();
        assertThatThrownBy(() -> Streams.openUnixConnection(path)).isInstanceOf(IOException.class);
        server.waitClosed();
      }
    });
  }

  @Test
  void aSocketThatWasLeftIsReplaced() throws Exception {
    Path path = folder.resolve("again.sock");
    try (var crashed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      crashed.bind(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).exists();
    run(() -> {
      try (Server server = Streams.startUnixServer(UnixSocketsTest::echo, path)) {
        Streams.openUnixConnection(path).close();
        assertThat(server.isServing()).isTrue();
      }
    });
    assertThat(path).doesNotExist();
  }

  @Test
  void aRunThatDoesNotCloseItsServerLeavesNoFile() {
    Path path = folder.resolve("left.sock");
    run(() -> {
      Server server = Streams.startUnixServer(UnixSocketsTest::echo, path);
      assertThat(server.isServing()).isTrue();
      assertThat(path).exists();
    });
    assertThat(path).doesNotExist();
  }

  @Test
  void aFileOfAnotherKindStays() throws Exception {
    Path path = folder.resolve("precious.txt");
    Files.writeString(path, "precious");
    run(() -> {
      assertThatThrownBy(() -> Streams.startUnixServer(UnixSocketsTest::echo, path))
          .isInstanceOf(FileAlreadyExistsException.class)
          .hasMessageContaining("expected a socket");
    });
    assertThat(path).hasContent("precious");
  }

  @Test
  void noServerAndNoNameForTlsAreErrors() throws Exception {
    SSLContext context = SSLContext.getDefault();
    run(() -> {
      Path nobody = folder.resolve("nobody.sock");
      assertThatThrownBy(() -> Streams.openUnixConnection(nobody)).isInstanceOf(IOException.class);
      ConnectionOptions nameless = ConnectionOptions.DEFAULT.withTls(TlsOptions.of(context));
      assertThatThrownBy(() -> Streams.openUnixConnection(nobody, nameless))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("serverHostname");
    });
  }

  @Test
  void tlsOverAUnixSocket() throws Exception {
    Keys keys = Keys.selfSigned(folder);
    TlsOptions trusting = TlsOptions.of(keys.client()).withServerHostname("localhost");
    SSLContext serving = keys.server();
    run(() -> {
      Path path = folder.resolve("tls.sock");
      try (Server server =
              Streams.startUnixServer(
                  UnixSocketsTest::echo,
                  path,
                  ServerOptions.DEFAULT.withTls(TlsOptions.of(serving)));
          Connection client =
              Streams.openUnixConnection(path, ConnectionOptions.DEFAULT.withTls(trusting))) {
        client.writer().write("x\n".getBytes(UTF_8));
        assertThat(client.reader().readline()).hasSize(2);
        assertThat(server.isServing()).isTrue();
      }
    });
  }
}
