package dev.aioli.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Small messages are put together by us, others by Netty: nobody at the other end can tell which.
 */
class SmallMessagesTest {
  private static final Headers FIELDS =
      Headers.of(
          "Content-Type", "text/plain",
          "Set-Cookie", "a=1",
          "Set-Cookie", "b=2",
          "X-Latin", "gr\u00fcn",
          "content-length", "5",
          "Transfer-Encoding", "chunked",
          "Date", "yesterday",
          "Connection", "upgrade",
          "X-Last", "");

  private static HttpServer.Builder server() {
    return HttpServer.builder()
        .get(
            "/{status}/{size}",
            request -> {
              int status = Integer.parseInt(request.pathParameter("status"));
              int size = Integer.parseInt(request.pathParameter("size"));
              return ServerResponse.of(
                  status, FIELDS, "x".repeat(size).getBytes(StandardCharsets.US_ASCII));
            });
  }

  private static String answer(HttpServer server, int status, int size, String version) {
    return RawClient.talk(
        server,
        "GET /%d/%d %s\r\nHost: x\r\nConnection: %s\r\n\r\n"
            .formatted(status, size, version, version.endsWith("1") ? "close" : "x"));
  }

  private static String sameHead(String answer, int size) {
    return answer
        .substring(0, answer.indexOf("\r\n\r\n"))
        .replace("content-length: " + size + "\r\n", "content-length: SIZE\r\n")
        .replaceAll("date: [^\r]*GMT", "date: NOW");
  }

  @ParameterizedTest
  @CsvSource({
    "200, HTTP/1.1",
    "200, HTTP/1.0",
    "404, HTTP/1.1",
    "503, HTTP/1.0",
    "299, HTTP/1.1",
    "599, HTTP/1.1"
  })
  void smallAndLargeAnswersHaveTheSameHead(int status, String version) {
    Asyncio.run(() -> {
      try (HttpServer server = server().start("127.0.0.1", 0)) {
        String large = answer(server, status, 100_000, version);
        String head = sameHead(large, 100_000);
        assertThat(head)
            .contains("content-length: SIZE", "date: NOW", "connection: close")
            .contains("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n", "X-Latin: gr\u00fcn")
            .doesNotContain("yesterday", "upgrade", "chunked");
        for (int size : List.of(0, 1, 16 * 1024, 16 * 1024 + 1)) {
          String small = answer(server, status, size, version);
          assertThat(sameHead(small, size)).isEqualTo(head);
          assertThat(small).endsWith("\r\n\r\n" + "x".repeat(size));
        }
      }
    });
  }

  @Test
  void clientsOfHttp10AreToldThatTheConnectionStays() {
    Asyncio.run(() -> {
      try (HttpServer server = server().start("127.0.0.1", 0);
          RawClient client = RawClient.connect(server)) {
        for (int size : List.of(1, 100_000)) {
          client.send("GET /200/" + size + " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
          assertThat(client.readUntil("\r\n\r\n")).contains("\r\nconnection: keep-alive\r\n");
          assertThat(client.readBytes(size)).hasSize(size);
        }
      }
    });
  }

  @Test
  void requestWithFieldsOfItsOwnHasTheSameOthers() {
    var heads = new CopyOnWriteArrayList<String>();
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                for (int i = 0; i < 2; i++) {
                  heads.add(client.readHead());
                  client.send("HTTP/1.1 204 No Content\r\n\r\n");
                }
              });
          var http = HttpClient.builder().header("X-All", "gr\u00fcn").build()) {
        http.get(server.url() + "/a?b=c");
        http.request(HttpRequest.get(server.url() + "/a?b=c").header("X-Own", "y"));
      }
    });
    assertThat(heads).hasSize(2);
    assertThat(heads.get(0)).startsWith("GET /a?b=c HTTP/1.1\r\n").contains("X-All: gr\u00fcn\r\n");
    assertThat(heads.get(1).replace("X-Own: y\r\n", "").lines())
        .containsExactlyInAnyOrderElementsOf(heads.get(0).lines().toList());
  }

  @Test
  void headsOfAnyLengthArePutTogether() {
    HeadBytes bytes = new HeadBytes();
    for (int size : List.of(0, 511, 512, 513, 100_000, 3)) {
      bytes.begin().add("a".repeat(size)).add(new StringBuilder("\u00fc\u00ff"));
      for (int number : List.of(0, 9, 10, 999, 1000, Integer.MAX_VALUE)) {
        bytes.add(number).add(" ");
      }
      ByteBuf buffer = bytes.toBuffer(UnpooledByteBufAllocator.DEFAULT, new byte[] {'b'});
      assertThat(buffer.toString(StandardCharsets.ISO_8859_1))
          .isEqualTo("a".repeat(size) + "\u00fc\u00ff0 9 10 999 1000 2147483647 b");
      buffer.release();
    }
  }
}
