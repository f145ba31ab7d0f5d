package dev.aioli.http.server;

import dev.aioli.http.Headers;
import dev.aioli.http.wire.HeadBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Makes the bytes of a small response, head and body in one buffer: most responses are small, and a
 * system call with one buffer costs less than one with two. Others pass through {@link
 * ResponseEncoder}. On the loop's thread only.
 */
final class SmallResponse {
  private static final int MAX_BODY_BYTES = 16 * 1024; // what is larger is not copied

  private static final int NO_CONTENT = 204;
  private static final int RESET_CONTENT = 205;
  private static final int NOT_MODIFIED = 304;

  private static final byte[] VERSION = ascii("HTTP/1.1 ");
  private static final byte[] OK = ascii("HTTP/1.1 200 OK\r\n");
  private static final byte[] CONTENT_LENGTH = ascii("content-length: ");
  private static final byte[] DATE = ascii("\r\ndate: ");
  private static final byte[] CLOSE = ascii("\r\nconnection: close\r\n\r\n");
  private static final byte[] KEEP_ALIVE = ascii("\r\nconnection: keep-alive\r\n\r\n");
  private static final byte[] END = ascii("\r\n\r\n");
  private static final byte[] LINE_END = ascii("\r\n");
  private static final byte[] COLON = ascii(": ");

  private final HeadBytes head = new HeadBytes();

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Whether a response can be made here: it is small, and its status has a body. */
  static boolean suits(ServerRequest request, int status, byte[] body) {
    return body.length <= MAX_BODY_BYTES
        && status != NO_CONTENT
        && status != RESET_CONTENT
        && status != NOT_MODIFIED
        && !request.method().equals("HEAD");
  }

  /**
   * The bytes of a response.
   *
   * @param date for the Date field
   */
  ByteBuf encode(
      ByteBufAllocator allocator,
      ServerRequest request,
      ServerResponse response,
      byte[] body,
      String date,
      boolean keepAlive) {
    head.begin();
    addStatus(response.status());
    var fields = Headers.NETTY.fields(response.headers()).iteratorCharSequence(); // no strings made
    while (fields.hasNext()) {
      Map.Entry<CharSequence, CharSequence> field = fields.next();
      if (!isOurs(field.getKey())) {
        head.add(field.getKey()).add(COLON).add(field.getValue()).add(LINE_END);
      }
    }
    head.add(CONTENT_LENGTH).add(body.length).add(DATE).add(date);
    boolean usual = keepAlive && request.version().equals("HTTP/1.1");
    head.add(usual ? END : keepAlive ? KEEP_ALIVE : CLOSE);
    return head.toBuffer(allocator, body);
  }

  private void addStatus(int status) {
    if (status == 200) {
      head.add(OK);
    } else {
      HttpResponseStatus known = HttpResponseStatus.valueOf(status);
      head.add(VERSION).add(status).add(" ").add(known.reasonPhrase()).add(LINE_END);
    }
  }

  /** Whether the server says this itself: above all where the message ends. */
  private static boolean isOurs(CharSequence name) {
    return switch (name.length()) {
      case 4 -> AsciiString.contentEqualsIgnoreCase(HttpHeaderNames.DATE, name);
      case 10 -> AsciiString.contentEqualsIgnoreCase(HttpHeaderNames.CONNECTION, name);
      case 14 -> AsciiString.contentEqualsIgnoreCase(HttpHeaderNames.CONTENT_LENGTH, name);
      case 17 -> AsciiString.contentEqualsIgnoreCase(HttpHeaderNames.TRANSFER_ENCODING, name);
      default -> false;
    };
  }
}
