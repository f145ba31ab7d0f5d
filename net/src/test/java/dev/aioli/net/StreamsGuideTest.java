package dev.aioli.net;

import static dev.aioli.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.CancelledError;
import dev.aioli.TimeoutException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The snippets of docs/guide/streams.md. */
@ExtendWith(NoLeak.class)
class StreamsGuideTest {
  private final StringBuilder printed = new StringBuilder();

  private void println(Object text) {
    printed.append(text).append('\n');
  }

  // region serve
  void serve(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (byte[] line : reader) { // until the client closes
        writer.write(line);
        writer.drain(); // waits while the client is slower than we are
      }
    }
  }

  // endregion serve

  @Test
  void echo() {
    // region echo
    run(() -> {
      try (var server = Streams.startServer(this::serve, "127.0.0.1", 0);
          var connection = Streams.openConnection("127.0.0.1", server.port())) {
        connection.writer().write("hello\n".getBytes(UTF_8));
        println(new String(connection.reader().readline(), UTF_8).strip());
      }
    });
    // endregion echo
    assertThat(printed).hasToString("hello\n");
  }

  @Test
  void timeLimit() throws Exception {
    try (var silent = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
      int port = silent.getLocalPort();
      run(() -> {
        // region limit
        try (var connection = Streams.openConnection("127.0.0.1", port)) {
          timeout(Duration.ofMillis(50), () -> connection.reader().readExactly(4));
        } catch (TimeoutException e) {
          println("no answer"); // what came of the four bytes is still in the reader
        } catch (IncompleteReadException e) {
          println("closed after " + e.partial().length + " bytes");
        }
        // endregion limit
      });
    }
    assertThat(printed).hasToString("no answer\n");
  }

  @Test
  void stop() {
    run(() -> {
      // region stop
      var server = Streams.startServer(this::serve, "127.0.0.1", 0);
      var serving = createTask(() -> server.serveForever());
      sleep(Duration.ofMillis(10)); // until it is time to go
      server.close(); // nobody new
      server.closeClients(); // and those who are here get what was written to them
      server.waitClosed();
      // endregion stop
      try {
        serving.await();
      } catch (CancelledError e) {
        println("stopped");
      }
    });
    assertThat(printed).hasToString("stopped\n");
  }

  @Test
  void tls(@TempDir Path folder) throws Exception {
    Keys keys = Keys.selfSigned(folder);
    SSLContext serverContext = keys.server();
    SSLContext clientContext = keys.client();
    // region tls
    run(() -> {
      var secure = ServerOptions.DEFAULT.withTls(TlsOptions.of(serverContext));
      var trusting = ConnectionOptions.DEFAULT.withTls(TlsOptions.of(clientContext));
      try (var server = Streams.startServer(this::serve, "localhost", 0, secure);
          var connection = Streams.openConnection("localhost", server.port(), trusting)) {
        println(connection.writer().sslSession().getProtocol());
      }
    });
    // endregion tls
    assertThat(printed).hasToString("TLSv1.3\n");
  }

  @Test
  void unix(@TempDir Path folder) {
    Path path = folder.resolve("app.sock");
    // region unix
    run(() -> {
      try (var server = Streams.startUnixServer(this::serve, path);
          var connection = Streams.openUnixConnection(path)) {
        connection.writer().write("hello\n".getBytes(UTF_8));
        println(connection.reader().readline().length);
      }
    });
    // endregion unix
    assertThat(printed).hasToString("6\n");
  }

  @Test
  void udp() {
    // region udp
    run(() -> {
      var local = DatagramOptions.DEFAULT.withLocalAddr(new InetSocketAddress("127.0.0.1", 0));
      try (var clock = DatagramEndpoint.open(local)) {
        createTask(() -> {
          var question = clock.receive();
          clock.send("noon".getBytes(UTF_8), question.sender());
        });
        var toClock = DatagramOptions.DEFAULT.withRemoteAddr(clock.sockname());
        try (var client = DatagramEndpoint.open(toClock)) {
          client.send("what time is it?".getBytes(UTF_8));
          println(new String(client.receive().data(), UTF_8));
        }
      }
    });
    // endregion udp
    assertThat(printed).hasToString("noon\n");
  }
}
