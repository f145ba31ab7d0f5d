package dev.aioli.http.client;

import static dev.aioli.Asyncio.*;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.http.WebSocketOptions;
import dev.aioli.http.WebSocketOptions.Compress;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.testing.LeakCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The snippets of docs/guide/http-client.md. */
@Timeout(60)
@ExtendWith(LeakCheck.class)
class HttpClientGuideTest {
  private final StringBuilder printed = new StringBuilder();

  private void println(Object text) {
    printed.append(text).append('\n');
  }

  record User(String name, int age) {}

  private interface Program {
    void run(String url) throws Exception;
  }

  private static void withServer(Program program) {
    run(() -> {
      try (var server =
          HttpServer.builder()
              .get("/users/{name}", r -> ServerResponse.json(new User(r.pathParameter("name"), 42)))
              .route("POST", "/users", request -> ServerResponse.text(201, request.text()))
              .route("PUT", "/upload", request -> ServerResponse.text(request.bytes().length + ""))
              .get("/large", request -> ServerResponse.bytes(new byte[300_000]))
              .get(
                  "/login",
                  request ->
                      ServerResponse.status(302)
                          .header("Set-Cookie", "session=abc")
                          .header("Location", "/whoami"))
              .get("/whoami", r -> ServerResponse.text(String.valueOf(r.headers().get("cookie"))))
              .get(
                  "/slow",
                  request -> {
                    sleep(Duration.ofHours(1));
                    return ServerResponse.text("");
                  })
              .grace(Duration.ZERO)
              .start("127.0.0.1", 0)) {
        program.run("http://127.0.0.1:" + server.port());
      }
    });
  }

  @Test
  void first() {
    withServer(url -> {
      // region first
      try (var http = HttpClient.create()) {
        HttpResponse response = http.get(url + "/users/ada");
        println(response.status() + " " + response.headers().get("content-type"));
        println(response.json().at("/age").asInt());
        println(response.json(User.class)); // a record of your own
      }
      // endregion first
    });
    assertThat(printed).hasToString("200 application/json\n42\nUser[name=ada, age=42]\n");
  }

  @Test
  void many() {
    withServer(url -> {
      // region many
      try (var http = HttpClient.builder().limit(20).limitPerHost(6).build()) {
        var names = IntStream.range(0, 100).mapToObj(n -> "user" + n).toList();
        List<HttpResponse> answers =
            gather(
                names.stream().map(name -> task(() -> http.get(url + "/users/" + name))).toList());
        println(answers.size());
      }
      // endregion many
    });
    assertThat(printed).hasToString("100\n");
  }

  @Test
  void requests() {
    withServer(url -> {
      try (var http = HttpClient.create()) {
        // region requests
        var request =
            HttpRequest.post(url + "/users")
                .query("notify", "yes")
                .header("X-Request-Id", "17")
                .bearerAuth("secret")
                .json(new User("grace", 37));
        println(http.request(request).raiseForStatus().text());

        var form = HttpRequest.post(url + "/users").form(Map.of("name", "grace hopper"));
        println(http.request(form).text());
        // endregion requests
      }
    });
    assertThat(printed).hasToString("{\"name\":\"grace\",\"age\":37}\nname=grace+hopper\n");
  }

  @Test
  void webSocket() {
    run(() -> {
      try (var server =
          HttpServer.builder()
              .webSocket(
                  "/chat",
                  socket -> {
                    for (String text; (text = socket.receiveText()) != null; ) {
                      socket.send("you said " + text.length() + " letters");
                    }
                  })
              .start("127.0.0.1", 0)) {
        String url = "127.0.0.1:" + server.port();
        // region websocket
        try (var http = HttpClient.builder().userAgent("shop/1.0").build()) {
          http.cookies().put("http://" + url, "session", "abc"); // or by a request before
          var options = WebSocketOptions.DEFAULT.withCompress(Compress.OFFER);
          try (var socket = http.webSocket("ws://" + url + "/chat", options)) {
            socket.send("hello ".repeat(1000));
            println(socket.receiveText());
            println(socket.compressed());
          }
        }
        // endregion websocket
      }
    });
    assertThat(printed).hasToString("you said 6000 letters\ntrue\n");
  }

