package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.http.testing.TunnelProxy;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How proxies answer CONNECT, and where tunnels lead. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class TunnelTest {
  @TempDir private Path temp;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 201 Created\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 299 Whatever\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 202 Accepted\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "HTTP/1.0 200 OK\n\n",
        "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
      })
  void anySuccessIsATunnelRightBehindTheHead(String answer) throws Exception {
    KeyStore keys = Certificates.selfSigned(temp, "localhost");
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .sslContext(Certificates.serverContext(keys))
                  .get("/", request -> ServerResponse.text("secret"))
                  .start("127.0.0.1", 0);
          var proxy = TunnelProxy.announcing(answer);
          var http =
              HttpClient.builder()
                  .sslContext(Certificates.trusting(keys))
                  .proxy("http://127.0.0.1:" + proxy.port())
                  .build()) {
        String url = "https://localhost:" + server.port() + "/";
        assertThat(http.get(url).text()).isEqualTo("secret");
        assertThat(http.get(url).text()).isEqualTo("secret");
        assertThat(proxy.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void webSocketsTakeAnySuccessToo() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .webSocket("/", socket -> socket.send("hello"))
                  .start("127.0.0.1", 0);
          var proxy = TunnelProxy.announcing("HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n");
          var http = HttpClient.builder().proxy("http://127.0.0.1:" + proxy.port()).build();
          var socket = http.webSocket("ws://some.invalid:" + server.port() + "/")) {
        assertThat(socket.receiveText()).isEqualTo("hello");
        assertThat(proxy.heads().getFirst())
            .startsWith("CONNECT some.invalid:" + server.port() + " HTTP/1.1\r\n");
      }
    });
  }

  /** The proxy leaves its connection open, so the head alone must do. */
  @ParameterizedTest
  @CsvSource({
    "'HTTP/1.1 407 Who are you\r\nContent-Length: 1000\r\n\r\n', it answered 407 Who are you",
    "'HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n', it answered 503 Busy",
    "'HTTP/1.1 302 Found\r\nLocation: http://h/\r\n\r\n', it answered 302 Found",
    "'HTTP/1.1 101 Switching Protocols\r\n\r\n', it answered 101 Switching Protocols",
    "'SSH-2.0-OpenSSH_9\r\n\r\n', expected an HTTP/1.1 response to CONNECT",
    "'\u0015\u0003\u0001\0\2\2\n', it speaks TLS; use https:// for the proxy",
  })
  void whatElseAProxyAnswersIsTold(String answer, String told) {
    Asyncio.run(() -> {
      try (var proxy =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send(answer);
                client.awaitEnd();
              });
          var http = HttpClient.builder().proxy("http://127.0.0.1:" + proxy.port()).build()) {
        assertThatThrownBy(() -> http.get("https://nowhere.invalid"))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("the proxy does not pass it on (" + told);
        assertThatThrownBy(() -> http.webSocket("ws://nowhere.invalid"))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("the proxy does not pass it on (" + told);
        assertThat(http.statistics().active()).isZero();
      }
    });
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nVia: x"})
  void aProxyThatClosesInsteadIsTold(String begin) {
    Asyncio.run(() -> {
      try (var proxy = ScriptedServer.answering(begin);
          var http = HttpClient.builder().proxy("http://127.0.0.1:" + proxy.port()).build()) {
        assertThatThrownBy(() -> http.get("https://nowhere.invalid"))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("the proxy does not pass it on (");
      }
    });
  }

  @ParameterizedTest
  @CsvSource({
    "'https://[::1]/', '[::1]:443'",
    "'wss://[FE80::1%25lo]:99/', '[fe80::1]:99'",
    "https://B\u00fccher.example, xn--bcher-kva.example:443",
    "ws://1.2.3.4/, 1.2.3.4:80",
  })
  void theTargetIsHostAndPort(String url, String target) {
    List<String> heads = new CopyOnWriteArrayList<>();
    Asyncio.run(() -> {
      try (var proxy =
              ScriptedServer.start((number, client) -> {
                heads.add(client.readHead());
                client.send("HTTP/1.1 403 No\r\n\r\n");
              });
          var http = HttpClient.builder().proxy("http://127.0.0.1:" + proxy.port()).build()) {
        assertThatThrownBy(
                () -> {
                  if (url.startsWith("ws")) {
                    http.webSocket(url);
                  } else {
                    http.get(url);
                  }
                })
            .isInstanceOf(HttpException.ConnectFailed.class);
        assertThat(heads.getFirst())
            .isEqualTo("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n");
      }
    });
  }

  /** In a JVM that reads this file of hosts: nobody listens at the first address of the proxy. */
  @ParameterizedTest
  @ValueSource(strings = {"http", "socks5"})
  void aTunnelGoesToTheSecondAddressIfTheFirstRefuses(String scheme) throws Exception {
    Path hosts = Files.writeString(temp.resolve("hosts"), "127.0.0.2 two.test\n127.0.0.1 two.test");
    byte[] socksGreeting = {5, 0};
    try (var proxy =
        ScriptedServer.start((number, client) -> {
          if (scheme.equals("http")) {
            client.readHead();
            client.send("HTTP/1.1 403 I have been found\r\n\r\n");
          } else {
            client.in().readNBytes(3);
            client.out().write(socksGreeting);
            client.in().readNBytes(5);
            client.send("\5\2\0\1\0\0\0\0\0\0"); // it is not allowed
          }
          client.awaitEnd();
        })) {
      String url = scheme + "://two.test:" + proxy.port();
      Process child =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Djdk.net.hosts.file=" + hosts,
                  "-cp",
                  String.join(
                      File.pathSeparator,
                      "target/test-classes",
                      System.getProperty("jdk.module.path", ""),
                      System.getProperty("java.class.path")),
                  ThroughProxy.class.getName(),
                  url)
              .redirectErrorStream(true)
              .start();
      String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(child.waitFor()).as(output).isZero();
      assertThat(output).contains(scheme.equals("http") ? "403 I have been found" : "FORBIDDEN");
      assertThat(proxy.connections()).isEqualTo(1);
    }
  }

  /** Prints how a tunnel fails. */
  static final class ThroughProxy {
    private ThroughProxy() {}

    public static void main(String[] arguments) {
      Asyncio.run(() -> {
        try (var http = HttpClient.builder().proxy(arguments[0]).build()) {
          http.get("https://nowhere.invalid");
        } catch (HttpException e) {
          System.out.println(e.getMessage());
        }
      });
    }
  }
}
