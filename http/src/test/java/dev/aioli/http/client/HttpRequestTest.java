package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.aioli.Asyncio;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import java.net.InetAddress;
import java.net.NetworkInterface;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class HttpRequestTest {
  private interface Program {
    void run(String url, HttpClient http) throws Exception;
  }

  /** A server that sends back the head that it was sent. */
  private static void withMirror(HttpClientBuilder settings, Program program) {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                for (String head = client.readHead(); !head.isEmpty(); head = client.readHead()) {
                  client.send(
                      "HTTP/1.1 200 OK\r\nContent-Length: " + head.length() + "\r\n\r\n" + head);
                }
              });
          var http = settings.build()) {
        program.run(server.url(), http);
      }
    });
  }

  @ParameterizedTest
  @CsvSource({
    "http://h, http://h?a+b=%26%C3%A9",
    "http://h/p, http://h/p?a+b=%26%C3%A9",
    "http://h/p?x=1, http://h/p?x=1&a+b=%26%C3%A9",
    "http://h/p?, http://h/p?a+b=%26%C3%A9",
    "http://h/p#part, http://h/p?a+b=%26%C3%A9"
  })
  void queryParametersAreEncodedAndAppended(String url, String expected) {
    assertThat(HttpRequest.get(url).query("a b", "&\u00e9").url()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET /", "G\r\nX", "G\u00c9T", "a,b", "CONNECT"})
  void aMethodIsAWord(String method) {
    assertThatThrownBy(() -> HttpRequest.of(method, "http://h"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"'X\r\nEvil', 1", "X, '1\r\nEvil: 2'", "'', 1", "X, 'a\0'"})
  void aHeaderFieldCannotSmuggle(String name, String value) {
    assertThatThrownBy(() -> HttpRequest.get("http://h").header(name, value))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> HttpClient.builder().header(name, value))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRequestIsNotChangedByItsMethods() {
    HttpRequest request = HttpRequest.get("http://h");
    request.header("A", "1").query("b", "2").body("x").timeout(java.time.Duration.ofSeconds(1));
    assertThat(request.headers().size()).isZero();
    assertThat(request.url()).isEqualTo("http://h");
    assertThat(request.body()).isNull();
    assertThat(request).hasToString("GET http://h");
  }

  @Test
  void basicAndBearer() {
    withMirror(
        HttpClient.builder(),
        (url, http) -> {
          assertThat(http.request(HttpRequest.get(url).basicAuth("me", "p\u00e4:ss")).text())
              .containsIgnoringCase("authorization: Basic bWU6cMOkOnNz\r\n");
          assertThat(http.request(HttpRequest.get(url).basicAuth("a", "b").bearerAuth("t")).text())
              .containsIgnoringCase("authorization: Bearer t\r\n")
              .doesNotContain("Basic");
          assertThatThrownBy(() -> HttpRequest.get(url).basicAuth("a:b", "c"))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("'a:b'");
        });
  }

  @Test
  void theUserInTheUrlIsSentAsBasicAndNowhereElse() {
    withMirror(
        HttpClient.builder(),
        (url, http) -> {
          String withUser = url.replace("://", "://m%40e:p+w%20x@");
          HttpResponse response = http.get(withUser + "/a");
          assertThat(response.text())
              .startsWith("GET /a HTTP/1.1\r\n")
              .containsIgnoringCase("authorization: Basic bUBlOnArdyB4\r\n") // m@e:p+w x
              .doesNotContain("@");
          assertThat(response.url()).isEqualTo(url + "/a");
          assertThat(http.request(HttpRequest.get(withUser).bearerAuth("own")).text())
              .containsIgnoringCase("authorization: Bearer own\r\n")
              .doesNotContain("Basic");
          assertThat(http.get(url).text()).doesNotContainIgnoringCase("authorization");
        });
  }

  @Test
  void theClientHasDefaults() {
    HttpClientBuilder settings =
        HttpClient.builder()
            .userAgent("tester/1")
            .header("X-All", "1")
            .header("X-All", "2")
            .header("Accept", "text/html");
    withMirror(
        settings,
        (url, http) -> {
          assertThat(http.get(url).text())
              .containsIgnoringCase("user-agent: tester/1\r\n")
              .contains("X-All: 1\r\nX-All: 2\r\n")
              .contains("Accept: text/html\r\n")
              .doesNotContain("aioli", "*/*");
          assertThat(
                  http.request(
                          HttpRequest.get(url).header("user-agent", "own").header("x-all", "mine"))
                      .text())
              .contains("user-agent: own\r\n", "x-all: mine\r\n")
              .doesNotContain("tester", "X-All");
        });
    withMirror(
        HttpClient.builder(),
        (url, http) ->
            assertThat(http.get(url).text()).containsIgnoringCase("user-agent: aioli\r\n"));
  }

  @Test
  void relativeUrlsAreResolvedAgainstTheBase() {
    withMirror(
        HttpClient.builder(),
        (url, ignored) -> {
          try (var http = HttpClient.builder().baseUrl(url + "/api/v1/").build()) {
            assertThat(http.get("users?x=1").text()).startsWith("GET /api/v1/users?x=1 ");
            assertThat(http.get("/root").text()).startsWith("GET /root ");
            assertThat(http.get("../v2/users").text()).startsWith("GET /api/v2/users ");
            assertThat(http.get("?q").text()).startsWith("GET /api/v1/?q ");
            assertThat(http.get(url + "/absolute").text()).startsWith("GET /absolute ");
          }
          String withUser = url.replace("://", "://me:pw@");
          try (var http = HttpClient.builder().baseUrl(withUser + "/api/v1/?q").build()) {
            assertThat(http.get("users?u=http://a/").text())
                .startsWith("GET /api/v1/users?u=http://a/ ")
                .contains("Basic bWU6cHc=");
            assertThat(http.get("").text())
                .startsWith("GET /api/v1/?q ")
                .contains("Basic bWU6cHc=");
            assertThat(http.get(url + "/absolute").text()).contains("Basic bWU6cHc=");
            assertThat(http.get(url.replace("127.0.0.1", "localhost") + "/x").text())
                .doesNotContain("Basic");
          }
          assertThatThrownBy(() -> HttpClient.builder().baseUrl("/api"))
              .isInstanceOf(HttpException.InvalidUrl.class);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"[::1%25lo]", "[::1%lo]", "[::1%1]"})
  void theZoneOfAnAddressIsNotSent(String host) throws Exception {
    NetworkInterface device = NetworkInterface.getByName("lo");
    assumeThat(device).isNotNull();
    assumeThat(device.getIndex()).isEqualTo(1);
    assumeThat(device.inetAddresses()).contains(InetAddress.getByName("::1%lo"));
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .get("/", request -> ServerResponse.text("" + request.headers().get("host")))
                  .start("::1", 0);
          var http = HttpClient.create()) {
        assertThat(http.get("http://" + host + ":" + server.port()).text())
            .isEqualTo("[::1]:" + server.port());
      }
    });
  }

  @Test
  void contentLengthAndTransferEncodingAreTheClients() {
    withMirror(
        HttpClient.builder(),
        (url, http) -> {
          HttpRequest wrong =
              HttpRequest.delete(url)
                  .header("Content-Length", "5")
                  .header("Transfer-Encoding", "chunked");
          assertThat(http.request(wrong).text())
              .doesNotContainIgnoringCase("content-length")
              .doesNotContainIgnoringCase("transfer-encoding");
          assertThat(http.get(url).status())
              .isEqualTo(200); // they still agree where requests begin
        });
  }

  @Test
  void aRequestThatAsksToCloseIsTheLastOfItsConnection() {
    withMirror(
        HttpClient.builder(),
        (url, http) -> {
          http.request(HttpRequest.get(url).header("Connection", "close"));
          assertThat(http.statistics().idle()).isZero();
        });
  }

  record Point(int x, int y) {}

  @Test
  void responsesAreTextAndJson() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.answering(
                  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n"
                      + "{\"x\":1,\"y\":2}");
          var http = HttpClient.create()) {
        HttpResponse response = http.get(server.url());
        assertThat(response.json(Point.class)).isEqualTo(new Point(1, 2));
        assertThat(response.json().at("/y").asInt()).isEqualTo(2);
        assertThat(response.text(java.nio.charset.StandardCharsets.UTF_16BE)).hasSize(7);
        assertThat(response.raiseForStatus()).isSameAs(response);
        assertThatThrownBy(() -> response.json(Integer.class))
            .isInstanceOf(dev.aioli.http.JsonException.class);
      }
    });
  }

  @Test
  void raiseForStatusNamesTheRequest() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.answering("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
          var http = HttpClient.create()) {
        HttpResponse response = http.request(HttpRequest.delete(server.url() + "/x"));
        assertThat(response.ok()).isFalse();
        assertThatThrownBy(response::raiseForStatus)
            .isInstanceOfSatisfying(
                HttpException.BadStatus.class, e -> assertThat(e.response().text()).isEqualTo("no"))
            .hasMessage("expected a status below 400, found 404: DELETE " + server.url() + "/x");
      }
    });
  }
}
