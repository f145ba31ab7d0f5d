package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.HttpServerBuilder;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class RedirectTest {
  private interface Program {
    void run(String url, HttpClient http) throws Exception;
  }

  /**
   * A server that redirects from /from/{status} to what the query says, and tells at /to what it
   * was asked.
   */
  private static HttpServer server() throws Exception {
    HttpServerBuilder routes = HttpServer.builder();
    for (String method : List.of("GET", "HEAD", "POST", "PUT", "DELETE")) {
      routes.route(
          method,
          "/from/{status}",
          request ->
              ServerResponse.status(Integer.parseInt(request.pathParameter("status")))
                  .header("Location", Objects.requireNonNull(request.query("to"))));
      routes.route(
          method,
          "/to",
          request ->
              ServerResponse.text(
                      request.method()
                          + " "
                          + request.text()
                          + " "
                          + request.headers().get("content-type")
                          + " "
                          + request.headers().get("authorization")
                          + " "
                          + request.headers().get("cookie")
                          + " "
                          + request.headers().get("x-own"))
                  .header("X-Method", request.method()));
    }
    return routes.start("127.0.0.1", 0);
  }

  private static void with(HttpClientBuilder settings, Program program) {
    Asyncio.run(() -> {
      try (var server = server();
          var http = settings.build()) {
        program.run("http://127.0.0.1:" + server.port(), http);
      }
    });
  }

  private static void with(Program program) {
    with(HttpClient.builder(), program);
  }

  @ParameterizedTest
  @CsvSource({
    "301, GET, GET, false",
    "302, GET, GET, false",
    "303, GET, GET, false",
    "307, GET, GET, false",
    "308, GET, GET, false",
    "301, POST, GET, false",
    "302, POST, GET, false",
    "303, POST, GET, false",
    "307, POST, POST, true",
    "308, POST, POST, true",
    "301, PUT, PUT, true",
    "302, PUT, PUT, true",
    "303, PUT, GET, false",
    "307, PUT, PUT, true",
    "301, DELETE, DELETE, true",
    "303, DELETE, GET, false",
    "301, HEAD, HEAD, false",
    "303, HEAD, HEAD, false"
  })
  void methodAndBodyAfterARedirect(int status, String method, String then, boolean withBody) {
    with((url, http) -> {
      HttpRequest request = HttpRequest.of(method, url + "/from/" + status + "?to=/to");
      if (!method.equals("GET") && !method.equals("HEAD")) {
        request = request.body("body");
      }
      HttpResponse response = http.request(request);
      assertThat(response.status()).isEqualTo(200);
      assertThat(response.headers().get("X-Method")).isEqualTo(then);
      if (!method.equals("HEAD")) {
        assertThat(response.text())
            .startsWith(then + (withBody ? " body text/plain; charset=utf-8 " : "  null "));
      }
    });
  }

  @Test
  void theResponseTellsHowItCameAbout() {
    with((url, http) -> {
      HttpResponse response = http.get(url + "/from/302?to=/from/301%3Fto=/to");
      assertThat(response.url()).isEqualTo(url + "/to");
      assertThat(response.history()).extracting(HttpResponse::status).containsExactly(302, 301);
      assertThat(response.history())
          .extracting(HttpResponse::url)
          .containsExactly(url + "/from/302?to=/from/301%3Fto=/to", url + "/from/301?to=/to");
      assertThat(http.statistics().idle()).isEqualTo(1); // all on one connection
    });
  }

  @Test
  void streamsFollowToo() {
    with((url, http) -> {
      try (var response = http.stream(HttpRequest.get(url + "/from/302?to=/to"))) {
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.url()).isEqualTo(url + "/to");
        assertThat(response.history()).hasSize(1);
        assertThat(response.readAll().text()).startsWith("GET ");
        assertThat(http.statistics().idle()).isEqualTo(1);
      }
    });
  }

  @Test
  void redirectsAreResponsesIfToldSo() {
    with((url, http) -> {
      HttpRequest request = HttpRequest.get(url + "/from/302?to=/to");
      assertThat(http.request(request.followRedirects(false)).status()).isEqualTo(302);
      assertThat(http.stream(request.followRedirects(false)).readAll().status()).isEqualTo(302);
    });
    with(
        HttpClient.builder().maxRedirects(0),
        (url, http) -> assertThat(http.get(url + "/from/302?to=/to").status()).isEqualTo(302));
  }

  @Test
  void aRedirectWithoutLocationIsAResponse() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.answering("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
          var http = HttpClient.create()) {
        assertThat(http.get(server.url()).status()).isEqualTo(302);
      }
    });
  }

  @Test
  void aLoopEndsAtTheLimit() {
    int[] asked = {0};
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .get(
                      "/loop",
                      request -> {
                        asked[0]++;
                        return ServerResponse.status(302).header("Location", "/loop");
                      })
                  .start("127.0.0.1", 0);
          var http = HttpClient.builder().maxRedirects(3).build()) {
        String url = "http://127.0.0.1:" + server.port() + "/loop";
        assertThatThrownBy(() -> http.get(url))
            .isInstanceOf(HttpException.BadRedirect.class)
            .hasMessageContaining("at most 3 redirects")
            .hasMessageContaining("where it has been before")
            .hasMessageContaining(url)
            .satisfies(e -> assertThat(((HttpException.BadRedirect) e).history()).hasSize(4));
        assertThat(asked[0]).isEqualTo(4);
        assertThatThrownBy(() -> http.stream(HttpRequest.get(url)))
            .isInstanceOf(HttpException.BadRedirect.class);
        assertThat(http.statistics().active()).isZero();
      }
    });
  }

  @ParameterizedTest
  @CsvSource({"ftp://host/x, ftp", "http://, host name", "mailto:me, mailto"})
  void aRedirectToWhatIsNoHttp(String location, String found) {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.answering(
                  "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n");
          var http = HttpClient.create()) {
        assertThatThrownBy(() -> http.get(server.url()))
            .isInstanceOf(HttpException.BadRedirect.class)
            .hasMessageContaining(found)
            .hasMessageContaining(server.url());
      }
    });
  }

  @ParameterizedTest
  @CsvSource({
    "/to?a b, /to?a%20b",
    "to, /dir/to",
    "../to, /to",
    "?q=1, /dir/page?q=1",
    "//127.0.0.1:PORT/to, /to",
    "/\u00fc, /%FC",
    "/caf\u00c3\u00a9, /caf%C3%A9",
    "/\u00e4\u00bd\u00a0?q=\u00c3\u00bc, /%E4%BD%A0?q=%C3%BC",
    "/\u00c3\u00bc\u00ff, /%C3%BC%FF",
    "/a\tb, /a%09b",
    "../../../to, /to",
    "/a/../to, /to",
    "/a/%2E%2e/./to, /to",
    "http://127.0.0.1:PORT/a/./to, /a/to",
    "to?u=http://a/, /dir/to?u=http://a/",
    "'', /dir/page",
    "#part, /dir/page"
  })
  void locationsAreResolvedAsBrowsersDo(String location, String target) {
    Asyncio.run(() -> {
      List<String> asked = new ArrayList<>();
      try (var server =
              ScriptedServer.start((number, client) -> {
                String head = client.readHead();
                asked.add(head.split(" ")[1]);
                int port =
                    Integer.parseInt(head.replaceAll("(?is).*host: 127.0.0.1:(\\d+).*", "$1"));
                byte[] bytes =
                    ("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n"
                            + (number > 0
                                ? ""
                                : "Location: " + location.replace("PORT", "" + port) + "\r\n")
                            + "\r\n")
                        .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
                client.out().write(bytes);
              });
          var http = HttpClient.create()) {
        http.get(server.url() + "/dir/page");
        assertThat(asked).containsExactly("/dir/page", target);
      }
    });
  }

  @Test
  void whatIsForOneOriginDoesNotGoToAnother() {
    with(
        HttpClient.builder().header("Authorization", "default").header("X-Own", "kept"),
        (url, http) -> {
          String other = url.replace("127.0.0.1", "localhost");
          HttpRequest there = HttpRequest.get(url + "/from/302?to=" + other + "/to");
          assertThat(http.request(there).text()).isEqualTo("GET  null null null kept");
          assertThat(
                  http.request(
                          there
                              .bearerAuth("secret")
                              .header("Cookie", "a=b")
                              .header("X-Own", "request"))
                      .text())
              .isEqualTo("GET  null null null request");
          // The user and the password in a URL are for its origin, too.
          String withUser = url.replace("://", "://me:pw@");
          assertThat(http.get(withUser + "/from/302?to=" + other + "/to").text())
              .isEqualTo("GET  null null null kept");
          // On the same origin all of it stays.
          assertThat(http.get(url + "/from/302?to=/to").text())
              .isEqualTo("GET  null default null kept");
          assertThat(
                  http.request(
                          HttpRequest.get(url + "/from/302?to=/to")
                              .bearerAuth("secret")
                              .header("Cookie", "a=b"))
                      .text())
              .isEqualTo("GET  null Bearer secret a=b kept");
        });
  }

  @Test
  void userAndPasswordOfTheUrlStayOnTheirOrigin() {
    with((url, http) -> {
      String withUser = url.replace("://", "://me:pw@");
      String other = url.replace("127.0.0.1", "localhost");
      String basic = "GET  null Basic bWU6cHc= null null";
      assertThat(http.get(withUser + "/from/302?to=/to").text()).isEqualTo(basic);
      assertThat(http.get(withUser + "/from/302?to=" + url + "/to").text()).isEqualTo(basic);
      assertThat(http.get(withUser + "/from/302?to=" + other + "/to").text())
          .isEqualTo("GET  null null null null");
      // Nor do they come back with who has been elsewhere.
      String back = other + "/from/302?to=" + url + "/to";
      assertThat(http.get(withUser + "/from/302?to=" + back).text())
          .isEqualTo("GET  null null null null");
    });
  }

  @Test
  void aBodyThatCannotBeRepeatedIsNotFollowedWith() {
    with((url, http) -> {
      HttpRequest request =
          HttpRequest.post(url + "/from/307?to=/to")
              .body(RequestBody.of(new ByteArrayInputStream(new byte[3]), 3));
      assertThatThrownBy(() -> http.request(request))
          .isInstanceOf(HttpException.BadRedirect.class)
          .hasMessageContaining("sent again");
      assertThat(
              http.request(
                      HttpRequest.post(url + "/from/307?to=/to").body(sink -> sink.write("twice")))
                  .text())
          .startsWith("POST twice ");
    });
  }

  @Test
  void theTimeLimitIsForAllOfIt() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .get(
                      "/loop",
                      request -> {
                        Asyncio.sleep(java.time.Duration.ofMillis(40));
                        return ServerResponse.status(302).header("Location", "/loop");
                      })
                  .start("127.0.0.1", 0);
          var http =
              HttpClient.builder()
                  .timeout(java.time.Duration.ofMillis(100))
                  .maxRedirects(1000)
                  .build()) {
        String url = "http://127.0.0.1:" + server.port() + "/loop";
        assertThatThrownBy(() -> http.get(url)).isInstanceOf(HttpException.TimedOut.class);
        assertThatThrownBy(() -> http.stream(HttpRequest.get(url)))
            .isInstanceOf(HttpException.TimedOut.class);
      }
    });
  }

  // ---- the head is what counts

  private static final String TO_B = "HTTP/1.1 302 Found\r\nLocation: /b\r\nSet-Cookie: k=v\r\n";

  /** Asks by {@code get} and by {@code stream}, and gives what each got. */
  private static List<String> bothWays(HttpClientBuilder settings, String redirect) {
    List<String> answers = new ArrayList<>();
    Asyncio.run(() -> {
      try (var server =
          ScriptedServer.start((number, client) -> {
            for (String head = client.readHead(); !head.isEmpty(); head = client.readHead()) {
              if (head.startsWith("GET /a ")) {
                client.send(redirect);
                if (redirect.endsWith("cut off")) {
                  return;
                }
              } else {
                boolean cookie = head.toLowerCase(Locale.ROOT).contains("cookie: k=v");
                client.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + (cookie ? "ok" : "no"));
              }
            }
          })) {
        try (var http = settings.build()) {
          answers.add(http.get(server.url() + "/a").text());
        }
        try (var http = settings.build();
            var response = http.stream(HttpRequest.get(server.url() + "/a"))) {
          answers.add(response.readAll().text());
        }
      }
    });
    return answers;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 100\r\n\r\ncut off",
        "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nbad",
        "Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n\u001f\u008b\b cut off",
        "Content-Length: 20000000\r\n\r\nmore than is held",
        "Content-Length: 11\r\n\r\nabove limit",
        "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        "\r\nwithout length, on a connection that is left open",
      })
  void aRedirectIsFollowedWhateverItsBodyIs(String rest) {
    assertThat(bothWays(HttpClient.builder().maxBodyBytes(10), TO_B + rest))
        .containsExactly("ok", "ok");
  }

  @Test
  void aRedirectWhoseBodyDoesNotComeIsFollowedAfterItsTime() {
    assertThat(
            bothWays(
                HttpClient.builder().readTimeout(Duration.ofMillis(50)),
                TO_B + "Content-Length: 100\r\n\r\nhalf"))
        .containsExactly("ok", "ok");
  }

  @Test
  void theTimeForAllOfItEndsTheBodyOfARedirectToo() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send(TO_B + "Content-Length: 100\r\n\r\nhalf");
                client.awaitEnd();
              });
          var http = HttpClient.builder().timeout(Duration.ofMillis(50)).build()) {
        for (int i = 0; i < 2; i++) {
          boolean streamed = i == 1;
          assertThatThrownBy(
                  () -> {
                    if (streamed) {
                      http.stream(HttpRequest.get(server.url())).close();
                    } else {
                      http.get(server.url());
                    }
                  })
              .isInstanceOfSatisfying(
                  HttpException.TimedOut.class,
                  e -> assertThat(e.limit()).isEqualTo(HttpException.TimedOut.Limit.TOTAL));
        }
        assertThat(server.connections()).isEqualTo(2);
      }
    });
  }

  @Test
  void aHeadSetsItsCookiesThoughItsBodyFails() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.answering(
                  "HTTP/1.1 200 OK\r\nSet-Cookie: k=v\r\nContent-Length: 9\r\n\r\ncut");
          var http = HttpClient.create()) {
        assertThatThrownBy(() -> http.get(server.url()))
            .isInstanceOf(HttpException.Disconnected.class);
        assertThat(Objects.requireNonNull(http.cookies()).toString()).contains("k");
      }
    });
  }
}
