package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpException;
import dev.aioli.http.client.WebSocketClient;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class ServerTlsTest {
  @TempDir private Path temp;

  private HttpServerBuilder routes() throws Exception {
    Files.writeString(temp.resolve("large.txt"), "0123456789".repeat(20_000));
    return HttpServer.builder()
        .get("/", request -> ServerResponse.text(request.url() + " " + request.secure()))
        .get("/stream", request -> ServerResponse.stream("a/b", out -> out.write("streamed")))
        .files("/files", temp)
        .webSocket("/ws", socket -> socket.send("got " + socket.receiveText()));
  }

  @Test
  void speaksTlsWithAContext() throws Exception {
    KeyStore keys = Certificates.selfSigned(temp, "localhost");
    Asyncio.run(() -> {
      try (var server =
              routes().sslContext(Certificates.serverContext(keys)).start("127.0.0.1", 0);
          var http = HttpClient.builder().sslContext(Certificates.trusting(keys)).build()) {
        assertThat(server.url()).startsWith("https://127.0.0.1:");
        String url = "https://localhost:" + server.port();
        assertThat(http.get(url + "/").text()).isEqualTo(url + "/ true");
        assertThat(http.get(url + "/stream").text()).isEqualTo("streamed");
        assertThat(http.get(url + "/files/large.txt").bytes()).hasSize(200_000);
        assertThat(http.statistics().idle()).isEqualTo(1);
        var sockets = WebSocketClient.create();
        try (var socket = http.webSocket(url.replace("https", "wss") + "/ws")) {
          socket.send("b");
          assertThat(socket.receiveText()).isEqualTo("got b");
        }
        String wss = url.replace("https", "wss") + "/ws";
        try (var socket = sockets.sslContext(Certificates.trusting(keys)).connect(wss)) {
          socket.send("a");
          assertThat(socket.receiveText()).isEqualTo("got a");
        }
        assertThatThrownBy(() -> sockets.connect(wss))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("TLS");
      }
    });
  }

  @Test
  void speaksTlsWithPemFiles() throws Exception {
    KeyStore keys = Certificates.selfSigned(temp, "localhost");
    Certificates.writePem(keys, temp);
    Asyncio.run(() -> {
      try (var server =
              routes()
                  .certificate(temp.resolve("server.crt"), temp.resolve("server.key"))
                  .start("127.0.0.1", 0);
          var http = HttpClient.builder().sslContext(Certificates.trusting(keys)).build()) {
        assertThat(http.get("https://localhost:" + server.port() + "/").text())
            .isEqualTo("https://localhost:" + server.port() + "/ true");
      }
    });
    assertThatThrownBy(
            () -> HttpServer.builder().certificate(temp.resolve("no"), temp.resolve("no")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("expected PEM files");
  }

  @Test
  void whoSpeaksNoTlsOrNothingAtAllIsClosed() throws Exception {
    KeyStore keys = Certificates.selfSigned(temp, "localhost");
    Asyncio.run(() -> {
      try (var server =
              routes()
                  .sslContext(Certificates.serverContext(keys))
                  .headerTimeout(Duration.ofMillis(100))
                  .start("127.0.0.1", 0);
          var silent = RawClient.connect(server)) {
        String answer = RawClient.talk(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(answer).doesNotContain("200");
        assertThat(silent.readAll()).isEmpty();
      }
    });
  }

  @Test
  void theLoopGoesOnWhileKeysAndCertificatesAreLookedAt() throws Exception {
    KeyStore keys = Certificates.selfSigned(temp, "localhost");
    Asyncio.run(() -> {
      LoopWaiting waiting = new LoopWaiting(EventLoop.getRunningLoop(), keys);
      SSLContext serving = SSLContext.getInstance("TLS");
      serving.init(new KeyManager[] {waiting}, null, null);
      SSLContext trusting = SSLContext.getInstance("TLS");
      trusting.init(null, new TrustManager[] {waiting.trust()}, null);
      try (var server = routes().sslContext(serving).start("127.0.0.1", 0);
          var http = HttpClient.builder().sslContext(trusting).build()) {
        assertThat(http.get("https://localhost:" + server.port() + "/").status()).isEqualTo(200);
      }
      assertThat(waiting.keysChosen).as("uses of the server's key").hasPositiveValue();
      assertThat(waiting.chainsChecked).as("checks of its certificate").hasPositiveValue();
    });
  }

  /** The keys of a server, and the trust of its client: each use waits for a turn of the loop. */
  private static final class LoopWaiting extends X509ExtendedKeyManager {
    private final EventLoop loop;
    private final KeyStore keys;
    private final AtomicInteger keysChosen = new AtomicInteger();
    private final AtomicInteger chainsChecked = new AtomicInteger();

    LoopWaiting(EventLoop loop, KeyStore keys) {
      this.loop = loop;
      this.keys = keys;
    }

    private boolean loopGoesOn() {
      CountDownLatch turn = new CountDownLatch(1);
      loop.callSoonThreadsafe(turn::countDown);
      try {
        return turn.await(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        return false;
      }
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String type, Principal @Nullable [] issuers, SSLEngine engine) {
      if (!type.equals("EC") || !loopGoesOn()) {
        return null;
      }
      keysChosen.incrementAndGet();
      return "server";
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      try {
        return new X509Certificate[] {(X509Certificate) keys.getCertificate(alias)};
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      try {
        return (PrivateKey) keys.getKey(alias, "secret".toCharArray());
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    }

    X509TrustManager trust() {
      return new X509TrustManager() {
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
          if (!loopGoesOn()) {
            throw new CertificateException("the loop is held up");
          }
          chainsChecked.incrementAndGet();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
          throw new UnsupportedOperationException();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
          return new X509Certificate[0];
        }
      };
    }

    // ---- nobody asks for these

    @Override
    public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String chooseServerAlias(String type, Principal @Nullable [] issuers, Socket socket) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String chooseClientAlias(String[] types, Principal @Nullable [] issuers, Socket socket) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void aHandshakeIsNoHead() throws Exception {
    KeyStore keys = Certificates.selfSigned(temp, "localhost");
    Asyncio.run(() -> {
      try (var server =
          routes()
              .headerTimeout(Duration.ofSeconds(2)) // the handshake has to fit in
              .sslContext(Certificates.serverContext(keys))
              .start("127.0.0.1", 0)) {
        byte[] said =
            Asyncio.toThread(() -> {
              try (var socket =
                  (SSLSocket)
                      Certificates.trusting(keys)
                          .getSocketFactory()
                          .createSocket("127.0.0.1", server.port())) {
                socket.startHandshake();
                return socket.getInputStream().readAllBytes();
              }
            });
        assertThat(said).isEmpty(); // it was a 408, which nobody had asked for
      }
    });
  }
}
