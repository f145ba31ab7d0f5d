package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.http.testing.TunnelProxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which name a server is told in TLS, and which its certificate must have. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class TlsNamesTest {
  @TempDir private Path temp;
  private final List<String> told = new CopyOnWriteArrayList<>();

  private ScriptedServer server(KeyStore keys) throws Exception {
    return ScriptedServer.startTls(
        Certificates.serverContext(keys),
        (number, client) -> {
          client.readHead();
          var session = (ExtendedSSLSession) ((SSLSocket) client.socket()).getSession();
          session
              .getRequestedServerNames()
              .forEach(name -> told.add(new String(name.getEncoded(), StandardCharsets.US_ASCII)));
          client.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
  }

  /** The proxy takes the tunnel to this machine, whatever the name. */
  @ParameterizedTest
  @CsvSource({
    "web, web",
    "web.test., web.test",
    "localhost, localhost",
  })
  void theServerIsToldItsNameAndHasTheCertificateForIt(String host, String name) throws Exception {
    KeyStore keys = Certificates.selfSigned(temp, name);
    Asyncio.run(() -> {
      try (var server = server(keys);
          var proxy = TunnelProxy.start();
          var http =
              HttpClient.builder()
                  .sslContext(Certificates.trusting(keys))
                  .proxy("http://127.0.0.1:" + proxy.port())
                  .build()) {
        assertThat(http.get("https://" + host + ":" + server.port()).text()).isEqualTo("ok");
        assertThat(told).containsExactly(host.toLowerCase(Locale.ROOT).replaceFirst("[.]$", ""));
      }
    });
  }

  @ParameterizedTest
  @CsvSource({
    "web, web.test",
    "other.test, web.test",
  })
  void aCertificateForAnotherNameIsRefused(String host, String name) throws Exception {
    KeyStore keys = Certificates.selfSigned(temp, name);
    Asyncio.run(() -> {
      try (var server = server(keys);
          var proxy = TunnelProxy.start();
          var http =
              HttpClient.builder()
                  .sslContext(Certificates.trusting(keys))
                  .proxy("http://127.0.0.1:" + proxy.port())
                  .build()) {
        assertThatThrownBy(() -> http.get("https://" + host + ":" + server.port()))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("TLS");
        assertThat(told).isEmpty();
        try (var trusting =
            HttpClient.builder().insecure().proxy("http://127.0.0.1:" + proxy.port()).build()) {
          assertThat(trusting.get("https://" + host + ":" + server.port()).text()).isEqualTo("ok");
        }
      }
    });
  }

  /** Seen in the ClientHello: servers that stand on the JDK take no such name. */
  @ParameterizedTest
  @CsvSource({"https, my_host.test", "wss, my_host.test", "https, a_b", "wss, web"})
  void namesThatTheJdkLeavesOutAreToldToo(String scheme, String host) {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                StringBuilder hello = new StringBuilder();
                for (int next = client.in().read(); next >= 0; next = client.in().read()) {
                  hello.append((char) next);
                  if (hello.indexOf(host) >= 0) {
                    told.add(host);
                    return;
                  }
                }
              });
          var proxy = TunnelProxy.start();
          var http = HttpClient.builder().proxy("http://127.0.0.1:" + proxy.port()).build()) {
        String url = scheme + "://" + host + ":" + server.port() + "/";
        assertThatThrownBy(
                () -> {
                  if (scheme.equals("wss")) {
                    http.webSocket(url);
                  } else {
                    http.get(url);
                  }
                })
            .isInstanceOf(HttpException.ConnectFailed.class);
        assertThat(told).containsExactly(host);
      }
    });
  }
}
