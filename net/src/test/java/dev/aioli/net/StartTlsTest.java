package dev.aioli.net;

import static dev.aioli.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Future;
import dev.aioli.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is carried from clear text into TLS, and what must not be. */
@ExtendWith(NoLeak.class)
class StartTlsTest {
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

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String line(StreamReader reader) throws IOException {
    return new String(reader.readline(), UTF_8);
  }

  private static void waitForBytes(StreamReader reader) {
    while (reader.toString().contains("[0 bytes")) {
      sleep(Duration.ZERO);
    }
  }

  /** What one side of a connection does. */
  private interface Side {
    void run(Connection connection) throws Exception;
  }

  /** Connects both sides in clear text, and waits for them. */
  private static void between(int limit, Side serverSide, Side clientSide) {
    run(() -> {
      Future<Void> served = getRunningLoop().createFuture();
      try (Server listening =
          Streams.startServer(
              (reader, writer) -> {
                try (writer) {
                  serverSide.run(new Connection(reader, writer));
                  served.setResult(null);
                } catch (Throwable e) {
                  served.setException(e);
                }
              },
              LOOPBACK,
              0,
              ServerOptions.DEFAULT.withLimit(limit))) {
        try (Connection connection = Streams.openConnection(LOOPBACK, listening.port())) {
          clientSide.run(connection);
        }
        served.await();
      }
    });
  }

  private static void between(Side serverSide, Side clientSide) {
    between(StreamReader.DEFAULT_LIMIT, serverSide, clientSide);
  }

  /** As {@code test_start_tls_buffered_data} of CPython 3.14's test_streams. */
  @Test
  void aHandshakeThatBeginsBeforeTheServerIsReadySucceeds() {
    between(
        connection -> {
          assertThat(line(connection.reader())).isEqualTo("PROXY TCP4\n");
          waitForBytes(connection.reader());
          connection.writer().startTls(server);
          connection.writer().write(connection.reader().readline());
        },
        connection -> {
          connection.writer().write(bytes("PROXY TCP4\n"));
          connection.writer().startTls(client);
          connection.writer().write(bytes("secret\n"));
          assertThat(line(connection.reader())).isEqualTo("secret\n");
        });
  }

  @Test
  void clearTextBehindTheLastLineBreaksTheHandshakeOfAServer() {
    between(
        connection -> {
          assertThat(line(connection.reader())).isEqualTo("STARTTLS\n");
          waitForBytes(connection.reader());
          connection.writer().write(bytes("go\n"));
          assertThatThrownBy(() -> connection.writer().startTls(server))
              .isInstanceOf(SSLException.class)
              .hasMessageContaining("not an SSL/TLS record");
          assertThatThrownBy(connection.reader()::readline).isInstanceOf(IOException.class);
        },
        connection -> {
          connection.writer().write(bytes("STARTTLS\nsomebody's line\n"));
          assertThat(line(connection.reader())).isEqualTo("go\n");
          assertThatThrownBy(() -> connection.writer().startTls(client))
              .isInstanceOf(IOException.class);
        });
  }

  @Test
  void clearTextBehindTheGoAheadBreaksTheHandshakeOfAClient() {
    between(
        connection -> {
          assertThat(line(connection.reader())).isEqualTo("STARTTLS\n");
          connection.writer().write(bytes("go\nsomebody's line\n"));
          assertThatThrownBy(() -> connection.writer().startTls(server))
              .isInstanceOf(IOException.class);
        },
        connection -> {
          connection.writer().write(bytes("STARTTLS\n"));
          assertThat(line(connection.reader())).isEqualTo("go\n");
          waitForBytes(connection.reader());
          assertThatThrownBy(() -> connection.writer().startTls(client))
              .isInstanceOf(SSLException.class)
              .hasMessageContaining("not an SSL/TLS record");
          assertThatThrownBy(connection.reader()::read).isInstanceOf(IOException.class);
        });
  }

  @Test
  void fewerBytesThanARecordHasInItsHeadBreakTheHandshakeToo() {
    between(
        connection -> {
          assertThat(line(connection.reader())).isEqualTo("STARTTLS\n");
          waitForBytes(connection.reader());
          connection.writer().write(bytes("go\n"));
          assertThatThrownBy(() -> connection.writer().startTls(server))
              .isInstanceOf(SSLException.class);
        },
        connection -> {
          connection.writer().write(bytes("STARTTLS\nabc\n"));
          assertThat(line(connection.reader())).isEqualTo("go\n");
          assertThatThrownBy(() -> connection.writer().startTls(client))
              .isInstanceOf(IOException.class);
        });
  }

