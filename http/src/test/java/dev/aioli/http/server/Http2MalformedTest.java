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
    assertThat(errorAfter(requests(1_000, RST_STREAM, 8))).isEqualTo(Http2Error.ENHANCE_YOUR_CALM);
  }

  @Test
  void headersThatAreNotCompressedAsTheyShouldBe() {
    assertThat(errorAfter(frame(HEADERS, END_HEADERS | END_STREAM, 1, "\u00ff\u00ff\u00ff\u00ff")))
        .isEqualTo(Http2Error.COMPRESSION_ERROR);
  }

  // ---- errors of one stream, and those of all

  /** The frames of an answer: "goaway", "reset" or "headers", with stream and error. */
  private static List<String> frames(String answer) {
    ByteBuffer bytes = ByteBuffer.wrap(answer.getBytes(StandardCharsets.ISO_8859_1));
    List<String> frames = new ArrayList<>();
    while (bytes.remaining() >= 9) {
      int length = (bytes.get() & 0xff) << 16 | bytes.getShort() & 0xffff;
      int type = bytes.get();
      bytes.get();
      int stream = bytes.getInt();
      int payload = bytes.position();
      if (bytes.remaining() < length) {
        break; // it is still arriving
      }
      switch (type) {
        case GOAWAY -> frames.add("goaway " + Http2Error.valueOf(bytes.getInt(payload + 4)));
        case RST_STREAM ->
            frames.add("reset " + stream + " " + Http2Error.valueOf(bytes.getInt(payload)));
        case HEADERS -> frames.add("headers " + stream);
        default -> {} // of no interest
      }
      bytes.position(payload + length);
    }
    return frames;
  }

  /** A GET of a path that is answered at once: there is nothing. */
  private static String get(String path) {
    return "\u0082\u0086\u0004" + (char) path.length() + path + "\u0041\u0001h";
  }

  private static String head(int stream, String fields) {
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, fields);
  }

  /** Requests, each with another frame of its stream behind it. */
  private static String requests(int count, int type, int payload) {
    StringBuilder frames = new StringBuilder();
    for (int stream = 1; stream < 2 * count; stream += 2) {
      frames.append(head(stream, GET)).append(frame(type, 0, stream, number(payload)));
    }
    return frames.toString();
  }

  /** The frames of an answer up to one that has to come. */
  private static List<String> framesUntil(RawClient client, String last) {
    StringBuilder answer = new StringBuilder();
    while (!frames(answer.toString()).contains(last)) {
      byte[] next = client.readBytes(1);
      assertThat(next).hasSize(1);
      answer.append((char) (next[0] & 0xff));
    }
    return frames(answer.toString());
  }

  /**
   * What comes back: to some frames, once these are answered to more, and then to a good request.
   */
  private static List<String> answered(String first, int headers, String second) {
    return Asyncio.run(() -> {
      try (HttpServer server = server(new ArrayList<>());
          RawClient client = RawClient.connect(server)) {
        client.send(PREFACE + frame(SETTINGS, 0, 0, "") + first);
        StringBuilder answer = new StringBuilder();
        while (frames(answer.toString()).size() < headers) {
          answer.append(new String(client.readBytes(1), StandardCharsets.ISO_8859_1));
        }
        client.send(second + head(1001, get("/last")));
        while (true) {
          byte[] next = client.readBytes(1);
          answer.append(new String(next, StandardCharsets.ISO_8859_1));
          List<String> frames = frames(answer.toString());
          if (next.length == 0 || frames.contains("headers 1001")) {
            return frames;
          }
        }
      }
    });
  }

  @Test
  void aTargetWithABlankIsAnErrorOfItsStreamOnly() {
    assertThat(answered("", 0, head(1, get("/a b")))).containsExactly("headers 1", "headers 1001");
  }

  @Test
  void aTargetWithAControlCharacterIsAnErrorOfItsStreamOnly() {
    assertThat(answered("", 0, head(1, get("/a\u0001b"))))
        .hasSize(2)
        .contains("headers 1001")
        .noneMatch(frame -> frame.startsWith("goaway"));
  }

  @Test
  void aHeadWithoutItsPseudoFieldsIsAnErrorOfItsStreamOnly() {
    String noMethod = "\u0086\u0084\u0041\u0001h";
    String noScheme = "\u0082\u0084\u0041\u0001h";
    String noPath = "\u0082\u0086\u0041\u0001h";
    assertThat(answered("", 0, head(1, noMethod) + head(3, noScheme) + head(5, noPath)))
        .containsExactly(
            "reset 1 PROTOCOL_ERROR",
            "reset 3 PROTOCOL_ERROR",
            "reset 5 PROTOCOL_ERROR",
            "headers 1001");
  }

  @Test
  void aHeadOnAStreamThatTheClientHasEndedIsAnErrorOfAll() {
    assertThat(answered(head(1, get("/none")), 1, head(1, get("/none"))))
        .containsExactly("headers 1", "goaway STREAM_CLOSED");
  }

  @Test
  void aHeadOnAStreamThatTheClientHasResetIsAnErrorOfAll() {
    String reset = frame(RST_STREAM, 0, 1, number(8));
    assertThat(answered("", 0, head(1, GET) + reset + head(1, get("/none"))))
        .containsExactly("goaway STREAM_CLOSED");
  }

  @Test
  void aHeadWithALowerNumberThanTheLastIsAnErrorOfAll() {
    assertThat(answered(head(7, get("/none")), 1, head(5, get("/none"))))
        .containsExactly("headers 7", "goaway PROTOCOL_ERROR");
  }

  @Test
  void whatIsUnderWayWhenTheServerEndsAStreamIsNoErrorOfAll() {
    // The answer comes before the body, of which the server wants no more.
    String post = "\u0083\u0086\u0004\u0005/none\u0041\u0001h";
    assertThat(
            answered(
                frame(HEADERS, END_HEADERS, 1, post),
                2,
                frame(DATA, 0, 1, "x") + head(1, "\u0000\u0001x\u0001y")))
        .startsWith("headers 1", "reset 1 NO_ERROR")
        .endsWith("headers 1001")
        .noneMatch(frame -> frame.startsWith("goaway"));
  }

  private static Http2Error errorBesideAnOpenStream(String frames) {
    return Asyncio.run(() -> {
      List<String> handled = new ArrayList<>();
      Handler waiting =
          request -> {
            handled.add("open");
            Asyncio.sleep(Duration.ofDays(1));
            return ServerResponse.text("never");
          };
      try (HttpServer server =
              HttpServer.builder()
                  .get("/", waiting)
                  .headerTimeout(Duration.ofMillis(300))
                  .start("127.0.0.1", 0);
          RawClient client = RawClient.connect(server)) {
        client.send(PREFACE + frame(SETTINGS, 0, 0, "") + head(1, GET));
        while (handled.isEmpty()) {
          Asyncio.sleep(Duration.ZERO);
        }
        client.send(frames);
        return goAway(client.readAll());
      }
    });
  }

  @Test
  void aHeadThatIsNotEndedHasItsTimeBesideAnOpenStream() {
    assertThat(errorBesideAnOpenStream(frame(HEADERS, END_STREAM, 3, GET)))
        .isEqualTo(Http2Error.PROTOCOL_ERROR);
  }

  @Test
  void aHeadWhoseFrameIsNotEndedHasItsTimeToo() {
    assertThat(errorBesideAnOpenStream(head(3, GET).substring(0, 12)))
        .isEqualTo(Http2Error.PROTOCOL_ERROR);
  }

  @Test
  void aHeadThatGoesOnInOtherFramesHasItsTimeToo() {
    assertThat(
            errorBesideAnOpenStream(
                frame(HEADERS, END_STREAM, 3, GET) + frame(CONTINUATION, 0, 3, "\u0082")))
        .isEqualTo(Http2Error.PROTOCOL_ERROR);
  }

  @Test
  void headsThatAreEndedInOtherFramesAreInTime() {
    Asyncio.run(() -> {
      try (HttpServer server =
              HttpServer.builder()
                  .headerTimeout(Duration.ofMillis(300))
                  .idleTimeout(Duration.ofMillis(900))
                  .start("127.0.0.1", 0);
          RawClient client = RawClient.connect(server)) {
        client.send(
            PREFACE
                + frame(SETTINGS, 0, 0, "")
                + frame(HEADERS, END_STREAM, 1, get("/none"))
                + frame(CONTINUATION, END_HEADERS, 1, "\u0000\u0001x\u0001y"));
        assertThat(frames(client.readAll())).containsExactly("headers 1", "goaway NO_ERROR");
      }
    });
  }

  @Test
  void streamsThatTheServerHasToResetAtOnce() {
    String growingByNothing = requests(1_000, WINDOW_UPDATE, 0); // that is an error
    assertThat(errorAfter(growingByNothing)).isEqualTo(Http2Error.ENHANCE_YOUR_CALM);
  }

  @Test
  void whoMayResetMoreIsServedOn() {
    String frames = requests(400, RST_STREAM, 8);
    Asyncio.run(() -> {
      try (HttpServer server =
              HttpServer.builder().maxResetsPerSecond(1_000).start("127.0.0.1", 0);
          RawClient client = RawClient.connect(server)) {
        client.send(PREFACE + frame(SETTINGS, 0, 0, "") + frames + head(1001, get("/last")));
        var _ = framesUntil(client, "headers 1001");
      }
    });
  }

  // ---- slow readers

  /**
   * How the stream of a large answer ends whose windows are opened by a little, again and again.
   */
  private static List<String> readSlowly(Handler handler, int updates) {
    return Asyncio.run(() -> {
      try (HttpServer server =
              HttpServer.builder()
                  .get("/", handler)
                  .writeTimeout(Duration.ofMillis(1_500))
                  .start("127.0.0.1", 0);
          RawClient client = RawClient.connect(server)) {
        String smallWindow = "\u0000\u0004" + number(100);
        client.send(PREFACE + frame(SETTINGS, 0, 0, smallWindow) + head(1, GET));
        for (int i = 0; i < updates; i++) {
          Asyncio.sleep(Duration.ofMillis(100));
          client.send(frame(WINDOW_UPDATE, 0, 1, number(100)));
        }
        client.send(head(1001, get("/last")));
        return framesUntil(client, updates > 0 ? "headers 1001" : "reset 1 CANCEL");
      }
    });
  }

  @Test
  void whoTakesALittleOfALargePieceIsNotCut() {
    Handler large = request -> ServerResponse.stream("a/b", out -> out.write(new byte[1_000_000]));
    assertThat(readSlowly(large, 40)).containsExactly("headers 1", "headers 1001");
  }

  @Test
  void whoTakesALittleOfBytesIsNotCut() {
    assertThat(readSlowly(request -> ServerResponse.bytes(new byte[1_000_000]), 40))
        .containsExactly("headers 1", "headers 1001");
  }

  @Test
  void whoTakesNothingOfALargePieceIsCut() {
    Handler large = request -> ServerResponse.stream("a/b", out -> out.write(new byte[1_000_000]));
    assertThat(readSlowly(large, 0)).endsWith("reset 1 CANCEL");
  }
}
