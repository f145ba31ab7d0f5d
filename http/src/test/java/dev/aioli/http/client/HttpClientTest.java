package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.EventLoop;
import dev.aioli.Task;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.http.testing.TestServer;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
@Timeout(60)
class HttpClientTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private interface Body {
    void run(ScriptedServer server, HttpClient http) throws Exception;
  }

  private static void withServer(ScriptedServer.Script script, Body body) {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.start(script);
          var http = HttpClient.create()) {
        body.run(server, http);
      }
    });
  }

  private static String bodyOf(String response) {
    String[] text = {""};
    withServer(
        (number, client) -> {
          client.readHead();
          client.send(response);
        },
        (server, http) -> text[0] = http.get(server.url()).text());
    return text[0];
  }

  @Test
  void sendsHostAndMinimalHead() {
    withServer(
        (number, client) -> {
          String head = client.readHead();
          client.send("HTTP/1.1 200 OK\r\nContent-Length: " + head.length() + "\r\n\r\n" + head);
        },
        (server, http) ->
            assertThat(http.get(server.url() + "/a?b=%20c#fragment").text())
                .startsWith("GET /a?b=%20c HTTP/1.1\r\n")
                .containsIgnoringCase("host: 127.0.0.1:" + server.port() + "\r\n"));
  }

  @Test
  void sendsMethodHeadersAndBody() {
    withServer(
        (number, client) -> {
          String head = client.readHead();
          byte[] body = client.in().readNBytes(5);
          client.send("HTTP/1.1 200 OK\r\nContent-Length: " + (head.length() + 5) + "\r\n\r\n");
          client.send(head + new String(body, StandardCharsets.US_ASCII));
        },
        (server, http) ->
            assertThat(
                    http.request(
                            HttpRequest.of("POST", server.url())
                                .header("X-One", "1")
                                .header("User-Agent", "me")
                                .body("hello"))
                        .text())
                .startsWith("POST / HTTP/1.1\r\n")
                .contains("X-One: 1\r\n", "User-Agent: me\r\n")
                .containsIgnoringCase("content-length: 5\r\n")
                .doesNotContain("aioli")
                .endsWith("hello"));
  }

  @Test
  void sendsDefaultFieldsThatOccurTwiceTwice() {
    Asyncio.run(() -> {
      try (var server =
              HttpServer.builder()
                  .get(
                      "/", request -> ServerResponse.text("" + request.headers().getAll("X-Twice")))
                  .start("127.0.0.1", 0);
          var http = HttpClient.builder().header("X-Twice", "a").header("X-Twice", "b").build()) {
        HttpRequest plain = HttpRequest.get(server.url() + "/");
        assertThat(http.request(plain).text()).isEqualTo("[a, b]");
        assertThat(http.request(plain.header("X-Other", "c")).text()).isEqualTo("[a, b]");
        assertThat(http.request(plain.header("X-Twice", "own")).text()).isEqualTo("[own]");
      }
    });
  }

  @Test
  void readsChunkedBody() {
    assertThat(
            bodyOf(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"))
        .isEqualTo("abcdefg");
  }

  @Test
  void readsBodyThatEndsWithTheConnection() {
    assertThat(bodyOf("HTTP/1.1 200 OK\r\n\r\nall there is")).isEqualTo("all there is");
  }

  @Test
  void readsTextInTheCharsetOfTheResponse() {
    assertThat(
            bodyOf(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
                    + "Content-Length: 1\r\n\r\n\u00e9"))
        .isEqualTo("\u00e9");
  }

  @Test
  void skipsInformationalResponses() {
    assertThat(
            bodyOf("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK))
        .isEqualTo("ok");
  }

  @Test
  void keepsTheConnectionAfterResponsesWithoutBody() {
    withServer(
        (number, client) -> {
          client.readHead();
          client.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"); // to HEAD
          client.readHead();
          client.send("HTTP/1.1 204 No Content\r\n\r\n");
          client.readHead();
          client.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n");
          client.readHead();
          client.send(OK);
        },
        (server, http) -> {
          assertThat(http.request(HttpRequest.of("HEAD", server.url())).status()).isEqualTo(200);
          assertThat(http.get(server.url()).status()).isEqualTo(204);
          assertThat(http.get(server.url()).status()).isEqualTo(304);
          assertThat(http.get(server.url()).text()).isEqualTo("ok");
          assertThat(server.connections()).isEqualTo(1);
        });
  }

  @Test
  void doesNotReuseAConnectionThatTheServerWillClose() {
    withServer(
        (number, client) -> {
          client.readHead();
          client.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
          client.awaitEnd();
        },
        (server, http) -> {
          http.get(server.url());
          assertThat(http.statistics().idle()).isZero();
          http.get(server.url());
          assertThat(server.connections()).isEqualTo(2);
        });
  }

  @Test
  void retriesOnceWhenThePooledConnectionWasDead() {
    withServer(
        (number, client) -> {
          client.readHead();
          client.send(OK);
          client.readHead(); // and closes, without an answer
        },
        (server, http) -> {
          assertThat(http.get(server.url()).text()).isEqualTo("ok");
          assertThat(http.get(server.url()).text()).isEqualTo("ok");
          assertThat(server.connections()).isEqualTo(2);
        });
  }

  @Test
  void doesNotSendAPostTwice() {
    withServer(
        (number, client) -> {
          client.readHead();
          client.send(OK);
          client.readHead();
        },
        (server, http) -> {
          http.get(server.url());
          assertThatThrownBy(() -> http.request(HttpRequest.of("POST", server.url()).body("once")))
              .isInstanceOf(HttpException.Disconnected.class);
          assertThat(server.connections()).isEqualTo(1);
        });
  }

  @Test
  void idleConnectionsAreClosedAfterAWhile() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send(OK);
                client.awaitEnd();
              });
          var http = HttpClient.builder().keepAlive(Duration.ofMillis(20)).build()) {
        http.get(server.url());
        assertThat(http.statistics().idle()).isEqualTo(1);
        while (http.statistics().idle() > 0) {
          Asyncio.sleep(Duration.ofMillis(5));
        }
        http.get(server.url());
        assertThat(server.connections()).isEqualTo(2);
      }
    });
  }

  @Test
  void theLimitBoundsIdleConnectionsToo() {
    Asyncio.run(() -> {
      List<ScriptedServer> servers = new ArrayList<>();
      try (var http = HttpClient.builder().limit(3).build()) {
        for (int i = 0; i < 8; i++) {
          servers.add(
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send(OK);
                client.awaitEnd();
              }));
        }
        for (ScriptedServer server : servers) {
          assertThat(http.get(server.url()).text()).isEqualTo("ok");
          assertThat(http.statistics().idle()).isLessThanOrEqualTo(3);
        }
      } finally {
        for (ScriptedServer server : servers) {
          server.close();
        }
      }
    });
  }

  @Test
  void tenThousandRequestsOverKeptConnections() {
    Level level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(Level.SIMPLE); // paranoid is a hundred times slower
    try {
      makeTenThousandRequests();
    } finally {
      ResourceLeakDetector.setLevel(level);
    }
  }

  private static void makeTenThousandRequests() {
    Asyncio.run(() -> {
      try (var server = TestServer.start();
          var http = HttpClient.builder().limit(32).build()) {
        List<Task<Integer>> workers = new ArrayList<>();
        for (int w = 0; w < 50; w++) {
          workers.add(
              Asyncio.createTask(() -> {
                int sum = 0;
                for (int i = 0; i < 200; i++) {
                  sum += http.get(server.url() + "/get?a=" + i).json().at("/args/a").asInt();
                }
                return sum;
              }));
        }
        assertThat(Asyncio.gather(workers)).hasSize(50).containsOnly(199 * 100);
        assertThat(server.total()).isEqualTo(10_000);
        assertThat(server.maxInFlight()).isLessThanOrEqualTo(32);
        assertThat(http.statistics().idle()).isBetween(1, 32);
      }
    });
  }

  @Test
  void isBoundToItsLoop() throws IOException {
    HttpClient[] other = new HttpClient[1];
    Asyncio.run(() -> other[0] = HttpClient.create());
    Asyncio.run(() -> {
      assertThatThrownBy(() -> other[0].get("http://127.0.0.1:1"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("belongs to another event loop");
    });
  }

  @Test
  void closedClientRefuses() {
    Asyncio.run(() -> {
      HttpClient http = HttpClient.create();
      http.close();
      http.close();
      assertThatThrownBy(() -> http.get("http://127.0.0.1:1"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    });
  }

  @Test
  void closeEndsRequestsUnderWay() {
    Semaphore asked = new Semaphore(0);
    withServer(
        (number, client) -> {
          client.readHead();
          asked.release();
          client.awaitEnd();
        },
        (server, http) -> {
          Task<HttpResponse> task = Asyncio.createTask(() -> http.get(server.url()));
          Asyncio.toThread(() -> {
            asked.acquire();
            return true;
          });
          http.close();
          assertThatThrownBy(task::await).isInstanceOf(HttpException.Disconnected.class);
        });
  }

  @Test
  void leavesNoTaskBehind() {
    Asyncio.run(() -> {
      try (var server = TestServer.start();
          var http = HttpClient.create()) {
        http.get(server.url() + "/get");
      }
      assertThat(Asyncio.allTasks()).hasSize(1);
      assertThat(EventLoop.getRunningLoop().poller().toString()).startsWith("NettyPoller");
    });
  }
}