  @Test
  void uploads(@TempDir Path folder) throws Exception {
    Path picture = Files.write(folder.resolve("beach.jpg"), new byte[1000]);
    withServer(url -> {
      try (var http = HttpClient.create()) {
        // region uploads
        println(http.request(HttpRequest.put(url + "/upload").file(picture)).text());

        var form = Multipart.of().field("title", "Holidays").file("picture", picture, "image/jpeg");
        println(http.request(HttpRequest.put(url + "/upload").body(form)).ok());

        var rows =
            HttpRequest.put(url + "/upload")
                .body(sink -> {
                  for (int row = 0; row < 10_000; row++) {
                    sink.write(row + "\n"); // suspends while the server is slower
                  }
                });
        println(http.request(rows).text());
        // endregion uploads
      }
    });
    assertThat(printed).hasToString("1000\ntrue\n48890\n");
  }

  @Test
  void mock() {
    run(() -> {
      // region mock
      var server =
          MockTransport.of(request ->
              request.url().endsWith("/users/1")
                  ? MockTransport.Response.of(200).json("{\"name\":\"grace\"}")
                  : MockTransport.Response.of(404));
      try (var http = HttpClient.builder().transport(server).build()) {
        println(http.get("http://api.example/users/1").text());
        println(http.get("http://api.example/users/2").status());
      }
      println(server.requests());
      // endregion mock
    });
    assertThat(printed)
        .hasToString(
            "{\"name\":\"grace\"}\n404\n"
                + "[GET http://api.example/users/1, GET http://api.example/users/2]\n");
  }

  @Test
  void streams(@TempDir Path folder) {
    Path file = folder.resolve("copy");
    withServer(url -> {
      try (var http = HttpClient.create()) {
        // region streams
        try (var response = http.stream(HttpRequest.get(url + "/large"))) {
          long bytes = 0;
          for (byte[] chunk = response.read(); chunk != null; chunk = response.read()) {
            bytes += chunk.length; // the server is read from no faster than this loop goes round
          }
          println(bytes);
        }
        println(http.stream(HttpRequest.get(url + "/large")).saveTo(file));
        // endregion streams
      }
    });
    assertThat(printed).hasToString("300000\n300000\n");
  }

  @Test
  void session() {
    withServer(url -> {
      // region session
      try (var http =
          HttpClient.builder().baseUrl(url + "/").userAgent("shop/1.0").maxRedirects(3).build()) {
        HttpResponse response = http.get("login"); // sets a cookie and redirects
        println(response.text());
        println(response.history().getFirst().status());
        println(http.get("whoami").text());
      }
      // endregion session
    });
    assertThat(printed).hasToString("session=abc\n302\nsession=abc\n");
  }

  @Test
  void http2() {
    withServer(url -> {
      // region http2
      try (var http = HttpClient.builder().http2(Http2.PRIOR_KNOWLEDGE).limit(500).build()) {
        var tasks = IntStream.range(0, 500).mapToObj(n -> task(() -> http.get(url + "/users/ada")));
        println(gather(tasks.toList()).getFirst().version());
        println(http.statistics()); // one connection
      }
      // endregion http2
    });
    assertThat(printed).hasToString("HTTP/2\nStatistics[active=0, idle=1, waiting=0]\n");
  }

  @Test
  void errors() {
    withServer(url -> {
      // region errors
      try (var http = HttpClient.builder().responseTimeout(Duration.ofMillis(100)).build()) {
        try {
          http.get(url + "/slow").raiseForStatus();
        } catch (HttpException.TimedOut e) {
          println(e.limit());
        } catch (HttpException.BadStatus e) {
          println(e.response().status());
        } catch (HttpException e) {
          println(e.getMessage()); // no connection, no HTTP, cut off, too large...
        }
      }
      // endregion errors
    });
    assertThat(printed).hasToString("RESPONSE\n");
  }
}
