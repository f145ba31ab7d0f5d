package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.Task;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the client does when an HTTP/2 server does what servers seldom do. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class Http2ClientTest {
  private static HttpClientBuilder builder() {
    return HttpClient.builder().http2(Http2.PRIOR_KNOWLEDGE);
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Asyncio.sleep(Duration.ZERO);
    }
  }

  private static List<Task<String>> ask(HttpClient http, Http2Peer peer, int requests) {
    List<Task<String>> tasks = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      String url = peer.url() + "/" + i;
      tasks.add(Asyncio.createTask(() -> http.get(url).text()));
    }
    return tasks;
  }

  @Test
  void aRequestHasItsPseudoFieldsAndNothingAboutTheConnection() {
    Asyncio.run(() -> {
      try (var peer =
              Http2Peer.start(stream -> {
                var head = stream.head().headers();
                stream.answer(
                    head.method()
                        + " "
                        + head.scheme()
                        + " "
                        + head.path()
                        + " "
                        + head.authority()
                        + " "
                        + head.get("user-agent")
                        + " "
                        + head.get("x-own")
                        + " "
                        + head.getAll("cookie")
                        + " "
                        + head.get("connection")
                        + " "
                        + head.get("host")
                        + " "
                        + head.get("transfer-encoding"));
              });
          var http = builder().build()) {
        String authority = peer.url().substring("http://".length());
        HttpResponse response =
            http.request(
                HttpRequest.delete(peer.url() + "/a?b=%20c")
                    .header("X-Own", "mine")
                    .header("Connection", "close")
                    .header("Cookie", "a=1; b=2"));
        assertThat(response.text())
            .isEqualTo(
                "DELETE http /a?b=%20c " + authority + " aioli mine [a=1, b=2] null null null");
        assertThat(response.version()).isEqualTo("HTTP/2");
        assertThat(http.get(peer.url() + "/").text())
            .isEqualTo("GET http / " + authority + " aioli null [] null null null");
        assertThat(peer.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void informationalHeadsAndTrailersArePassedOver() {
    Asyncio.run(() -> {
      try (var peer =
              Http2Peer.start(stream ->
                  stream
                      .head(103, false, "link", "</style.css>")
                      .head(200, false, "x-real", "yes")
                      .data("body", false)
                      .trailers("x-trailer", "late"));
          var http = builder().build()) {
        HttpResponse response = http.get(peer.url());
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.text()).isEqualTo("body");
        assertThat(response.headers().get("x-real")).isEqualTo("yes");
        assertThat(response.headers().contains("x-trailer")).isFalse();
      }
    });
  }

  @Test
  void aBodyThatWaitsForItsTurnIsSentWhenTheServerWantsIt() {
    Asyncio.run(() -> {
      try (var peer = Http2Peer.start(stream -> stream.head(100, false).answer("thanks"));
          var http = builder().build()) {
        HttpRequest request =
            HttpRequest.post(peer.url())
                .body(RequestBody.of(List.of(new byte[10], new byte[20])))
                .expectContinue();
        assertThat(http.request(request).text()).isEqualTo("thanks");
      }
    });
  }

  @Test
  void cancellingARequestResetsItsStreamOnly() {
    Asyncio.run(() -> {
      List<Http2Peer.Stream> held = new ArrayList<>();
      try (var peer = Http2Peer.start(held::add);
          var http = builder().build()) {
        List<Task<String>> tasks = ask(http, peer, 2);
        await(() -> held.size() == 2);
        tasks.getFirst().cancel();
        await(() -> peer.events().contains("reset CANCEL"));
        held.getFirst().answer("too late");
        held.getLast().answer("in time");
        assertThat(tasks.getLast().await()).isEqualTo("in time");
        assertThatThrownBy(tasks.getFirst()::await).isInstanceOf(CancelledError.class);
        assertThat(peer.connections()).isEqualTo(1);
        assertThat(http.statistics()).isEqualTo(new HttpClient.Statistics(0, 1, 0));
      }
    });
  }

  @Test
  void cancelledAtAnyStepTheConnectionServesOn() {
    Asyncio.run(() -> {
      try (var peer = Http2Peer.start(stream -> stream.answer(stream.path()));
          var http = builder().limit(3).build()) {
        for (int steps = 0; steps < 40; steps++) {
          List<Task<String>> tasks = ask(http, peer, 4);
          for (int i = 0; i < steps; i++) {
            Asyncio.sleep(Duration.ZERO);
          }
          tasks.get(steps % 4).cancel();
          List<Object> outcomes = new ArrayList<>(Asyncio.gather(tasks, true));
          for (int i = 0; i < 4; i++) {
            if (i != steps % 4) {
              assertThat(outcomes.get(i)).isEqualTo("/" + i);
            }
          }
          assertThat(http.statistics().active()).isZero();
          assertThat(http.statistics().waiting()).isZero();
        }
        assertThat(peer.connections()).isLessThanOrEqualTo(40);
        assertThat(peer.events()).doesNotContain("failed");
      }
    });
  }

  @Test
  void closingAStreamedResponseResetsItsStreamOnly() {
    Asyncio.run(() -> {
      try (var peer =
              Http2Peer.start(stream -> {
                if (stream.path().equals("/endless")) {
                  stream.head(200, false).data("begin", false);
                } else {
                  stream.answer("whole");
                }
              });
          var http = builder().build()) {
        try (StreamedResponse response = http.stream(HttpRequest.get(peer.url() + "/endless"))) {
          assertThat(response.read()).asString().isEqualTo("begin");
        }
        await(() -> peer.events().contains("reset CANCEL"));
        assertThat(http.get(peer.url()).text()).isEqualTo("whole");
        assertThat(peer.connections()).isEqualTo(1);
      }
    });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 100})
  void requestsBeyondTheServersLimitWaitInOrder(int limit) {
    Asyncio.run(() -> {
      List<Http2Peer.Stream> open = new ArrayList<>();
      List<String> asked = new ArrayList<>();
      int[] most = {0};
      try (var peer =
              Http2Peer.start(
                  new Http2Settings().maxConcurrentStreams(limit),
                  stream -> {
                    open.add(stream);
                    asked.add(stream.path());
                    most[0] = Math.max(most[0], open.size());
                  });
          var http = builder().limit(0).build()) {
        List<Task<String>> tasks = ask(http, peer, 250);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
          await(() -> !open.isEmpty());
          open.removeFirst().answer("x");
          expected.add("/" + i);
        }
        Asyncio.gather(tasks);
        assertThat(most[0]).isLessThanOrEqualTo(limit);
        assertThat(asked).isEqualTo(expected);
        assertThat(peer.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void whatTheServerHasNotLookedAtIsAskedAgainElsewhere() {
    Asyncio.run(() -> {
      List<Http2Peer.Stream> held = new ArrayList<>();
      try (var peer =
              Http2Peer.start(stream -> {
                if (stream.connection() > 0) {
                  stream.answer("second " + stream.path());
                  return;
                }
                held.add(stream);
                if (held.size() == 5) {
                  stream.goAway(Http2Error.NO_ERROR, stream.id());
                }
              });
          var http = builder().build()) {
        // POST may not be repeated unless it is certain that it was not looked at.
        List<Task<String>> tasks = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
          String url = peer.url() + "/" + i;
          tasks.add(Asyncio.createTask(() -> http.request(HttpRequest.post(url).body("b")).text()));
        }
        await(() -> held.size() == 5);
        Asyncio.sleep(Duration.ZERO);
        Task<String> later = Asyncio.createTask(() -> http.get(peer.url() + "/later").text());
        assertThat(later.await()).isEqualTo("second /later");
        for (Http2Peer.Stream stream : held) {
          stream.answer("first " + stream.path());
        }
        List<String> answers = Asyncio.gather(tasks);
        for (int i = 0; i < 5; i++) {
          assertThat(answers.get(i)).isEqualTo("first /" + i);
        }
        await(() -> peer.events().contains("closed"));
        assertThat(http.statistics()).isEqualTo(new HttpClient.Statistics(0, 1, 0));
      }
    });
  }

  @Test
  void requestsThatWaitForAStreamMoveToTheNextConnection() {
    Asyncio.run(() -> {
      List<Http2Peer.Stream> held = new ArrayList<>();
      try (var peer =
              Http2Peer.start(
                  new Http2Settings().maxConcurrentStreams(2),
                  stream -> {
                    if (stream.connection() > 0) {
                      stream.answer("second");
                    } else {
                      held.add(stream);
                    }
                  });
          var http = builder().build()) {
        List<Task<String>> tasks = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
          tasks.add(
              Asyncio.createTask(
                  () -> http.request(HttpRequest.post(peer.url()).body("b")).text()));
        }
        await(() -> held.size() == 2);
        held.getLast().goAway(Http2Error.NO_ERROR, held.getLast().id());
        for (Task<String> task : tasks.subList(2, 6)) {
          assertThat(task.await()).isEqualTo("second");
        }
        held.forEach(stream -> stream.answer("first"));
        assertThat(tasks.get(0).await()).isEqualTo("first");
        assertThat(tasks.get(1).await()).isEqualTo("first");
      }
    });
  }

  /** Only that they wait for a stream tells them from those that were lost. */
  @Test
  void requestsThatWaitForAStreamOutliveAConnectionThatJustDies() {
    Asyncio.run(() -> {
      List<Http2Peer.Stream> held = new ArrayList<>();
      try (var peer =
              Http2Peer.start(
                  new Http2Settings().maxConcurrentStreams(2),
                  stream -> {
                    if (stream.connection() > 0) {
                      stream.answer("second");
                    } else {
                      held.add(stream);
                    }
                  });
          var http = builder().build()) {
        List<Task<String>> tasks = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
          tasks.add(
              Asyncio.createTask(
                  () -> http.request(HttpRequest.post(peer.url()).body("b")).text()));
        }
        await(() -> held.size() == 2);
        held.getLast().close();
        for (Task<String> task : tasks.subList(2, 6)) {
          assertThat(task.await()).isEqualTo("second");
        }
        for (Task<String> task : tasks.subList(0, 2)) {
          assertThatThrownBy(task::await).isInstanceOf(HttpException.Disconnected.class);
        }
      }
    });
  }

  @Test
  void aServerThatDiesEverySoManyRequestsLosesThoseThatItHadAtMost() {
    Asyncio.run(() -> {
      int[] served = {0};
      try (var peer =
              Http2Peer.start(
                  new Http2Settings().maxConcurrentStreams(10),
                  stream -> {
                    if (++served[0] % 20 == 0) {
                      stream.close();
                    } else {
                      stream.answer("ok");
                    }
                  });
          var http = builder().limit(50).build()) {
        List<Object> outcomes = new ArrayList<>(Asyncio.gather(ask(http, peer, 300), true));
        long lost = outcomes.stream().filter(HttpException.Disconnected.class::isInstance).count();
        assertThat(outcomes.stream().filter("ok"::equals).count()).isEqualTo(300 - lost);
        assertThat(lost).isBetween(1L, 10L * peer.connections());
      }
    });
  }

  @Test
  void aHeadThatIsTooLargeForTheServerIsNotAskedElsewhere() {
    Asyncio.run(() -> {
      try (var peer =
              Http2Peer.start(
                  new Http2Settings().maxHeaderListSize(500), stream -> stream.answer("ok"));
          var http = builder().build()) {
        assertThat(http.get(peer.url()).text()).isEqualTo("ok");
        HttpRequest large = HttpRequest.get(peer.url()).header("X-Large", "a".repeat(1000));
        assertThatThrownBy(() -> http.request(large))
            .isInstanceOf(HttpException.ProtocolError.class)
            .hasMessageContaining("cannot be sent");
        assertThat(http.get(peer.url()).text()).isEqualTo("ok");
        assertThat(peer.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void oneThatIsAlwaysRefusedWhileOthersAreServedIsAskedAFewTimes() {
    Asyncio.run(() -> {
      try (var peer =
              Http2Peer.start(stream -> {
                if (stream.path().equals("/x")) {
                  stream.reset(Http2Error.REFUSED_STREAM);
                } else {
                  stream.answer("ok");
                }
              });
          var http = builder().build()) {
        assertThat(http.get(peer.url() + "/ok").text()).isEqualTo("ok");
        assertThatThrownBy(() -> http.get(peer.url() + "/x"))
            .isInstanceOf(HttpException.Disconnected.class)
            .hasMessageContaining("REFUSED_STREAM");
        assertThat(http.get(peer.url() + "/ok").text()).isEqualTo("ok");
        assertThat(peer.events()).filteredOn("headers /x"::equals).hasSize(5);
        assertThat(peer.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void oneThatIsOvertakenOnEachConnectionIsAskedMoreOftenButNotForEver() {
    Asyncio.run(() -> {
      try (var peer =
              Http2Peer.start(stream -> {
                if (stream.path().equals("/x")) {
                  byte[] goAway = {0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0};
                  stream.raw(goAway); // all above the first stream have not been looked at
                  stream.close();
                } else {
                  stream.answer("ok");
                }
              });
          var http = builder().build()) {
        assertThatThrownBy(() -> http.get(peer.url() + "/x"))
            .isInstanceOf(HttpException.Disconnected.class);
        assertThat(peer.events()).filteredOn("headers /x"::equals).hasSize(20);
      }
    });
  }

  @Test
  void aServerThatClosesEachConnectionAtOnceIsNotDialledForEver() {
    Asyncio.run(() -> {
      try (var peer = ScriptedServer.start((number, client) -> client.send("\0\0\0\4\0\0\0\0\0"));
          var http = builder().build()) {
        assertThatThrownBy(() -> http.get(peer.url()))
            .isInstanceOfAny(HttpException.Disconnected.class, HttpException.ConnectFailed.class);
        assertThat(peer.connections()).isLessThanOrEqualTo(5);
      }
    });
  }

  @Test
  void aRefusedStreamIsAskedAgain() {
    Asyncio.run(() -> {
      int[] asked = {0};
      try (var peer =
              Http2Peer.start(stream -> {
                if (asked[0]++ < 2) {
                  stream.reset(Http2Error.REFUSED_STREAM);
                } else {
                  stream.answer("at last");
                }
              });
          var http = builder().build()) {
        HttpRequest request = HttpRequest.post(peer.url()).body("once");
        assertThat(http.request(request).text()).isEqualTo("at last");
        assertThat(peer.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void aServerThatRefusesEverythingIsNotAskedForEver() {
    Asyncio.run(() -> {
      try (var peer = Http2Peer.start(stream -> stream.reset(Http2Error.REFUSED_STREAM));
          var http = builder().build()) {
        assertThatThrownBy(() -> http.get(peer.url()))
            .isInstanceOf(HttpException.Disconnected.class)
            .hasMessageContaining("REFUSED_STREAM");
        assertThat(peer.events()).hasSize(5);
      }
    });
  }

  @Test
  void aResetFailsTheRequestAndNothingElse() {
    Asyncio.run(() -> {
      try (var peer =
              Http2Peer.start(stream -> {
                switch (stream.path()) {
                  case "/broken" -> stream.reset(Http2Error.INTERNAL_ERROR);
                  case "/half" ->
                      stream
                          .head(200, false, "content-length", "10")
                          .data("half", false)
                          .reset(Http2Error.INTERNAL_ERROR);
                  default -> stream.answer("fine");
                }
              });
          var http = builder().build()) {
        assertThat(http.get(peer.url()).text()).isEqualTo("fine");
        assertThatThrownBy(() -> http.get(peer.url() + "/broken"))
            .isInstanceOf(HttpException.Disconnected.class)
            .hasMessageContaining("reset the stream (INTERNAL_ERROR)");
        assertThatThrownBy(() -> http.get(peer.url() + "/half"))
            .isInstanceOf(HttpException.Disconnected.class)
            .hasMessageContaining("expected 10 bytes")
            .hasMessageContaining("after 4 bytes");
        assertThat(http.get(peer.url()).text()).isEqualTo("fine");
        assertThat(peer.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void aDeadConnectionIsReplacedWithoutTheProgramNoticing() {
    Asyncio.run(() -> {
      try (var peer =
              Http2Peer.start(stream -> {
                if (stream.connection() == 0 && stream.path().equals("/second")) {
                  stream.close();
                } else {
                  stream.answer("connection " + stream.connection());
                }
              });
          var http = builder().build()) {
        assertThat(http.get(peer.url() + "/first").text()).isEqualTo("connection 0");
        assertThat(http.get(peer.url() + "/second").text()).isEqualTo("connection 1");
      }
    });
  }

  @Test
  void aBodyThatIsNotAsLongAsAnnouncedIsAnError() {
    Asyncio.run(() -> {
      try (var peer =
              Http2Peer.start(stream -> {
                switch (stream.path()) {
                  case "/short" ->
                      stream.head(200, false, "content-length", "10").data("short", true);
                  case "/long" -> stream.head(200, false, "content-length", "2").data("long", true);
                  case "/none" -> stream.head(200, true, "content-length", "10");
                  case "/status" -> stream.head(1000, true);
                  default -> stream.head(200, true, "content-length", "10");
                }
              });
          var http = builder().build()) {
        for (String path : List.of("/short", "/long", "/none", "/status")) {
          assertThatThrownBy(() -> http.get(peer.url() + path))
              .as(path)
              .isInstanceOf(HttpException.ProtocolError.class);
        }
        HttpResponse head = http.request(HttpRequest.head(peer.url() + "/head"));
        assertThat(head.headers().get("content-length")).isEqualTo("10");
        assertThat(peer.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void aHeadThatIsTooLargeIsAnError() {
    Asyncio.run(() -> {
      try (var peer =
              Http2Peer.start(stream -> {
                if (stream.path().equals("/large")) {
                  stream.head(200, true, "x-large", "x".repeat(2_100));
                } else {
                  stream.answer("small");
                }
              });
          var http = builder().maxHeaderBytes(2_000).build()) {
        assertThatThrownBy(() -> http.get(peer.url() + "/large"))
            .isInstanceOf(HttpException.ProtocolError.class)
            .hasMessageContaining("2000");
        assertThat(http.get(peer.url()).text()).isEqualTo("small");
      }
    });
  }

  @Test
  void whatIsNoHttp2EndsTheConnectionWithAnError() {
    Asyncio.run(() -> {
      byte[] dataOnStreamZero = {0, 0, 1, 0, 0, 0, 0, 0, 0, 'x'};
      try (var peer = Http2Peer.start(stream -> stream.raw(dataOnStreamZero));
          var http = builder().build()) {
        assertThatThrownBy(() -> http.get(peer.url()))
            .isInstanceOf(HttpException.ProtocolError.class)
            .hasMessageContaining("broke the rules of HTTP/2");
        await(() -> http.statistics().equals(new HttpClient.Statistics(0, 0, 0)));
      }
    });
  }

  @Test
  void aServerThatSpeaksHttp1OnlyIsAClearError() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.answering("HTTP/1.1 400 Bad Request\r\n\r\n");
          var http = builder().build()) {
        assertThatThrownBy(() -> http.get(server.url()))
            .isInstanceOf(HttpException.ConnectFailed.class)
            .hasMessageContaining("expected a server that speaks HTTP/2");
      }
    });
  }

  @Test
  void allThatWaitForTheFirstConnectionHearOfItsFailure() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.start((number, client) -> {});
          var http = builder().build()) {
        List<Task<HttpResponse>> tasks = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          tasks.add(Asyncio.createTask(() -> http.get(server.url())));
        }
        assertThat(Asyncio.gather(tasks, true))
            .hasSize(10)
            .allSatisfy(
                outcome -> assertThat(outcome).isInstanceOf(HttpException.ConnectFailed.class));
        assertThat(server.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void whoOpensTheConnectionMayLeaveBeforeItIsThere() {
    Asyncio.run(() -> {
      try (var peer = Http2Peer.start(stream -> stream.answer("served"));
          var http = builder().build()) {
        List<Task<String>> tasks = ask(http, peer, 3);
        Asyncio.sleep(Duration.ZERO);
        tasks.getFirst().cancel();
        assertThat(tasks.get(1).await()).isEqualTo("served");
        assertThat(tasks.get(2).await()).isEqualTo("served");
        assertThat(peer.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void timeLimitsEndTheStreamOnly() {
    Asyncio.run(() -> {
      try (var peer =
              Http2Peer.start(stream -> {
                switch (stream.path()) {
                  case "/silent" -> {}
                  case "/stops" -> stream.head(200, false).data("a", false);
                  default -> stream.answer("fine");
                }
              });
          var http =
              builder()
                  .responseTimeout(Duration.ofMillis(50))
                  .readTimeout(Duration.ofMillis(60))
                  .build()) {
        assertThatThrownBy(() -> http.get(peer.url() + "/silent"))
            .isInstanceOfSatisfying(
                HttpException.TimedOut.class,
                e -> assertThat(e.limit()).isEqualTo(HttpException.TimedOut.Limit.RESPONSE));
        assertThatThrownBy(() -> http.get(peer.url() + "/stops"))
            .isInstanceOfSatisfying(
                HttpException.TimedOut.class,
                e -> assertThat(e.limit()).isEqualTo(HttpException.TimedOut.Limit.READ));
        HttpRequest hurried =
            HttpRequest.get(peer.url() + "/silent").timeout(Duration.ofMillis(20));
        assertThatThrownBy(() -> http.request(hurried))
            .isInstanceOfSatisfying(
                HttpException.TimedOut.class,
                e -> assertThat(e.limit()).isEqualTo(HttpException.TimedOut.Limit.TOTAL));
        assertThat(http.get(peer.url()).text()).isEqualTo("fine");
        assertThat(peer.connections()).isEqualTo(1);
      }
    });
  }

  @Test
  void pingsAreAnswered() {
    Asyncio.run(() -> {
      try (var peer =
              Http2Peer.start(stream -> {
                stream.write(new DefaultHttp2PingFrame(42));
                stream.answer("pinged");
              });
          var http = builder().build()) {
        assertThat(http.get(peer.url()).text()).isEqualTo("pinged");
        await(() -> peer.events().contains("ping ack 42"));
      }
    });
  }

  @Test
  void closingTheClientFailsWhatIsUnderWay() {
    Asyncio.run(() -> {
      List<Http2Peer.Stream> held = new ArrayList<>();
      try (var peer = Http2Peer.start(held::add)) {
        HttpClient http = builder().build();
        List<Task<String>> tasks = ask(http, peer, 3);
        await(() -> held.size() == 3);
        http.close();
        for (Task<String> task : tasks) {
          assertThatThrownBy(task::await)
              .isInstanceOf(HttpException.Disconnected.class)
              .hasMessageContaining("closed");
        }
        await(() -> peer.events().contains("closed"));
      }
    });
  }

  @Test
  void anIdleConnectionIsClosedAfterItsTime() {
    Asyncio.run(() -> {
      try (var peer = Http2Peer.start(stream -> stream.answer("x"));
          var http = builder().keepAlive(Duration.ofMillis(20)).build()) {
        assertThat(http.get(peer.url()).text()).isEqualTo("x");
        assertThat(http.statistics().idle()).isEqualTo(1);
        await(() -> peer.events().contains("closed"));
        assertThat(http.statistics()).isEqualTo(new HttpClient.Statistics(0, 0, 0));
        assertThat(http.get(peer.url()).text()).isEqualTo("x");
        assertThat(peer.connections()).isEqualTo(2);
      }
    });
  }

  @Test
  void limitsCountRequests() {
    Asyncio.run(() -> {
      List<Http2Peer.Stream> held = new ArrayList<>();
      try (var peer = Http2Peer.start(held::add);
          var http = builder().limitPerHost(2).build()) {
        List<Task<String>> tasks = ask(http, peer, 5);
        await(() -> held.size() == 2);
        assertThat(http.statistics()).isEqualTo(new HttpClient.Statistics(1, 0, 3));
        for (int i = 0; i < 5; i++) {
          int next = i;
          await(() -> held.size() > next);
          held.get(i).answer("x");
        }
        Asyncio.gather(tasks);
        assertThat(http.statistics()).isEqualTo(new HttpClient.Statistics(0, 1, 0));
      }
    });
  }

  @Test
  void anAnswerBeforeTheEndOfTheBodyStopsTheBody() {
    Asyncio.run(() -> {
      try (var peer = Http2Peer.start(stream -> stream.answer("enough"));
          var http = builder().build()) {
        RequestBody endless =
            sink -> {
              while (true) {
                sink.write(new byte[10_000]);
              }
            };
        assertThat(http.request(HttpRequest.post(peer.url()).body(endless)).text())
            .isEqualTo("enough");
        await(() -> peer.events().contains("reset CANCEL"));
        assertThat(http.get(peer.url()).text()).isEqualTo("enough");
        assertThat(peer.connections()).isEqualTo(1);
      }
    });
  }
}