  @Test
  void aReaderThatWasFullReadsTheHandshake() {
    between(
        10, // the hello is longer than twice that, so the reader stops the client
        connection -> {
          assertThat(line(connection.reader())).isEqualTo("tls\n");
          while (!connection.reader().isPaused()) {
            sleep(Duration.ZERO);
          }
          connection.writer().startTls(server);
          assertThat(line(connection.reader())).isEqualTo("secret\n");
        },
        connection -> {
          connection.writer().write(bytes("tls\n"));
          connection.writer().startTls(client);
          connection.writer().write(bytes("secret\n"));
          assertThat(connection.reader().read()).isEmpty();
        });
  }

  @Test
  void anEndBeforeTheHandshakeFailsItAtOnce() {
    between(
        connection -> {
          assertThat(line(connection.reader())).isEqualTo("tls\n");
          assertThat(connection.reader().read()).isEmpty();
          assertThatThrownBy(() -> connection.writer().startTls(server))
              .isInstanceOf(SSLHandshakeException.class)
              .hasMessageContaining("closed during the TLS handshake");
        },
        connection -> {
          connection.writer().write(bytes("tls\n"));
          connection.writer().writeEof();
          assertThat(connection.reader().read()).isEmpty();
        });
  }

  @Test
  void whatWasWrittenInClearTextIsSentSoHoweverMuchItIs() {
    byte[] clear = new byte[4_000_000];
    between(
        connection -> {
          assertThat(connection.reader().readExactly(clear.length)).isEqualTo(clear);
          connection.writer().startTls(server);
          assertThat(line(connection.reader())).isEqualTo("secret\n");
        },
        connection -> {
          connection.writer().setWriteBufferLimits(2 * clear.length, clear.length);
          connection.writer().write(clear);
          connection.writer().startTls(client);
          connection.writer().write(bytes("secret\n"));
          assertThat(connection.reader().read()).isEmpty();
        });
  }

  /** It has looked through the hello for its separator, and begins anew behind it. */
  @Test
  void aTaskThatReadsMeanwhileGetsWhatComesByTls() {
    between(
        connection -> {
          Task<String> reading =
              createTask(() -> new String(connection.reader().readUntil(bytes("\r\n\r\n")), UTF_8));
          sleep(Duration.ZERO);
          waitForBytes(connection.reader());
          sleep(Duration.ZERO);
          connection.writer().startTls(server);
          assertThat(reading.await()).isEqualTo("a\r\n\r\n");
        },
        connection -> {
          connection.writer().startTls(client);
          connection.writer().write(bytes("a\r\n\r\n"));
          assertThat(connection.reader().read()).isEmpty();
        });
  }

  /** Two addresses are raced, and what the winner has sent by then is kept for the connection. */
  @Test
  void clearTextThatCameDuringARaceIsNotReadAsTls() throws Exception {
    for (int round = 0; round < 20; round++) {
      try (ServerSocket rude = new ServerSocket(0, 5, InetAddress.getByName(LOOPBACK))) {
        InetSocketAddress address = (InetSocketAddress) rude.getLocalSocketAddress();
        Thread peer = Thread.ofPlatform().start(() -> sayALineAndWait(rude));
        run(() -> {
          NettyPoller poller = NettyPoller.of(getRunningLoop());
          ChannelTransport transport = new ChannelTransport(poller, 100, client, null);
          new HappyEyeballs(poller, ConnectionOptions.DEFAULT, transport)
              .connect(List.of(new InetSocketAddress(LOOPBACK, 1), address));
          assertThatThrownBy(transport::awaitSecured).isInstanceOf(SSLException.class);
          assertThatThrownBy(transport.reader()::readline).isInstanceOf(SSLException.class);
        });
        peer.join();
      }
    }
  }

  private static void sayALineAndWait(ServerSocket listening) {
    try (Socket accepted = listening.accept()) {
      accepted.getOutputStream().write(bytes("a line in clear text\n"));
      accepted.shutdownOutput();
      accepted.getInputStream().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
