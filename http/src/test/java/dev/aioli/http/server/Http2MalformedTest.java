package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.RawClient;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the server does with bytes that no client should send over HTTP/2 (RFC 9113). */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class Http2MalformedTest {
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  /** In HPACK: GET, http, /, and "h" for the authority. */
  private static final String GET = "\u0082\u0086\u0084\u0041\u0001h";

  private static final String POST = "\u0083\u0086\u0084\u0041\u0001h";

  private static String frame(int type, int flags, int stream, String payload) {
    ByteBuffer bytes = ByteBuffer.allocate(9);
    bytes.put((byte) (payload.length() >> 16)).putShort((short) payload.length());
    bytes.put((byte) type).put((byte) flags).putInt(stream);
    return new String(bytes.array(), StandardCharsets.ISO_8859_1) + payload;
  }

  private static String number(int value) {
    return new String(ByteBuffer.allocate(4).putInt(value).array(), StandardCharsets.ISO_8859_1);
  }

  @Suspends
  private static HttpServer server(List<String> handled) throws IOException {
    Handler handler =
        request -> {
          handled.add(request.method());
          try {
            Asyncio.sleep(Duration.ofDays(1));
          } finally {
            handled.remove(request.method());
          }
          return ServerResponse.text("never");
        };
    return HttpServer.builder()
        .get("/", handler)
        .post("/", handler)
        .grace(Duration.ZERO)
        .start("127.0.0.1", 0);
  }

  /** The error with which the server ends a connection on which these frames come. */
  private static Http2Error errorAfter(String frames) {
    return Asyncio.run(() -> {
      List<String> handled = new ArrayList<>();
      try (HttpServer server = server(handled)) {
        String answer =
            RawClient.talkUntilReset(server, PREFACE + frame(SETTINGS, 0, 0, "") + frames);
        while (server.connections() > 0) {
          Asyncio.sleep(Duration.ZERO);
        }
        while (!handled.isEmpty()) {
          Asyncio.sleep(Duration.ZERO); // their handlers end, too
        }
        return goAway(answer);
      }
    });
  }

  private static Http2Error goAway(String answer) {
    ByteBuffer bytes = ByteBuffer.wrap(answer.getBytes(StandardCharsets.ISO_8859_1));
    Http2Error error = null;
    while (bytes.remaining() >= 9) {
      int length = (bytes.get() & 0xff) << 16 | bytes.getShort() & 0xffff;
      int type = bytes.get();
      int payload = bytes.position() + 5;
      if (type == GOAWAY) {
        error = Http2Error.valueOf(bytes.getInt(payload + 4));
      }
      bytes.position(payload + length);
    }
    return error;
  }

  @Test
  void almostThePrefaceIsAnsweredAsHttp1() {
    Asyncio.run(() -> {
      try (HttpServer server = server(new ArrayList<>())) {
        assertThat(RawClient.talk(server, "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"))
            .startsWith("HTTP/1.1 505 ");
      }
    });
  }

  @Test
  void somethingElseThanSettingsFirst() {
    Asyncio.run(() -> {
      try (HttpServer server = server(new ArrayList<>())) {
        String answer =
            RawClient.talkUntilReset(
                server, PREFACE + frame(HEADERS, END_HEADERS | END_STREAM, 1, GET));
        assertThat(goAway(answer)).isEqualTo(Http2Error.PROTOCOL_ERROR);
      }
    });
  }

  @Test
  void aFrameThatIsTooLarge() {
    assertThat(
            errorAfter(
                frame(HEADERS, END_HEADERS, 1, POST) + frame(DATA, 0, 1, "x".repeat(16_385))))
        .isEqualTo(Http2Error.FRAME_SIZE_ERROR);
  }

  @Test
  void aWindowThatOverflows() {
    assertThat(errorAfter(frame(WINDOW_UPDATE, 0, 0, number(Integer.MAX_VALUE))))
        .isEqualTo(Http2Error.FLOW_CONTROL_ERROR);
  }

  @Test
  void dataOnAStreamThatWasNeverOpened() {
    assertThat(errorAfter(frame(DATA, 0, 1, "x"))).isEqualTo(Http2Error.PROTOCOL_ERROR);
  }

  @Test
  void aClientThatGoesOnSendingStillLearnsWhatWasWrong() {
    String wrong = frame(DATA, 0, 1, "x");
    // More than the server reads before it answers: what is left unread would make for a reset.
    Asyncio.run(() -> {
      try (HttpServer server = server(new ArrayList<>())) {
        String answer =
            RawClient.talk(
                server, PREFACE + frame(SETTINGS, 0, 0, "") + wrong + "x".repeat(4 * 1024 * 1024));
        assertThat(goAway(answer)).isEqualTo(Http2Error.PROTOCOL_ERROR);
      }
    });
  }

  @Test
  void aClientThatDoesNotCloseIsClosed() {
    Asyncio.run(() -> {
      List<String> handled = new ArrayList<>();
      try (HttpServer server = server(handled);
          RawClient client = RawClient.connect(server)) {
        client.send(PREFACE + frame(SETTINGS, 0, 0, "") + frame(HEADERS, END_HEADERS, 1, POST));
        while (handled.isEmpty()) {
          Asyncio.sleep(Duration.ZERO);
        }
        client.send(frame(DATA, 0, 3, "x"));
        assertThat(goAway(client.readAll())).isEqualTo(Http2Error.PROTOCOL_ERROR);
        while (!handled.isEmpty() || server.connections() > 0) {
          Asyncio.sleep(Duration.ZERO);
        }
      }
    });
  }

  @Test
  void headersThatGoOnForEver() {
    String field =
        "\u0000\u0001x\u007f\u0081\u0007" + "y".repeat(256); // literal, of 256 characters
    StringBuilder frames = new StringBuilder(frame(HEADERS, END_STREAM, 1, GET));
    for (int i = 0; i < 20; i++) {
      frames.append(frame(CONTINUATION, 0, 1, field.repeat(60)));
    }
    assertThat(errorAfter(frames.toString())).isNotNull();
  }

  @Test
  void continuationsWithoutContent() {
    String flood = frame(CONTINUATION, 0, 1, "").repeat(1_000);
    assertThat(errorAfter(frame(HEADERS, END_STREAM, 1, GET) + flood))
        .isEqualTo(Http2Error.ENHANCE_YOUR_CALM);
  }

  @Test
  void dataWithoutContent() {
    String flood = frame(DATA, 0, 1, "").repeat(100);
    assertThat(errorAfter(frame(HEADERS, END_HEADERS, 1, POST) + flood))
        .isEqualTo(Http2Error.ENHANCE_YOUR_CALM);
  }

  @Test
  void requestsThatAreResetAtOnce() {
    StringBuilder frames = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      frames
          .append(frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, GET))
          .append(frame(RST_STREAM, 0, 2 * i + 1, number(8)));
    }
    assertThat(errorAfter(frames.toString())).isEqualTo(Http2Error.ENHANCE_YOUR_CALM);
  }

  @Test
  void headersThatAreNotCompressedAsTheyShouldBe() {
    assertThat(errorAfter(frame(HEADERS, END_HEADERS | END_STREAM, 1, "\u00ff\u00ff\u00ff\u00ff")))
        .isEqualTo(Http2Error.COMPRESSION_ERROR);
  }
}
