package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.testing.Certificates;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Servers that speak HTTP/2, but want some requests in HTTP/1.1 (RFC 9113, 7). */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class Http2FallbackTest {
  private static final int HEADERS = 1;
  private static final int PREFACE = 24;

  private final List<String> heads = new CopyOnWriteArrayList<>();

  /** The first connection is of HTTP/2 and gets HTTP_1_1_REQUIRED, the others are of HTTP/1.1. */
  private void serve(int number, ScriptedServer.Peer client) throws IOException {
    if (number == 0) {
      refuseAll(client);
    }
    for (String head = client.readHead(); !head.isEmpty(); head = client.readHead()) {
      int length = head.contains("content-length: 4") ? 4 : 0;
      heads.add(head + new String(client.in().readNBytes(length), StandardCharsets.US_ASCII));
      client.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  }

  private static void refuseAll(ScriptedServer.Peer client) throws IOException {
    client.in().readNBytes(PREFACE);
    client.send("\0\0\0\4\0\0\0\0\0"); // settings
    while (true) {
      byte[] frame = client.in().readNBytes(9);
      if (frame.length < 9) {
        return;
      }
      var header = new DataInputStream(new ByteArrayInputStream(frame));
      int length = header.readUnsignedByte() << 16 | header.readUnsignedShort();
      client.in().readNBytes(length);
      if (header.readUnsignedByte() == HEADERS) {
        String stream = new String(frame, 5, 4, StandardCharsets.ISO_8859_1);
        client.send("\0\0\4\3\0" + stream + "\0\0\0\15");
      }
    }
  }

  private void askTwice(HttpClient http, String url) {
    var response = http.get(url + "/a");
    assertThat(response.text()).isEqualTo("ok");
    assertThat(response.version()).isEqualTo("HTTP/1.1");
    assertThat(http.get(url + "/b").text()).isEqualTo("ok");
    assertThat(heads).hasSize(2);
    assertThat(heads.getFirst()).startsWith("GET /a HTTP/1.1");
  }

  @Test
  void aServerThatWantsHttp1IsAskedInThat() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.start(this::serve);
          var http = HttpClient.builder().http2(Http2.PRIOR_KNOWLEDGE).build()) {
        askTwice(http, server.url());
        assertThat(server.connections()).isEqualTo(2);
      }
    });
  }

  @Test
  void soIsOneBehindTls(@TempDir Path temp) throws Exception {
    var context = Certificates.serverContext(Certificates.selfSigned(temp, "localhost"));
    Asyncio.run(() -> {
      try (var server = ScriptedServer.startTls(context, this::serve, "h2", "http/1.1");
          var http = HttpClient.builder().insecure().http2(Http2.NEGOTIATE).build()) {
        askTwice(http, server.url());
        assertThat(server.connections()).isEqualTo(2);
      }
    });
  }

  @Test
  void whatCanBeSentAgainIs() {
    Asyncio.run(() -> {
      try (var server = ScriptedServer.start(this::serve);
          var http = HttpClient.builder().http2(Http2.PRIOR_KNOWLEDGE).build()) {
        assertThat(http.request(HttpRequest.post(server.url()).body("body")).text())
            .isEqualTo("ok");
        assertThat(heads.getFirst()).startsWith("POST / HTTP/1.1").endsWith("\r\n\r\nbody");
      }
    });
  }

  @Test
  void aServerThatDoesNotAnswerInHttp1EitherIsAskedNoMore() {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                if (number == 0) {
                  refuseAll(client);
                } else {
                  client.readHead();
                }
              });
          var http = HttpClient.builder().http2(Http2.PRIOR_KNOWLEDGE).build()) {
        assertThatThrownBy(() -> http.get(server.url()))
            .isInstanceOf(HttpException.Disconnected.class);
        assertThat(server.connections()).isEqualTo(2);
      }
    });
  }
}
