package dev.aioli.http;

import static dev.aioli.http.CompressedWebSockets.compressing;
import static dev.aioli.http.CompressedWebSockets.deflated;
import static dev.aioli.http.CompressedWebSockets.frame;
import static dev.aioli.http.testing.WebSockets.readCloseCode;
import static dev.aioli.http.testing.WebSockets.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.http.WebSocketOptions.Compress;
import dev.aioli.http.client.WebSocketClient;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.http.testing.WebSockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** permessage-deflate: blocks that end a stream, and windows that are small. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class WebSocketDeflateTest {
  private static final WebSocketOptions OFFERING =
      WebSocketOptions.DEFAULT.withCompress(Compress.OFFER);

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** What a server receives of a client that sends these messages, all of them texts. */
  private static List<String> received(byte[]... messages) {
    List<String> texts = new ArrayList<>();
    with(
        WebSocketOptions.DEFAULT,
        socket -> {
          for (WebSocket.Message message : socket) {
            texts.add(((WebSocket.Text) message).text());
          }
          texts.add("closed " + socket.closeCode());
        },
        (server, url) -> {
          try (var client = compressing(server)) {
            for (byte[] message : messages) {
              client.send(frame(0xc1, message));
            }
            client.send(frame(0x88, hex("03e8")));
            readCloseCode(client);
          }
          while (texts.isEmpty() || !texts.getLast().startsWith("closed")) {
            Asyncio.sleep(Duration.ZERO);
          }
        });
    return texts;
  }

  @Test
  void aFinalBlockIsFollowedByOtherMessages() {
    byte[] hello = hex("f348cdc9c90700 00"); // as RFC 7692 has it (7.2.3.4)
    assertThat(received(hello, deflated("plain"), hello, hello, hex("00"), deflated("end")))
        .containsExactly("Hello", "plain", "Hello", "Hello", "", "end", "closed 1000");
  }

  @Test
  void aFinalBlockMayHaveNothingBehindIt() {
    byte[] hello = hex("f348cdc9c90700");
    byte[] nothing = hex("0300");
    assertThat(received(nothing, hello, nothing, deflated("plain"), hello))
        .containsExactly("", "Hello", "", "plain", "Hello", "closed 1000");
  }

  @Test
  void whatIsBehindAFinalBlockMayReferToWhatWasBefore() {
    byte[] text = "Hello, hello, and hello again".getBytes(StandardCharsets.UTF_8);
    try (Deflater deflater = new Deflater(9, true)) {
      deflater.setDictionary(text);
      deflater.setInput(text);
      byte[] out = new byte[100];
      int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH) - 4;
      assertThat(length).isLessThan(10); // it refers
      byte[] first = new byte[100];
      try (Deflater ending = new Deflater(9, true)) {
        ending.setInput(text);
        ending.finish();
        int ended = ending.deflate(first);
        String same = new String(text, StandardCharsets.UTF_8);
        assertThat(received(Arrays.copyOf(first, ended), Arrays.copyOf(out, length)))
            .containsExactly(same, same, "closed 1000");
      }
    }
  }

  @Test
  void finalBlocksWithoutEndAreRefused() {
    byte[] ends = hex("0300".repeat(1_000));
    with(
        WebSocketOptions.DEFAULT,
        WebSockets::echo,
        (server, url) -> {
          try (var client = compressing(server)) {
            client.send(frame(0xc1, ends));
            assertThat(readCloseCode(client)).isEqualTo(1007);
          }
        });
  }

  @Test
  void aReasonNamesNoClassOfOurs() {
    with(
        WebSocketOptions.DEFAULT,
        WebSockets::echo,
        (server, url) -> {
          try (var client = compressing(server)) {
            client.send(frame(0xc1, hex("ffffffff")));
            assertThat(client.readAll())
                .contains("can be decompressed")
                .doesNotContain("Exception");
          }
        });
  }

  @ParameterizedTest
  @CsvSource({"8", "9", "12", "15"})
  void aServerMayWantASmallWindow(int bits) {
    String text = "a window of " + bits + ", ";
    String large = text.repeat(5_000);
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, peer) -> {
                String head = peer.readHead();
                assertThat(head).contains("permessage-deflate; client_max_window_bits\r\n");
                peer.send(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        + "Connection: upgrade\r\nSec-WebSocket-Accept: "
                        + accept(head)
                        + "\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits="
                        + bits
                        + (bits == 15 ? "; client_no_context_takeover" : "")
                        + "\r\n\r\n");
                for (String expected : List.of(text, large, text)) {
                  String received = inflated(readMasked(peer), 1 << bits);
                  peer.send(received.equals(expected) ? "\u0081\u0004same" : "\u0081\u0005other");
                }
                peer.awaitEnd();
              });
          var socket =
              WebSocketClient.create()
                  .with(OFFERING.withCloseTimeout(Duration.ofMillis(1)))
                  .connect("ws://127.0.0.1:" + server.port())) {
        for (String message : List.of(text, large, text)) {
          socket.send(message);
          assertThat(socket.receiveText()).isEqualTo("same");
        }
      }
    });
  }

  private static String accept(String head) throws IOException {
    String key =
        head.lines()
            .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:"))
            .findFirst()
            .orElseThrow();
    try {
      byte[] text =
          (key.substring(key.indexOf(':') + 1).strip() + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
              .getBytes(StandardCharsets.US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }

  /** The payload of a frame of a client. */
  private static byte[] readMasked(ScriptedServer.Peer peer) throws IOException {
    peer.in().read();
    int length = peer.in().read() & 0x7f;
    if (length == 126) {
      length = peer.in().read() << 8 | peer.in().read();
    }
    byte[] mask = peer.in().readNBytes(4);
    byte[] payload = peer.in().readNBytes(length);
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i % 4];
    }
    return payload;
  }

  /** Decompresses with no more memory than a window: each part alone, as the JDK has but one. */
  private static String inflated(byte[] message, int window) throws IOException {
    StringBuilder text = new StringBuilder();
    byte[] tail = {0, 0, (byte) 0xff, (byte) 0xff};
    byte[] all = Arrays.copyOf(message, message.length + 4);
    System.arraycopy(tail, 0, all, message.length, 4);
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(all);
      byte[] out = new byte[100_000];
      int size = inflater.inflate(out);
      text.append(new String(out, 0, size, StandardCharsets.UTF_8));
      if (window < 1 << 15) {
        try (Inflater forgetful = new Inflater(true)) { // starts anew after each flush
          int from = indexOf(all, tail, 0) + 4;
          if (from < all.length) {
            forgetful.setInput(all, from, all.length - from);
            assertThat(forgetful.inflate(out)).isEqualTo(size - window);
          }
        }
      }
    } catch (DataFormatException e) {
      throw new IOException(e);
    }
    return text.toString();
  }

  private static int indexOf(byte[] bytes, byte[] part, int from) {
    for (int i = from; i <= bytes.length - part.length; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    return -1;
  }
}
