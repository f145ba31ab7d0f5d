package dev.aioli.http;

import static dev.aioli.http.testing.WebSockets.HANDSHAKE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.http.server.HttpServer;
import dev.aioli.http.testing.RawClient;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.Deflater;

/** Clients that compress messages, and send them a byte a character. */
final class CompressedWebSockets {
  private CompressedWebSockets() {}

  /** A client that has offered this, and the header of the answer. */
  record Upgraded(RawClient client, String head) {}

  static Upgraded upgraded(HttpServer server, String offer) {
    var client = RawClient.connect(server);
    client.send(HANDSHAKE + "Sec-WebSocket-Extensions: " + offer + "\r\n\r\n");
    String head = client.readUntil("\r\n\r\n");
    assertThat(head).startsWith("HTTP/1.1 101 ");
    return new Upgraded(client, head);
  }

  static RawClient compressing(HttpServer server) {
    return upgraded(server, "permessage-deflate").client();
  }

  /** A frame with a mask of zeros, a byte a character. */
  static String frame(int start, byte[] payload) {
    StringBuilder frame = new StringBuilder().append((char) start);
    int length = payload.length;
    int bytes = length <= 125 ? 0 : length <= 0xffff ? 2 : 8;
    frame.append((char) (0x80 | (bytes == 0 ? length : bytes == 2 ? 126 : 127)));
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      frame.append((char) (((long) length >> shift) & 0xff));
    }
    return frame.append("\0\0\0\0") + new String(payload, StandardCharsets.ISO_8859_1);
  }

  static byte[] deflated(byte[] bytes) {
    try (Deflater deflater = new Deflater(9, true)) {
      deflater.setInput(bytes);
      byte[] result = new byte[bytes.length + 1000];
      int length = deflater.deflate(result, 0, result.length, Deflater.SYNC_FLUSH);
      return Arrays.copyOf(result, length - 4); // 00 00 ff ff is not sent
    }
  }

  static byte[] deflated(String text) {
    return deflated(text.getBytes(StandardCharsets.UTF_8));
  }
}
