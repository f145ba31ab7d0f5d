package dev.aioli.http.websocket;

import dev.aioli.http.WebSocketOptions;
import dev.aioli.http.wire.Parameterized;
import dev.aioli.http.wire.Tokens;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketClientExtension;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtension;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionDecoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateClientExtensionHandshaker;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * The compression of messages that both sides have agreed on: permessage-deflate, RFC 7692.
 *
 * <p>Netty's handlers for it look at HTTP messages that pass through a pipeline, which those of a
 * server here do not. So the header fields are looked at here, and Netty has the rest.
 *
 * <p>Known limit: a message may end the stream of deflate (a final block; RFC 7692, 7.2.3.4), but
 * Netty's decoder then understands no compressed message that follows, and the WebSocket closes
 * with 1002.
 */
public final class PerMessageDeflate {
  private static final int LEVEL = 6;
  private static final int WINDOW_BITS = 15; // the JDK's deflater has no other

  /** Netty's decoder wants so much room behind what it has decompressed, at least. */
  private static final int SPARE_BYTES = 1024;

  private final WebSocketExtension extension;
  private final String answer;

  private PerMessageDeflate(WebSocketExtension extension, String answer) {
    this.extension = extension;
    this.answer = answer;
  }

  // ---- the client's side

  /** What a client asks for. */
  public static String offer() {
    return text(
        new PerMessageDeflateClientExtensionHandshaker(LEVEL, false, WINDOW_BITS, false, false, 0)
            .newRequestData());
  }

  /**
   * What a server says to the client's offer.
   *
   * @param answers its fields Sec-WebSocket-Extensions
   * @return null if messages are not compressed
   * @throws IllegalArgumentException if it wants what was not offered
   */
  public static @Nullable PerMessageDeflate agreed(List<String> answers, WebSocketOptions options) {
    List<WebSocketExtensionData> extensions =
        Tokens.elements(answers)
            .filter(answer -> !answer.isEmpty())
            .map(PerMessageDeflate::parse)
            .toList();
    if (extensions.isEmpty()) {
      return null;
    }
    // A server may do without our context unasked.
    WebSocketClientExtension extension =
        options.compress() != WebSocketOptions.Compress.OFFER || extensions.size() > 1
            ? null
            : new PerMessageDeflateClientExtensionHandshaker(
                    LEVEL, false, WINDOW_BITS, true, false, maxBytes(options))
                .handshakeExtension(extensions.getFirst());
    if (extension == null) {
      throw new IllegalArgumentException(
          "expected no extension that was not offered, found '" + String.join(", ", answers) + "'");
    }
    return new PerMessageDeflate(extension, "");
  }

  // ---- the server's side

  /**
   * The first offer of a client that can be met.
   *
   * @param offers its fields Sec-WebSocket-Extensions
   * @return null if there is none, or if messages are never to be compressed
   */
  public static @Nullable PerMessageDeflate accept(List<String> offers, WebSocketOptions options) {
    if (options.compress() == WebSocketOptions.Compress.NEVER) {
      return null;
    }
    var handshaker =
        new PerMessageDeflateServerExtensionHandshaker(
            LEVEL, false, WINDOW_BITS, true, false, maxBytes(options));
    for (String offer : Tokens.elements(offers).toList()) {
      WebSocketServerExtension extension;
      try {
        extension = handshaker.handshakeExtension(parse(offer));
      } catch (IllegalArgumentException e) {
        continue; // malformed, or a number that is none: such an offer is declined (RFC 7692, 5.1)
      }
      if (extension != null) {
        return new PerMessageDeflate(extension, text(extension.newReponseData()));
      }
    }
    return null;
  }

  /** What the server says. */
  public String answer() {
    return answer;
  }

  /**
   * An extension with its parameters.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  private static WebSocketExtensionData parse(String extension) {
    Parameterized parsed = Parameterized.parse(extension);
    Tokens.check(parsed.value(), "WebSocket extension");
    return new WebSocketExtensionData(parsed.value(), new LinkedHashMap<>(parsed.parameters()));
  }

  private static String text(WebSocketExtensionData extension) {
    StringBuilder text = new StringBuilder(extension.name());
    extension
        .parameters()
        .forEach((name, value) ->
            text.append("; ").append(name).append(value == null ? "" : "=" + value));
    return text.toString();
  }

  /** What bounds the memory; whoever takes the messages knows the limit to the byte. */
  private static int maxBytes(WebSocketOptions options) {
    return (int) Math.min(Integer.MAX_VALUE, (long) options.maxMessageBytes() + SPARE_BYTES);
  }

  // ---- in a pipeline, on the loop's thread

  /** Puts the handlers before the one that takes the messages. */
  void addBefore(ChannelHandlerContext frames) {
    frames
        .pipeline()
        .addBefore(frames.name(), null, extension.newExtensionDecoder())
        .addBefore(frames.name(), null, extension.newExtensionEncoder());
  }

  /** What still comes in is of no interest, and not worth the work. */
  void stopReading(ChannelPipeline pipeline) {
    WebSocketExtensionDecoder decoder = pipeline.get(WebSocketExtensionDecoder.class);
    if (decoder != null) {
      pipeline.remove(decoder);
    }
  }

  /** Whether a message was refused since it is too large when decompressed. */
  static boolean isTooLarge(Throwable cause) {
    return find(cause, DecompressionException.class) && !isCorrupt(cause);
  }

  /** Whether a message cannot be decompressed. */
  static boolean isCorrupt(Throwable cause) {
    return find(cause, DataFormatException.class);
  }

  private static boolean find(Throwable cause, Class<?> type) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return true;
      }
    }
    return false;
  }
}
