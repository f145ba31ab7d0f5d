package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.http.client.Http2;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpException;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import dev.aioli.sync.Event;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class HttpServerTest {
  private static HttpServerBuilder routes() {
    return HttpServer.builder()
        .maxBodyBytes(10)
        .maxHeaderBytes(1000)
        .get("/hello/{name}", request -> ServerResponse.text(request.pathParameter("name")))
        .get("/hello/all", request -> ServerResponse.text("everyone"))
        .get("/query", request -> ServerResponse.text(request.query("a") + request.query("b")))
        .route("POST", "/echo", request -> ServerResponse.bytes(request.bytes()))
        .get(
            "/fail",
            request -> {
              throw new IOException("on purpose");
            });
  }

  private static String answer(String request) {
    return Asyncio.run(() -> {
      try (var server = routes().start("127.0.0.1", 0)) {
        return RawClient.talk(server, request);
      }
    });
  }

  private static String get(String target) {
    return answer("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  @Test
  void routesByPathAndGivesParameters() {
    assertThat(get("/hello/w%20%C3%B6"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("w \u00c3\u00b6");
    assertThat(get("/hello/all")).endsWith("everyone");
    assertThat(get("/query?a=1&b=%26")).endsWith("1&");
  }

  @Test
  void saysWhatIsWrong() {
    assertThat(get("/nowhere")).startsWith("HTTP/1.1 404 ");
    assertThat(get("/echo"))
        .startsWith("HTTP/1.1 405 ")
        .containsIgnoringCase("allow: OPTIONS, POST");
    assertThat(answer("nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(answer("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
    assertThat(get("/" + "a".repeat(2000))).startsWith("HTTP/1.1 414 ");
    assertThat(answer("GET / HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(2000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431 ");
  }

  @Test
  void boundsTheBody() {
    String head = "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    assertThat(answer(head + "Content-Length: 10\r\n\r\n0123456789")).endsWith("\r\n0123456789");
    assertThat(answer(head + "Content-Length: 11\r\n\r\n0123456789a")).startsWith("HTTP/1.1 413 ");
    assertThat(answer(head + "Transfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n"))
        .startsWith("HTTP/1.1 413 ");
  }

  @Test
  void continuesWhereTheClientWaits() {
    Asyncio.run(() -> {
      try (var server = routes().start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send(
            "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                + "Connection: close\r\nContent-Length: 1\r\n\r\n");
        assertThat(client.readUntil("\r\n\r\n")).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        client.send("a");
        assertThat(client.readAll()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\na");
      }
    });
  }

  @Test
  void refusesWithoutHavingTheBodySent() {
    String head = "POST %s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n";
    assertThat(answer(head.formatted("/echo") + "Content-Length: 11\r\n\r\n"))
        .startsWith("HTTP/1.1 413 ")
        .containsIgnoringCase("connection: close");
    assertThat(answer(head.formatted("/nowhere") + "Content-Length: 1\r\n\r\n"))
        .startsWith("HTTP/1.1 404 ")
        .containsIgnoringCase("connection: close");
  }

  @Test
  void answersHeadWithoutTheBody() {
    assertThat(answer("HEAD /hello/you HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .containsIgnoringCase("content-length: 3\r\n")
        .endsWith("\r\n\r\n");
  }

  @Test
  void speaksHttp10() {
    assertThat(answer("GET /hello/you HTTP/1.0\r\n\r\n")).endsWith("you");
    assertThat(
            answer(
                "GET /hello/a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
                    + "GET /hello/b HTTP/1.0\r\n\r\n"))
        .containsIgnoringCase("connection: keep-alive")
        .endsWith("\r\nb");
  }

  @Test
  void answersPipelinedRequestsInOrder() {
    Asyncio.run(() -> {
      Event release = new Event();
      List<String> order = new ArrayList<>();
      try (var server =
          HttpServer.builder()
              .get(
                  "/{n}",
                  request -> {
                    String n = request.pathParameter("n");
                    order.add("begin " + n);
                    if (n.equals("0")) {
                      release.await();
                    }
                    order.add("end " + n);
                    return ServerResponse.text("<" + n + ">");
                  })
              .start("127.0.0.1", 0)) {
        StringBuilder requests = new StringBuilder();
        StringBuilder expectedBodies = new StringBuilder();
        for (int i = 0; i < 50; i++) {
          String close = i == 49 ? "Connection: close\r\n" : "";
          requests.append("GET /" + i + " HTTP/1.1\r\nHost: x\r\n" + close + "\r\n");
          expectedBodies.append("<" + i + ">");
        }
        var answers = Asyncio.createTask(() -> RawClient.talk(server, requests.toString()));
        while (order.isEmpty()) {
          Asyncio.sleep(Duration.ZERO);
        }
        assertThat(order).containsExactly("begin 0");
        release.set();
        assertThat(answers.await().replaceAll("(?s)[^<>]*(<\\d+>)", "$1"))
            .isEqualTo(expectedBodies.toString());
        assertThat(order).hasSize(100).startsWith("begin 0", "end 0", "begin 1", "end 1");
      }
    });
  }

  @Test
  void aFailingHandlerIsAnsweredAndReported() {
    Asyncio.run(() -> {
      List<Throwable> reported = new ArrayList<>();
      EventLoop.getRunningLoop()
          .setExceptionHandler((loop, context) -> reported.add(context.exception()));
      try (var server = routes().start("127.0.0.1", 0);
          var http = HttpClient.create()) {
        assertThat(http.get(server.url() + "/fail").status()).isEqualTo(500);
        assertThat(http.get(server.url() + "/hello/a").text()).isEqualTo("a");
        assertThat(reported).singleElement().isInstanceOf(IOException.class);
      }
    });
  }

  /** A server whose one handler tells when it began and how it ended. */
  private static final class Waiting {
    final Event began = new Event();
    final Event release = new Event();
    final Event ended = new Event();
    boolean cancelled;

    ServerResponse handle(ServerRequest request) {
      began.set();
      try {
        release.await();
        return ServerResponse.text("done");
      } catch (CancelledError e) {
        cancelled = true;
        throw e;
      } finally {
        ended.set();
      }
    }
  }

  @Test
  void cancelsTheHandlerWhenTheClientGoesAway() {
    Asyncio.run(() -> {
      Waiting waiting = new Waiting();
      try (var server = HttpServer.builder().get("/", waiting::handle).start("127.0.0.1", 0)) {
        Socket socket = new Socket("127.0.0.1", server.port());
        socket
            .getOutputStream()
            .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        waiting.began.await();
        socket.close();
        waiting.ended.await();
        assertThat(waiting.cancelled).isTrue();
      }
    });
  }

  @Test
  void closeLetsRequestsFinish() {
    Asyncio.run(() -> {
      Waiting waiting = new Waiting();
      var server = HttpServer.builder().get("/", waiting::handle).start("127.0.0.1", 0);
      String url = server.url();
      try (Socket idle = new Socket("127.0.0.1", server.port());
          var http = HttpClient.create()) {
        var answer = Asyncio.createTask(() -> http.get(url));
        waiting.began.await();
        var closing = Asyncio.createTask(server::close);
        InputStream in = idle.getInputStream();
        int end = Asyncio.toThread(() -> in.read());
        assertThat(end).isEqualTo(-1); // idle ones end first
        assertThat(closing.done()).isFalse();
        waiting.release.set();
        assertThat(answer.await().text()).isEqualTo("done");
        assertThat(answer.await().headers().get("connection")).isEqualTo("close");
        closing.await();
      }
    });
  }

  @Test
  void closeCancelsWhatOutlivesTheGraceTime() {
    Asyncio.run(() -> {
      Waiting waiting = new Waiting();
      var server =
          HttpServer.builder()
              .get("/", waiting::handle)
              .grace(Duration.ofMillis(20))
              .start("127.0.0.1", 0);
      try (var http = HttpClient.create()) {
        var answer = Asyncio.createTask(() -> http.get(server.url() + "/"));
        waiting.began.await();
        server.close();
        waiting.ended.await();
        assertThat(waiting.cancelled).isTrue();
        assertThat(Asyncio.gather(List.of(answer), true))
            .singleElement()
            .isInstanceOf(HttpException.Disconnected.class);
      }
    });
  }

  @Test
  void doesNotContinueInTheMiddleOfTheAnswer() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .bodyTimeout(Duration.ofMillis(50))
                  .post(
                      "/",
                      request ->
                          ServerResponse.stream(
                              "a/b",
                              out -> {
                                out.write("begun ");
                                out.flush();
                                out.write(new String(request.bytes(), StandardCharsets.UTF_8));
                              }))
                  .start("127.0.0.1", 0);
          var client = RawClient.connect(server)) {
        client.send(
            "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
        String begun = client.readUntil("begun ");
        client.send("a");
        assertThat(begun + client.readAll())
            .startsWith("HTTP/1.1 200 OK\r\n")
            .doesNotContain("100 Continue")
            .endsWith("\r\n1\r\na\r\n0\r\n\r\n");
      }
    });
  }

  @Test
  void aClientThatWaitsToBeToldToGoOnIsNotTooSlow() {
    Asyncio.run(() -> {
      Duration limit = Duration.ofMillis(50);
      try (var server =
              HttpServer.builder()
                  .bodyTimeout(limit)
                  .post(
                      "/",
                      request -> {
                        Asyncio.sleep(limit.multipliedBy(4));
                        return ServerResponse.text(request.text());
                      })
                  .start("127.0.0.1", 0);
          var client = RawClient.connect(server);
          var silent = RawClient.connect(server)) {
        String head =
            "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                + "Connection: close\r\nContent-Length: 1\r\n\r\n";
        client.send(head);
        silent.send(head);
        client.readUntil("HTTP/1.1 100 Continue\r\n\r\n");
        client.send("a");
        assertThat(client.readAll()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\na");
        assertThat(silent.readAll()).contains("HTTP/1.1 408 "); // once it has been told
      }
    });
  }

  @Test
  void aQueryOfAnAbsoluteTargetIsNoPath() {
    Asyncio.run(() -> {
      try (var server =
          HttpServer.builder()
              .get("/", request -> ServerResponse.text("root " + request.query("x")))
              .get("/admin", request -> ServerResponse.text("admin " + request.query("x")))
              .start("127.0.0.1", 0)) {
        String rest = " HTTP/1.1\r\nHost: host\r\nConnection: close\r\n\r\n";
        assertThat(RawClient.talk(server, "GET http://host?x=/admin" + rest))
            .endsWith("root /admin");
        assertThat(RawClient.talk(server, "GET http://host" + rest)).endsWith("root null");
        assertThat(RawClient.talk(server, "GET http://host/admin?x=/" + rest)).endsWith("admin /");
      }
    });
  }

  @Test
  void aCancellationThatNobodyAskedForIsAFailureOfTheHandler() {
    Asyncio.run(() -> {
      List<Throwable> reported = new ArrayList<>();
      Asyncio.getRunningLoop()
          .setExceptionHandler((loop, context) -> reported.add(context.exception()));
      try (var server =
              HttpServer.builder()
                  .get(
                      "/",
                      request -> {
                        throw new CancelledError("stray");
                      })
                  .start("127.0.0.1", 0);
          var http = HttpClient.create();
          var http2 = HttpClient.builder().http2(Http2.PRIOR_KNOWLEDGE).build()) {
        assertThat(http.get(server.url()).status()).isEqualTo(500);
        assertThat(http2.get(server.url()).status()).isEqualTo(500);
        assertThat(reported)
            .hasSize(2)
            .allSatisfy(
                error -> assertThat(error).isInstanceOf(CancelledError.class).hasMessage("stray"));
      }
    });
  }
}
