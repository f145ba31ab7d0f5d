package dev.aioli.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.http.client.HttpClient;
import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.HttpServerBuilder;
import dev.aioli.http.server.ServerResponse;
import dev.aioli.http.testing.RawClient;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.http.wire.HeadBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
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

  private static HttpServerBuilder server() {
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
  void requestsWithoutBodyHaveTheSameFieldsAsOthers() {
    Headers own = Headers.of("X-Own", "y", "X-All", "mine", "Content-Length", "5");
    var heads = new CopyOnWriteArrayList<String>();
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                for (String head = client.readHead(); !head.isEmpty(); head = client.readHead()) {
                  heads.add(head.toLowerCase(Locale.ROOT));
                  client.send("HTTP/1.1 204 No Content\r\n\r\n");
                }
              });
          var http = HttpClient.builder().header("X-All", "gr\u00fcn").build()) {
        HttpRequest plain = HttpRequest.of("DELETE", server.url() + "/a?b=c");
        http.request(plain);
        http.request(plain.body(""));
        http.request(plain.headers(own));
        http.request(plain.headers(own).body(""));
        http.request(plain.headers(own));
        http.request(plain);
        http.request(plain.header("X-Own", "z"));
      }
    });
    assertThat(heads).hasSize(7);
    assertThat(heads.get(0))
        .startsWith("delete /a?b=c http/1.1\r\n")
        .contains("x-all: gr\u00fcn\r\n")
        .doesNotContain("content-length", "x-own");
    assertThat(sorted(heads.get(0))).isEqualTo(withoutBody(heads.get(1)));
    assertThat(heads.get(2))
        .contains("x-own: y\r\n", "x-all: mine\r\n")
        .doesNotContain("gr\u00fcn", "content-length");
    assertThat(sorted(heads.get(2))).isEqualTo(withoutBody(heads.get(3)));
    assertThat(heads.get(4)).isEqualTo(heads.get(2));
    assertThat(heads.get(5)).isEqualTo(heads.get(0));
    assertThat(heads.get(6)).contains("x-own: z\r\n").doesNotContain("x-own: y");
  }

  private static List<String> sorted(String head) {
    return head.lines().sorted().toList();
  }

  private static List<String> withoutBody(String head) {
    assertThat(head).contains("content-length: 0\r\n");
    return sorted(head.replace("content-length: 0\r\n", "").replaceAll("content-type:.*\r\n", ""));
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
