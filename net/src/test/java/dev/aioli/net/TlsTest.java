package dev.aioli.net;

import static dev.aioli.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.ExceptionContext;
import dev.aioli.Task;
import dev.aioli.TimeoutException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeak.class)
class TlsTest {
  private static final String LOOPBACK = "127.0.0.1";

  @TempDir private static Path folder;
  private static TlsOptions server;
  private static TlsOptions client;

  @BeforeAll
  static void makeKeys() throws Exception {
    Keys keys = Keys.selfSigned(folder);
    server = TlsOptions.of(keys.server());
    client = TlsOptions.of(keys.client()).withServerHostname("localhost");
  }

  private static ServerOptions secure() {
    return ServerOptions.DEFAULT.withTls(server);
  }

  private static ConnectionOptions trusting() {
    return ConnectionOptions.DEFAULT.withTls(client);
  }

  private static void echo(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      for (byte[] some = reader.read(1 << 16); some.length > 0; some = reader.read(1 << 16)) {
        writer.write(some);
        writer.drain();
      }
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  @Test
  void linesComeBackInTls() {
    run(() -> {
      try (Server listening = Streams.startServer(TlsTest::echo, LOOPBACK, 0, secure());
          Connection connection = Streams.openConnection(LOOPBACK, listening.port(), trusting())) {
        connection.writer().write("hello\n".getBytes(UTF_8));
        assertThat(text(connection.reader().readline())).isEqualTo("hello\n");
        assertThat(connection.writer().sslSession().getProtocol()).isEqualTo("TLSv1.3");
        assertThat(connection.writer().canWriteEof()).isFalse();
        assertThatThrownBy(connection.writer()::writeEof)
            .isInstanceOf(UnsupportedOperationException.class);
      }
    });
  }

  @Test
  void aLotComesBackWholeAndTheEndAfterIt() {
    run(() -> {
      try (Server listening = Streams.startServer(TlsTest::echo, LOOPBACK, 0, secure());
          Connection connection = Streams.openConnection(LOOPBACK, listening.port(), trusting())) {
        byte[] sent = new byte[3_000_000];
        for (int i = 0; i < sent.length; i++) {
          sent[i] = (byte) (i / 7);
        }
        Task<byte[]> reading = createTask(() -> connection.reader().readExactly(sent.length));
        connection.writer().write(sent);
        connection.writer().drain();
        assertThat(reading.await()).isEqualTo(sent);
        connection.close();
        connection.writer().waitClosed();
        listening.close();
        listening.waitClosed();
      }
    });
  }

  @Test
  void whatIsWrittenBeforeCloseArrivesBeforeTheEnd() {
    run(() -> {
      try (Server listening =
              Streams.startServer(
                  (reader, writer) -> {
                    writer.write(new byte[1_000_000]);
                    writer.close();
                  },
                  LOOPBACK,
                  0,
                  secure());
          Connection connection = Streams.openConnection(LOOPBACK, listening.port(), trusting())) {
        assertThat(connection.reader().read()).hasSize(1_000_000);
        connection.writer().waitClosed();
        assertThat(connection.writer().isClosing()).isTrue();
      }
    });
  }

  @Test
  void theNameOfTheServerIsChecked() {
    run(() -> {
      try (Server listening = Streams.startServer(TlsTest::echo, LOOPBACK, 0, secure())) {
        TlsOptions wrong = client.withServerHostname("example.org");
        assertThatThrownBy(() ->
                Streams.openConnection(
                    LOOPBACK, listening.port(), ConnectionOptions.DEFAULT.withTls(wrong)))
            .isInstanceOf(SSLException.class);
        TlsOptions none = client.withServerHostname("");
        Streams.openConnection(LOOPBACK, listening.port(), ConnectionOptions.DEFAULT.withTls(none))
            .close();
        // Without a name it is that of the host that was asked for.
        TlsOptions host = TlsOptions.of(client.context());
        Streams.openConnection(
                "localhost", listening.port(), ConnectionOptions.DEFAULT.withTls(host))
            .close();
        assertThatThrownBy(() ->
                Streams.openConnection(
                    LOOPBACK, listening.port(), ConnectionOptions.DEFAULT.withTls(host)))
            .isInstanceOf(SSLException.class);
      }
    });
  }

  @Test
  void anUnknownAuthorityIsRefusedAndReportedByTheServerInDebugMode() {
    List<ExceptionContext> reported = new ArrayList<>();
    run(() -> {
      getRunningLoop().setExceptionHandler((loop, context) -> reported.add(context));
      try (Server listening = Streams.startServer(TlsTest::echo, LOOPBACK, 0, secure())) {
        TlsOptions stranger =
            TlsOptions.of(SSLContext.getDefault()).withServerHostname("localhost");
        ConnectionOptions options = ConnectionOptions.DEFAULT.withTls(stranger);
        assertThatThrownBy(() -> Streams.openConnection(LOOPBACK, listening.port(), options))
            .isInstanceOf(SSLHandshakeException.class);
        assertThat(reported).isEmpty();
        getRunningLoop().setDebug(true);
        assertThatThrownBy(() -> Streams.openConnection(LOOPBACK, listening.port(), options))
            .isInstanceOf(SSLHandshakeException.class);
        while (reported.isEmpty()) {
          sleep(Duration.ZERO);
        }
        getRunningLoop().setDebug(false);
        listening.close();
        listening.waitClosed(); // the connections that failed are gone
      }
    });
    assertThat(reported.getFirst().message()).startsWith("TLS handshake failed on");
  }

  @Test
  void parametersReachTheEngine() {
    run(() -> {
      SSLParameters old = new SSLParameters();
      old.setProtocols(new String[] {"TLSv1.2"});
      SSLParameters needsClient = new SSLParameters();
      needsClient.setNeedClientAuth(true);
      needsClient.setProtocols(new String[] {"TLSv1.2"});
      try (Server listening = Streams.startServer(TlsTest::echo, LOOPBACK, 0, secure());
          Server strict =
              Streams.startServer(
                  TlsTest::echo,
                  LOOPBACK,
                  0,
                  ServerOptions.DEFAULT.withTls(server.withParameters(needsClient)));
          Connection connection =
              Streams.openConnection(
                  LOOPBACK,
                  listening.port(),
                  ConnectionOptions.DEFAULT.withTls(client.withParameters(old)))) {
        assertThat(connection.writer().sslSession().getProtocol()).isEqualTo("TLSv1.2");
        assertThatThrownBy(() -> Streams.openConnection(LOOPBACK, strict.port(), trusting()))
            .isInstanceOf(IOException.class);
      }
    });
  }

  @Test
  void aHandshakeThatIsNotAnsweredTimesOut() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getByName(LOOPBACK))) {
      run(() -> {
        TlsOptions hasty = client.withHandshakeTimeout(Duration.ofMillis(50));
        assertThatThrownBy(() ->
                Streams.openConnection(
                    LOOPBACK, silent.getLocalPort(), ConnectionOptions.DEFAULT.withTls(hasty)))
            .isInstanceOf(SSLException.class)
            .hasMessageContaining("50ms");
      });
    }
  }

  @Test
  void anEndInTheMiddleOfTheHandshakeIsAnError() throws Exception {
    try (ServerSocket rude = new ServerSocket(0, 5, InetAddress.getByName(LOOPBACK))) {
      run(() -> {
        Task<Connection> opening =
            createTask(() -> Streams.openConnection(LOOPBACK, rude.getLocalPort(), trusting()));
        toThread(() -> {
          rude.accept().close();
          return 0;
        });
        assertThatThrownBy(() -> Opening.await(opening)).isInstanceOf(IOException.class);
      });
    }
  }

  @Test
  void aCancelledHandshakeClosesItsConnection() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getByName(LOOPBACK))) {
      run(() -> {
        assertThatThrownBy(() ->
                timeout(
                    Duration.ofMillis(100),
                    () -> Streams.openConnection(LOOPBACK, silent.getLocalPort(), trusting())))
            .isInstanceOf(TimeoutException.class);
        int last =
            toThread(() -> {
              try (var accepted = silent.accept()) {
                accepted.setSoTimeout(30_000);
                accepted.getInputStream().readAllBytes(); // the client hello, then the end
                return accepted.getInputStream().read();
              }
            });
        assertThat(last).isEqualTo(-1);
      });
    }
  }

  // ---- startTls

  private static void upgrade(StreamReader reader, StreamWriter writer) throws IOException {
    try (writer) {
      assertThat(text(reader.readline())).isEqualTo("STARTTLS\n");
      writer.write("GO\n".getBytes(UTF_8));
      writer.startTls(server);
      writer.write(reader.readline());
    }
  }

  @Test
  void aPlainConnectionTurnsIntoTls() {
    run(() -> {
      try (Server listening = Streams.startServer(TlsTest::upgrade, LOOPBACK, 0);
          Connection connection = Streams.openConnection(LOOPBACK, listening.port())) {
        connection.writer().write("STARTTLS\n".getBytes(UTF_8));
        assertThat(text(connection.reader().readline())).isEqualTo("GO\n");
        assertThat(connection.writer().sslSession()).isNull();
        connection.writer().startTls(client);
        assertThat(connection.writer().sslSession().getPeerCertificates()).isNotEmpty();
        connection.writer().write("secret\n".getBytes(UTF_8));
        assertThat(text(connection.reader().read())).isEqualTo("secret\n");
        assertThatThrownBy(() -> connection.writer().startTls(client))
            .isInstanceOf(IOException.class)
            .hasMessage("Connection lost");
      }
    });
  }

  @Test
  void startTlsTwiceIsRefused() {
    run(() -> {
      try (Server listening = Streams.startServer(TlsTest::echo, LOOPBACK, 0, secure());
          Connection connection = Streams.openConnection(LOOPBACK, listening.port(), trusting())) {
        assertThatThrownBy(() -> connection.writer().startTls(client))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("TLS already");
      }
    });
  }

  @Test
  void aFailedStartTlsClosesTheConnection() {
    run(() -> {
      try (Server listening =
              Streams.startServer(
                  (reader, writer) -> {
                    writer.write("this is no TLS\n".getBytes(UTF_8));
                    reader.read();
                    writer.close();
                  },
                  LOOPBACK,
                  0);
          Connection connection = Streams.openConnection(LOOPBACK, listening.port())) {
        assertThatThrownBy(() -> connection.writer().startTls(client))
            .isInstanceOf(IOException.class);
        assertThat(connection.writer().isClosing()).isTrue();
      }
    });
  }
}
