package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.Headers;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpException;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.client.HttpResponse;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What handlers see of requests, and what they can answer. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class ServerRequestTest {
  private interface Body {
    void run(HttpClient http, String url) throws Exception;
  }

  private static void with(HttpServerBuilder builder, Body body) {
    Asyncio.run(() -> {
      try (var server = builder.start("127.0.0.1", 0);
          var http = HttpClient.create()) {
        body.run(http, server.url());
      }
    });
  }

  private static Handler text(String text) {
    return request -> ServerResponse.text(text);
  }

  private static HttpResponse send(HttpClient http, String method, String url) {
    return http.request(HttpRequest.of(method, url));
  }

  // ---- routes

  @Test
  void textGoesBeforeParametersAndThoseBeforeTheRest() {
    with(
        HttpServer.builder()
            .get("/{rest...}", request -> ServerResponse.text("*" + request.pathParameter("rest")))
            .get("/a/{x}", request -> ServerResponse.text("x=" + request.pathParameter("x")))
            .get("/a/b", text("b"))
            .get("/a/{n:[0-9]+}/c", request -> ServerResponse.text(request.pathParameter("n")))
            .get("/a/{y}/c", text("y")),
        (http, url) -> {
          assertThat(http.get(url + "/a/b").text()).isEqualTo("b");
          assertThat(http.get(url + "/a/c").text()).isEqualTo("x=c");
          assertThat(http.get(url + "/a/12/c").text()).isEqualTo("12");
          assertThat(http.get(url + "/a/1x/c").text()).isEqualTo("y");
          assertThat(http.get(url + "/a/b/c/d").text()).isEqualTo("*a/b/c/d");
          assertThat(http.get(url + "/").text()).isEqualTo("*");
          assertThat(http.get(url + "/a/").text()).isEqualTo("*a/");
        });
  }

  @Test
  void anEncodedSlashIsNoSlash() {
    with(
        HttpServer.builder()
            .get("/{x}", request -> ServerResponse.text(request.pathParameter("x")))
            .get("/a/b", text("wrong")),
        (http, url) -> {
          assertThat(http.get(url + "/a%2Fb").text()).isEqualTo("a/b");
          assertThat(http.get(url + "/a+%2B%20b").text()).isEqualTo("a++ b");
        });
  }

  @Test
  void everyMethodHasItsRoute() {
    with(
        HttpServer.builder()
            .get("/m", text("get"))
            .post("/m", text("post"))
            .put("/m", text("put"))
            .patch("/m", text("patch"))
            .delete("/m", text("delete"))
            .route("PURGE", "/m", text("purge"))
            .route("*", "/any", request -> ServerResponse.text(request.method())),
        (http, url) -> {
          for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE", "PURGE")) {
            assertThat(send(http, method, url + "/m").text()).isEqualToIgnoringCase(method);
            assertThat(send(http, method, url + "/any").text()).isEqualTo(method);
          }
          HttpResponse head = send(http, "HEAD", url + "/m");
          assertThat(head.headers().get("content-length")).isEqualTo("3");
          assertThat(head.bytes()).isEmpty();
          HttpResponse options = send(http, "OPTIONS", url + "/m");
          assertThat(options.status()).isEqualTo(204);
          assertThat(options.headers().get("allow"))
              .isEqualTo("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PURGE, PUT");
          HttpResponse wrong = send(http, "TRACE", url + "/m");
          assertThat(wrong.status()).isEqualTo(405);
          assertThat(wrong.headers().get("allow")).isEqualTo(options.headers().get("allow"));
          assertThat(send(http, "OPTIONS", url + "/nowhere").status()).isEqualTo(404);
        });
  }

  @Test
  void aPathThatMakesNoSenseIsRefusedAtOnce() {
    HttpServerBuilder builder = HttpServer.builder();
    assertThatThrownBy(() -> builder.get("a", text("")))
        .hasMessage("expected a path that begins with '/', found 'a'");
    for (String path :
        List.of("/a{x}", "/{x", "/{}", "/{a-b}", "/{x...}/y", "/{x}/{x}", "/{x:(}")) {
      assertThatThrownBy(() -> builder.get(path, text("")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(path);
    }
  }

  @Test
  void middlewareWrapsFromTheOutsideIn() {
    List<String> order = new ArrayList<>();
    with(
        HttpServer.builder()
            .use((request, next) -> {
              order.add("a");
              request.attributes().put("user", "ann");
              return next.handle(request).header("X-A", "1");
            })
            .use((request, next) -> {
              order.add("b");
              try {
                return next.handle(request);
              } catch (HttpStatusException e) {
                return ServerResponse.text(e.status(), "mapped " + e.status());
              }
            })
            .get("/", request -> ServerResponse.text("" + request.attributes().get("user"))),
        (http, url) -> {
          HttpResponse response = http.get(url + "/");
          assertThat(response.text()).isEqualTo("ann");
          assertThat(response.headers().get("x-a")).isEqualTo("1");
          assertThat(http.get(url + "/nowhere").text()).isEqualTo("mapped 404");
          assertThat(order).containsExactly("a", "b", "a", "b");
        });
  }

  @Test
  void aHandlerThrowsAStatus() {
    with(
        HttpServer.builder()
            .get(
                "/",
                request -> {
                  throw new HttpStatusException(
                      401, "who are you?", Headers.of("WWW-Authenticate", "Basic"));
                }),
        (http, url) -> {
          HttpResponse response = http.get(url + "/");
          assertThat(response.status()).isEqualTo(401);
          assertThat(response.text()).isEqualTo("401: who are you?\n");
          assertThat(response.headers().get("www-authenticate")).isEqualTo("Basic");
        });
  }

  // ---- bodies

  record Point(int x, int y) {}

  @Test
  void readsJson() {
    with(
        HttpServer.builder()
            .post("/tree", request -> ServerResponse.json(request.json().get("x")))
            .post("/point", request -> ServerResponse.json(request.json(Point.class))),
        (http, url) -> {
          String point = "{\"x\":1,\"y\":2}";
          var tree = http.request(HttpRequest.of("POST", url + "/tree").body(point));
          assertThat(tree.text()).isEqualTo("1");
          assertThat(tree.headers().get("content-type")).isEqualTo("application/json");
          assertThat(http.request(HttpRequest.of("POST", url + "/point").body(point)).text())
              .isEqualTo(point);
          for (String path : List.of("/tree", "/point")) {
            var wrong = http.request(HttpRequest.of("POST", url + path).body("{\"x\":"));
            assertThat(wrong.status()).isEqualTo(400);
            assertThat(wrong.text()).startsWith("400: expected JSON: ");
          }
          for (String body : List.of("{\"x\":\"one\"}", "null", "", "[]", "[".repeat(5000))) {
            var wrong = http.request(HttpRequest.of("POST", url + "/point").body(body));
            assertThat(wrong.status()).isEqualTo(400);
            assertThat(wrong.text()).startsWith("400: expected JSON: ");
          }
        });
  }

  @Test
  void readsForms() {
    with(
        HttpServer.builder()
            .post(
                "/",
                request -> {
                  Form form = request.form();
                  StringBuilder text = new StringBuilder(form.fields().toString());
                  for (Form.File file : form.files()) {
                    text.append(
                        " %s=%s %s <%s>"
                            .formatted(file.field(), file.name(), file.contentType(), file.text()));
                  }
                  return ServerResponse.text(text.toString());
                }),
        (http, url) -> {
          assertThat(
                  http.request(
                          HttpRequest.of("POST", url)
                              .header("Content-Type", "application/x-www-form-urlencoded")
                              .body("a=1&b=%C3%B6+%26&a=2"))
                      .text())
              .isEqualTo("{a=[1, 2], b=[\u00f6 &]}");
          String multipart =
              """
              --X
              Content-Disposition: form-data; name="a"

              one
              --X
              Content-Disposition: form-data; name="f"; filename="../f.txt"
              Content-Type: text/plain

              file
              --X--
              """
                  .replace("\n", "\r\n");
          HttpRequest upload =
              HttpRequest.of("POST", url)
                  .header("Content-Type", "multipart/form-data; boundary=X")
                  .body(multipart);
          assertThat(http.request(upload).text())
              .isEqualTo("{a=[one]} f=../f.txt text/plain <file>");
          assertThat(http.request(HttpRequest.of("POST", url).body("a=1")).status()).isEqualTo(415);
          var cut = multipart.substring(0, 40);
          assertThat(http.request(upload.body(cut)).status()).isEqualTo(400);
          assertThat(
                  http.request(
                          HttpRequest.of("POST", url)
                              .header("Content-Type", "multipart/form-data")
                              .body(multipart))
                      .status())
              .isEqualTo(400);
        });
  }

  @Test
  void readsTextInTheCharacterSetOfTheRequest() {
    with(
        HttpServer.builder().post("/", request -> ServerResponse.text(request.text())),
        (http, url) ->
            assertThat(
                    http.request(
                            HttpRequest.of("POST", url)
                                .header("Content-Type", "text/plain; charset=iso-8859-1")
                                .body(new byte[] {(byte) 0xe9}))
                        .text())
                .isEqualTo("\u00e9"));
  }

  @Test
  void readsABodyThatIsLargerThanWhatItHolds() {
    byte[] large = new byte[3_000_000];
    with(
        HttpServer.builder()
            .maxBodyBytes(1000)
            .post(
                "/",
                request -> {
                  long size = 0;
                  int largest = 0;
                  for (byte[] chunk = request.read(); chunk != null; chunk = request.read()) {
                    size += chunk.length;
                    largest = Math.max(largest, chunk.length);
                    Asyncio.sleep(Duration.ZERO); // slower than the client
                  }
                  assertThat(largest).isLessThanOrEqualTo(64 * 1024);
                  return ServerResponse.text(size + "");
                })
            .post("/all", request -> ServerResponse.bytes(request.bytes()))
            .post("/more", request -> ServerResponse.text(request.bytes(4_000_000).length + "")),
        (http, url) -> {
          assertThat(http.request(HttpRequest.of("POST", url).body(large)).text())
              .isEqualTo("3000000");
          assertThat(http.request(HttpRequest.of("POST", url + "/more").body(large)).text())
              .isEqualTo("3000000");
          byte[] fits = new byte[1000];
          assertThat(http.request(HttpRequest.of("POST", url + "/all").body(fits)).bytes())
              .hasSize(1000);
        });
  }

  @Test
  void aBodyThatNobodyReadsIsDroppedAndTheConnectionKept() {
    Asyncio.run(() -> {
      try (var server = HttpServer.builder().route("*", "/", text("ok")).start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
        assertThat(client.readUntil("ok")).doesNotContainIgnoringCase("connection: close");
        client.send("a".repeat(100000) + "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        client.readUntil("ok");
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n");
        assertThat(client.readAll()).containsIgnoringCase("connection: close").endsWith("ok");
      }
    });
  }

  @Test
  void cookiesGoBothWays() {
    with(
        HttpServer.builder()
            .get(
                "/",
                request ->
                    ServerResponse.text(request.cookies() + " " + request.cookie("none"))
                        .cookie(
                            SetCookie.of("a", "1")
                                .withMaxAge(Duration.ofMinutes(1))
                                .withHttpOnly()
                                .withSecure()
                                .withSameSite(SetCookie.SameSite.LAX))
                        .cookie(SetCookie.delete("b"))),
        (http, url) -> {
          HttpResponse response =
              http.request(HttpRequest.get(url).header("Cookie", "x=1; y=\"two\"; x=3"));
          assertThat(response.text()).isEqualTo("{x=1, y=two} null");
          List<String> cookies = response.headers().getAll("set-cookie");
          assertThat(cookies.get(0))
              .startsWith("a=1; Max-Age=60;")
              .contains("Path=/", "Secure", "HTTPOnly", "SameSite=Lax");
          assertThat(cookies.get(1)).startsWith("b=; Max-Age=0;");
        });
    assertThatThrownBy(() -> SetCookie.of("a b", "1")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SetCookie.of("a", "1;2")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void cookiesArriveAsBrowsersSendThem() {
    Asyncio.run(() -> {
      List<Map<String, String>> seen = new ArrayList<>();
      try (var server =
          HttpServer.builder()
              .get(
                  "/",
                  request -> {
                    seen.add(request.cookies());
                    return ServerResponse.text("ok");
                  })
              .start("127.0.0.1", 0)) {
        for (String field :
            List.of(
                "a=\"x y\"; b=2",
                "a={\"k\":1}; b=2",
                "a=1,2; b=2",
                "a=\u00c3\u00a9; b=2", // UTF-8
                "a=\u00e9; b=2", // Latin-1
                "a[0]=1; b=2",
                " a = 1 ;b=2; nameless; =x; ; a=3",
                "a=\"; b=2",
                "a=\"\"; b=2",
                "a=x=y%20; b=2")) {
          RawClient.talk(
              server,
              "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: " + field + "\r\n\r\n");
        }
      }
      assertThat(seen)
          .allSatisfy(cookies -> assertThat(cookies).containsEntry("b", "2").hasSize(2));
      assertThat(seen)
          .extracting(cookies -> cookies.getOrDefault("a", cookies.get("a[0]")))
          .containsExactly(
              "x y", "{\"k\":1}", "1,2", "\u00e9", "\u00e9", "1", "1", "\"", "", "x=y%20");
    });
  }

  @Test
  void redirects() {
    with(
        HttpServer.builder()
            .get("/", request -> ServerResponse.redirect("/there"))
            .get("/moved", request -> ServerResponse.redirect(308, "/there")),
        (http, url) -> {
          for (var expected : Map.of("/", 302, "/moved", 308).entrySet()) {
            HttpResponse response =
                http.request(HttpRequest.get(url + expected.getKey()).followRedirects(false));
            assertThat(response.status()).isEqualTo(expected.getValue());
            assertThat(response.headers().get("location")).isEqualTo("/there");
          }
        });
    assertThatThrownBy(() -> ServerResponse.redirect(304, "/"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void locationsOfRedirectsAreInAscii() {
    Map<String, String> expected =
        Map.of(
            "/\u00fc", "/%C3%BC",
            "/a b?c=\u00e9 d#\u20ac", "/a%20b?c=%C3%A9%20d#%E2%82%AC",
            "https://b\u00fccher.example/\u00fc%C3?[1]",
                "https://xn--bcher-kva.example/%C3%BC%C3?[1]",
            "\ud83d\ude00/", "%F0%9F%98%80/",
            "/as|it^is", "/as|it^is",
            "", "");
    expected.forEach((location, sent) ->
        assertThat(ServerResponse.redirect(location).headers().get("location")).isEqualTo(sent));
    for (String wrong : List.of("/\ud83d", "/a\r\nX: y", "https://\u00df.example/")) {
      assertThatThrownBy(() -> ServerResponse.redirect(wrong))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void tellsWhereTheClientIs() {
    with(
        HttpServer.builder()
            .get(
                "/",
                request ->
                    ServerResponse.text(
                        request.remoteAddress().getAddress().getHostAddress()
                            + " "
                            + request.secure()
                            + " "
                            + request.version()
                            + " "
                            + request.url())),
        (http, url) ->
            assertThat(http.get(url + "/?q").text())
                .isEqualTo("127.0.0.1 false HTTP/1.1 " + url + "/?q"));
  }

  // ---- streamed responses

  @Test
  void writesABodyWhileItIsSent() {
    with(
        HttpServer.builder()
            .get(
                "/",
                request ->
                    ServerResponse.stream(
                        "text/plain",
                        out -> {
                          for (int i = 0; i < 1000; i++) {
                            out.write("line " + i + "\n");
                            if (i == 500) {
                              out.flush();
                              Asyncio.sleep(Duration.ofMillis(1));
                            }
                          }
                        }))
            .get(
                "/known",
                request -> ServerResponse.stream("text/plain", 3, out -> out.write("abc"))),
        (http, url) -> {
          HttpResponse response = http.get(url + "/");
          assertThat(response.text()).startsWith("line 0\n").endsWith("line 999\n");
          assertThat(response.text().lines()).hasSize(1000);
          assertThat(response.headers().get("transfer-encoding")).isEqualTo("chunked");
          HttpResponse known = http.get(url + "/known");
          assertThat(known.text()).isEqualTo("abc");
          assertThat(known.headers().get("content-length")).isEqualTo("3");
          assertThat(send(http, "HEAD", url + "/").bytes()).isEmpty();
          assertThat(http.statistics().idle()).isEqualTo(1); // one connection did for all
        });
  }

  @Test
  void aWriterThatFailsOrMiscountsEndsTheConnection() {
    List<Throwable> reported = new ArrayList<>();
    with(
        HttpServer.builder()
            .get(
                "/fail",
                request ->
                    ServerResponse.stream(
                        "text/plain",
                        out -> {
                          out.write("half");
                          throw new IllegalStateException("on purpose");
                        }))
            .get("/less", request -> ServerResponse.stream("a/b", 3, out -> out.write("ab")))
            .get("/more", request -> ServerResponse.stream("a/b", 3, out -> out.write("abcd"))),
        (http, url) -> {
          Asyncio.getRunningLoop()
              .setExceptionHandler((loop, context) -> reported.add(context.exception()));
          for (String path : List.of("/fail", "/less", "/more")) {
            assertThatThrownBy(() -> http.get(url + path))
                .isInstanceOf(HttpException.Disconnected.class);
          }
          assertThat(reported).hasSize(3).allMatch(error -> error instanceof IllegalStateException);
        });
  }

  @Test
  void http10GetsAStreamThatEndsWithTheConnection() {
    Asyncio.run(() -> {
      try (var server =
          HttpServer.builder()
              .get("/", request -> ServerResponse.stream("a/b", out -> out.write("abc")))
              .start("127.0.0.1", 0)) {
        assertThat(RawClient.talk(server, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"))
            .doesNotContainIgnoringCase("transfer-encoding")
            .containsIgnoringCase("connection: close")
            .endsWith("\r\n\r\nabc");
      }
    });
  }

  @Test
  void aSlowReaderSlowsTheWriterDown() {
    Asyncio.run(() -> {
      long[] written = {0};
      int size = 32 * 1024 * 1024;
      try (var server =
              HttpServer.builder()
                  .get(
                      "/",
                      request ->
                          ServerResponse.stream(
                              "a/b",
                              size,
                              out -> {
                                for (int i = 0; i < size; i += 65536) {
                                  out.write(new byte[65536]);
                                  written[0] += 65536;
                                }
                              }))
                  .get("/other", text("other"))
                  .start("127.0.0.1", 0);
          var client = RawClient.connectSlowly(server);
          var other = HttpClient.create()) {
        client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        client.readUntil("\r\n\r\n");
        for (int i = 0; i < 20; i++) {
          assertThat(other.get(server.url() + "/other").text()).isEqualTo("other");
        }
        assertThat(written[0]).isLessThan(size / 2); // the sockets hold a few megabytes
        assertThat(client.readBytes(size)).hasSize(size);
        assertThat(written[0]).isEqualTo(size);
      }
    });
  }

  @Test
  void aSemicolonSeparatesNothingAndNoParameterIsDropped() {
    with(
        HttpServer.builder()
            .get("/one", request -> ServerResponse.json(request.queryParameters()))
            .get("/many", request -> ServerResponse.text(request.queryParameters().size() + "")),
        (http, url) -> {
          assertThat(http.get(url + "/one?a=1;b=2&c=%3B").text())
              .isEqualTo("{\"a\":[\"1;b=2\"],\"c\":[\";\"]}");
          assertThat(http.get(url + "/one?=x&b=%C3%B6+%2B&b").text())
              .isEqualTo("{\"\":[\"x\"],\"b\":[\"\u00f6 +\",\"\"]}");
          StringBuilder many = new StringBuilder();
          for (int i = 0; i < 2000; i++) {
            many.append('&').append(i);
          }
          assertThat(http.get(url + "/many?" + many).text()).isEqualTo("2000");
        });
  }

  @Test
  void aMalformedQueryIsRefusedWhenItIsRead() {
    Asyncio.run(() -> {
      try (var server =
          HttpServer.builder()
              .get("/", request -> ServerResponse.text(request.query("a") + ""))
              .start("127.0.0.1", 0)) {
        for (String query : List.of("a=%4&b=1", "%", "a=1&b=%zz")) {
          String head = " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
          assertThat(RawClient.talk(server, "GET /?" + query + head))
              .startsWith("HTTP/1.1 400 ")
              .contains("malformed query: expected two hexadecimal digits");
        }
      }
    });
  }

  @Test
  void aFormMayHaveManyFieldsButNotAnyNumber() {
    with(
        HttpServer.builder()
            .post("/", request -> ServerResponse.text(request.form().fields().size() + "")),
        (http, url) -> {
          assertThat(http.request(form(url, 10_000)).text()).isEqualTo("10000");
          HttpResponse refused = http.request(form(url, 10_001));
          assertThat(refused.status()).isEqualTo(413);
          assertThat(refused.text()).contains("expected a form of at most 10000 fields");
        });
  }

  private static HttpRequest form(String url, int fields) {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < fields; i++) {
      body.append(i == 0 ? "" : "&").append('f').append(i).append("=x");
    }
    return HttpRequest.post(url + "/")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body.toString());
  }
}
