package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.aioli.Asyncio;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.http.testing.TunnelProxy;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class ProxyTest {
  private final List<String> heads = new CopyOnWriteArrayList<>();

  private static HttpsServer httpsServer(Path folder, String name) throws Exception {
    var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(Certificates.serverContext(Certificates.selfSigned(folder, name))));
    server.createContext(
        "/",
        exchange -> {
          byte[] answer = "secret".getBytes(StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    return server;
  }

  @Test
  void plainHttpIsAskedForInAbsoluteForm() {
    Asyncio.run(() -> {
      try (var proxy =
              ScriptedServer.start((number, client) -> {
                for (String head = client.readHead(); !head.isEmpty(); head = client.readHead()) {
                  heads.add(head);
                  client.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                }
              });
          var http =
              HttpClient.builder().proxy("http://me:p%20w@127.0.0.1:" + proxy.port()).build()) {
        assertThat(http.get("http://nowhere.invalid/a?b=c").text()).isEqualTo("ok");
        assertThat(http.get("http://nowhere.invalid:81/d").text()).isEqualTo("ok");
        assertThat(heads.getFirst())
            .startsWith("GET http://nowhere.invalid/a?b=c HTTP/1.1\r\n")
            .containsIgnoringCase("host: nowhere.invalid\r\n")
            .containsIgnoringCase("proxy-authorization: Basic bWU6cCB3\r\n");
        assertThat(heads.get(1)).startsWith("GET http://nowhere.invalid:81/d HTTP/1.1\r\n");
      }
    });
  }

  @Test
  void httpsGoesThroughATunnel(@TempDir Path folder) throws Exception {
    HttpsServer server = httpsServer(folder, "localhost");
    int port = server.getAddress().getPort();
    try {
      Asyncio.run(() -> {
        var trusted = Certificates.trusting(Certificates.load(folder));
        try (var proxy = TunnelProxy.start();
            var http =
                HttpClient.builder()
                    .proxy("http://me:pw@127.0.0.1:" + proxy.port())
                    .sslContext(trusted)
                    .build()) {
          for (int i = 0; i < 3; i++) {
            assertThat(http.get("https://localhost:" + port + "/x").text()).isEqualTo("secret");
          }
          assertThat(proxy.connections()).isEqualTo(1);
          assertThat(proxy.heads().getFirst())
              .startsWith("CONNECT localhost:" + port + " HTTP/1.1\r\n")
              .containsIgnoringCase("proxy-authorization: Basic bWU6cHc=\r\n");
          // The name is checked against the server's certificate, not the proxy's.
          assertThatThrownBy(() -> http.get("https://127.0.0.1:" + port))
              .isInstanceOf(HttpException.ConnectFailed.class)
              .hasMessageContaining("TLS");
        }
      });
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aProxyThatRefusesTheTunnel() {
    Asyncio.run(() -> {
      try (var proxy =
              ScriptedServer.answering(
                  "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
          var http = HttpClient.builder().proxy("http://127.0.0.1:" + proxy.port()).build()) {
        assertThatThrownBy(() -> http.get("https://nowhere.invalid"))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("407")
            .hasMessageContaining(
                "https://nowhere.invalid through http://127.0.0.1:" + proxy.port());
        assertThat(http.statistics().active()).isZero();
      }
    });
  }

  @Test
  void aProxyThatIsSilentMeetsTheConnectTimeout() {
    Asyncio.run(() -> {
      try (var proxy = ScriptedServer.start((number, client) -> client.awaitEnd());
          var http =
              HttpClient.builder()
                  .proxy("http://127.0.0.1:" + proxy.port())
                  .connectTimeout(java.time.Duration.ofMillis(50))
                  .build()) {
        assertThatThrownBy(() -> http.get("https://nowhere.invalid"))
            .isInstanceOfSatisfying(
                HttpException.TimedOut.class,
                e -> assertThat(e.limit()).isEqualTo(HttpException.TimedOut.Limit.CONNECT));
      }
    });
  }

  @Test
  void aProxyThatIsUnknown() {
    Asyncio.run(() -> {
      try (var http = HttpClient.builder().proxy("http://nowhere.invalid:3128").build()) {
        for (String url : List.of("http://localhost/", "https://localhost/")) {
          assertThatThrownBy(() -> http.get(url))
              .isInstanceOf(HttpException.ConnectFailed.class)
              .hasMessageContaining("unknown host 'nowhere.invalid'");
        }
      }
    });
  }

  @Test
  void socksPassesBothOn(@TempDir Path folder) throws Exception {
    HttpsServer secure = httpsServer(folder, "localhost");
    int securePort = secure.getAddress().getPort();
    try {
      Asyncio.run(() -> {
        try (var plain =
                ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            var proxy = ScriptedServer.start((number, client) -> playSocks(client));
            var http =
                HttpClient.builder()
                    .proxy("socks5://127.0.0.1:" + proxy.port())
                    .insecure()
                    .build()) {
          assertThat(http.get("http://some.invalid:" + plain.port()).text()).isEqualTo("ok");
          assertThat(http.get("https://some.invalid:" + securePort).text()).isEqualTo("secret");
          assertThat(heads).containsExactly("some.invalid", "some.invalid");
        }
      });
    } finally {
      secure.stop(0);
    }
  }

  /** The handshake reads it, and fails: what is not TLS does not come from the origin. */
  @ParameterizedTest
  @ValueSource(strings = {"https", "wss"})
  void whatAProxySendsBehindItsAnswerIsNotTheOrigins(String scheme) {
    Asyncio.run(() -> {
      try (var proxy =
              ScriptedServer.answering(
                  "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
          var http =
              HttpClient.builder().insecure().proxy("http://127.0.0.1:" + proxy.port()).build()) {
        String url = scheme + "://nowhere.invalid/";
        assertThatThrownBy(
                () -> {
                  if (scheme.equals("wss")) {
                    http.webSocket(url).close();
                  } else {
                    http.get(url);
                  }
                })
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("TLS");
        assertThat(http.statistics().active()).isZero();
      }
    });
  }

  @Test
  void socksPassesWebSocketsOn() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .webSocket("/", socket -> socket.send("hello"))
                  .start("127.0.0.1", 0);
          var proxy = ScriptedServer.start((number, client) -> playSocks(client));
          var http = HttpClient.builder().proxy("socks5://127.0.0.1:" + proxy.port()).build();
          var socket = http.webSocket("ws://some.invalid:" + server.port())) {
        assertThat(socket.receiveText()).isEqualTo("hello");
        assertThat(heads).containsExactly("some.invalid");
      }
    });
  }

  /** RFC 1928: no authentication, CONNECT to a name, which is always this host. */
  private void playSocks(ScriptedServer.Peer client) throws IOException {
    InputStream in = client.in();
    in.readNBytes(1);
    in.readNBytes(in.read());
    client.out().write(new byte[] {5, 0});
    in.readNBytes(4);
    heads.add(new String(in.readNBytes(in.read()), StandardCharsets.US_ASCII));
    byte[] port = in.readNBytes(2);
    client.out().write(new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    TunnelProxy.relay(client, ((port[0] & 0xff) << 8) | (port[1] & 0xff));
  }

  @Test
  void insecureTrustsAnyone(@TempDir Path folder) throws Exception {
    HttpsServer server = httpsServer(folder, "somebody.else");
    try {
      Asyncio.run(() -> {
        try (var http = HttpClient.builder().insecure().build()) {
          String url = "https://127.0.0.1:" + server.getAddress().getPort();
          assertThat(http.get(url).text()).isEqualTo("secret");
        }
      });
    } finally {
      server.stop(0);
    }
  }

  // ---- which proxy

  private static String proxyFor(Map<String, String> environment, String url) {
    Url parsed = Url.parse(url);
    return String.valueOf(Proxy.of(environment).forOrigin(parsed.origin()));
  }

  @Test
  void theEnvironmentNamesThem() {
    var both = Map.of("http_proxy", "http://a:1", "HTTPS_PROXY", "b:2");
    assertThat(proxyFor(both, "http://x/")).isEqualTo("http://a:1");
    assertThat(proxyFor(both, "https://x/")).isEqualTo("http://b:2");
    var all = Map.of("ALL_PROXY", "socks5://c", "http_proxy", " ");
    assertThat(proxyFor(all, "http://x/")).isEqualTo("socks5://c:1080");
    assertThat(proxyFor(all, "https://x/")).isEqualTo("socks5://c:1080");
    assertThat(proxyFor(Map.of("HTTP_PROXY", "http://evil"), "http://x/")).isEqualTo("null");
    assertThat(proxyFor(Map.of(), "http://x/")).isEqualTo("null");
  }

  @ParameterizedTest
  @CsvSource({
    "example.org, http://example.org/, true",
    "example.org, http://a.EXAMPLE.org/, true",
    ".example.org, http://example.org/, true",
    "example.org, http://notexample.org/, false",
    "example.org:81, http://example.org/, false",
    "example.org:80, http://example.org/, true",
    "127.0.0.1, http://127.0.0.1:99/, true",
    "0.0.1, http://127.0.0.1/, false",
    "'::1', 'http://[::1]/', true",
    "*, http://anything/, true",
    "'a, b  c', http://c/, true",
    "127.0.0.0/8, http://127.1.2.3/, true",
    "127.0.0.0/8, http://128.0.0.1/, false",
    "10.0.0.0/9, http://10.127.0.1/, true",
    "10.0.0.0/9, http://10.128.0.1/, false",
    "0.0.0.0/0, http://1.2.3.4/, true",
    "10.1.2.3/32, http://10.1.2.3/, true",
    "10.0.0.0/33, http://10.0.0.0/, false",
    "10.0.0.0/x, http://10.0.0.0/, false",
    "10.0.0.0/8, http://ten.example/, false",
    "'fd00::/8', 'http://[fd12::1]/', true",
    "'fd00::/8', 'http://[fe80::1]/', false",
    "'::/0', http://10.0.0.1/, false"
  })
  void someHostsAreAskedDirectly(String noProxy, String url, boolean direct) {
    var environment = Map.of("http_proxy", "http://p:1", "no_proxy", noProxy);
    assertThat(proxyFor(environment, url)).isEqualTo(direct ? "null" : "http://p:1");
  }

  @Test
  void theBuilderTakesThemToo() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          var http =
              HttpClient.builder().noProxy("127.0.0.1").proxy("http://nowhere.invalid:1").build();
          var environment =
              HttpClient.builder()
                  .proxyFrom(Map.of("http_proxy", "http://127.0.0.1:" + server.port()))
                  .build()) {
        assertThat(http.get(server.url()).text()).isEqualTo("ok");
        assertThat(environment.get("http://nowhere.invalid").text()).isEqualTo("ok");
      }
    });
  }

  @Test
  void aProxyMayHaveAnUnderscoreInItsName() {
    var environment = Map.of("http_proxy", "http://me:p%20w@proxy_host:3128");
    assertThat(proxyFor(environment, "http://x/")).isEqualTo("http://proxy_host:3128");
    var server = Proxy.Server.parse("http://me:p%20w@proxy_host");
    assertThat(server).isEqualTo(new Proxy.Server(Proxy.Kind.HTTP, "proxy_host", 80, "me", "p w"));
  }

  @ParameterizedTest
  @CsvSource({
    "h, http://h:80",
    "h:3128/, http://h:3128",
    "HTTPS://H, https://h:443",
    "https://me:pw@h:8443/x?y#z, https://h:8443",
    "socks5h://h, socks5://h:1080",
    "'http://[::1]:8080', 'http://[::1]:8080'",
    "https://b\u00fccher.example, https://xn--bcher-kva.example:443",
    "http://my%5Fproxy:1, http://my_proxy:1"
  })
  void aProxyIsNamedAsAnyServerIs(String url, String server) {
    assertThat(Proxy.Server.parse(url)).hasToString(server);
  }

  @ParameterizedTest
  @CsvSource({
    "socks5://a%3Ab:c@h, a:b, c",
    "http://me@h, me, ''",
    "http://me:a:b%40@h, me, a:b@",
    "http://a@b:c@h, a@b, c"
  })
  void userAndPasswordOfAProxyAreTakenApartBeforeTheyAreDecoded(
      String url, String user, String password) {
    Proxy.Server server = Proxy.Server.parse(url);
    assertThat(server.user()).isEqualTo(user);
    assertThat(server.password()).isEqualTo(password);
  }

  @Test
  void aUserThatHttpCannotCarryIsRefused() {
    assertThatThrownBy(() -> HttpClient.builder().proxy("http://a%3Ab:secret@h"))
        .isInstanceOf(HttpException.InvalidUrl.class)
        .hasMessageContaining("'http://***@h'")
        .hasMessageContaining("colon")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @CsvSource({
    "http_proxy, http://x/",
    "https_proxy, https://x/",
    "HTTPS_PROXY, https://x/",
    "all_proxy, http://x/",
    "ALL_PROXY, https://x/"
  })
  void errorNamesTheVariableThatIsWrong(String variable, String url) {
    assertThatThrownBy(() -> proxyFor(Map.of(variable, "gopher://h:1"), url))
        .isInstanceOf(HttpException.InvalidUrl.class)
        .hasMessageContaining("found 'gopher://h:1' in the variable " + variable + " (");
  }

  @Test
  void aProxyOfTheEnvironmentMattersWhenItIsUsed() {
    var environment = Map.of("https_proxy", "gopher://h:1", "no_proxy", "127.0.0.1");
    Asyncio.run(() -> {
      try (var server = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          var http = HttpClient.builder().proxyFrom(environment).build()) {
        assertThat(http.get(server.url()).text()).isEqualTo("ok");
        assertThatThrownBy(() -> http.get("https://nowhere.invalid"))
            .isInstanceOf(HttpException.InvalidUrl.class)
            .hasMessageContaining("gopher://h:1");
        assertThatThrownBy(() -> http.webSocket("wss://nowhere.invalid"))
            .isInstanceOf(HttpException.InvalidUrl.class);
      }
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://h",
        "http://",
        "::",
        "http://h:99999",
        "h:x",
        "http://h h",
        "http://[::1",
        "http://[1.2.3.4]:1",
        "https://h:0",
        "socks4://h",
        "/h"
      })
  void aProxyOfAnotherKindIsRefused(String url) {
    assertThatThrownBy(() -> HttpClient.builder().proxy(url))
        .isInstanceOf(HttpException.InvalidUrl.class)
        .hasMessageContaining("expected a proxy such as http://host:port")
        .hasMessageContaining("'" + url + "'");
  }
}
