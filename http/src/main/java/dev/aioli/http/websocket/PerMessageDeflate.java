package dev.aioli.http.websocket;

import dev.aioli.http.WebSocketOptions;
import dev.aioli.http.wire.Parameterized;
import dev.aioli.http.wire.Tokens;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * The compression of messages that both sides have agreed on: permessage-deflate, RFC 7692.
 *
 * <p>Netty has handlers for it, but they look at HTTP messages that pass through a pipeline, which
 * those of a server here do not; their decoder does not survive a final block, and their encoder
 * ignores a window that is smaller than that of the JDK.
 */
public final class PerMessageDeflate {
  /** What a client asks for: it can do with a smaller window, if the server wants it to. */
  public static final String OFFER = "permessage-deflate; client_max_window_bits";

  static final int MAX_WINDOW_BITS = 15;
  private static final int MIN_WINDOW_BITS = 8;

  private static final String NAME = "permessage-deflate";
  private static final String CLIENT_WINDOW = "client_max_window_bits";
  private static final String SERVER_WINDOW = "server_max_window_bits";
  private static final String CLIENT_FORGETS = "client_no_context_takeover";
  private static final String SERVER_FORGETS = "server_no_context_takeover";

  private final int windowBits;
  private final boolean forgets;
  private final int maxBytes;

  private PerMessageDeflate(int windowBits, boolean forgets, WebSocketOptions options) {
    this.windowBits = windowBits;
    this.forgets = forgets;
    maxBytes = options.maxMessageBytes();
  }

  // ---- the client's side

  /**
   * What a server says to the client's offer.
   *
   * @param answers its fields Sec-WebSocket-Extensions
   * @return null if messages are not compressed
   * @throws IllegalArgumentException if it wants what was not offered
   */
  public static @Nullable PerMessageDeflate agreed(List<String> answers, WebSocketOptions options) {
    List<Parameterized> extensions =
        Tokens.elements(answers)
            .filter(answer -> !answer.isEmpty())
            .map(PerMessageDeflate::parse)
            .toList();
    if (extensions.isEmpty()) {
      return null;
    }
    PerMessageDeflate agreed =
        options.compress() != WebSocketOptions.Compress.OFFER || extensions.size() != 1
            ? null
            : agreed(extensions.getFirst(), options);
    if (agreed == null) {
      throw new IllegalArgumentException(
          "expected no extension that was not offered, found '" + String.join(", ", answers) + "'");
    }
    return agreed;
  }

  private static @Nullable PerMessageDeflate agreed(
      Parameterized answer, WebSocketOptions options) {
    if (!answer.is(NAME)) {
      return null;
    }
    int windowBits = MAX_WINDOW_BITS;
    boolean forgets = false;
    for (Map.Entry<String, @Nullable String> parameter : answer.parameters().entrySet()) {
      int bits = bits(parameter.getValue());
      switch (parameter.getKey()) {
        case CLIENT_WINDOW -> windowBits = bits;
        case SERVER_WINDOW -> { // it may do with less unasked: we understand that
          if (bits < 0) {
            return null;
          }
        }
        case CLIENT_FORGETS -> {
          forgets = true;
          if (parameter.getValue() != null) {
            return null;
          }
        }
        case SERVER_FORGETS -> { // it may forget unasked, too
          if (parameter.getValue() != null) {
            return null;
          }
        }
        default -> {
          return null;
        }
      }
    }
    return windowBits < 0 ? null : new PerMessageDeflate(windowBits, forgets, options);
  }

  // ---- the server's side

  /**
   * The first offer of a client that can be met.
   *
   * @param offers its fields Sec-WebSocket-Extensions; those that make no sense are declined
   * @return null if there is none, or if messages are never to be compressed
   */
  public static @Nullable PerMessageDeflate accept(List<String> offers, WebSocketOptions options) {
    if (options.compress() == WebSocketOptions.Compress.NEVER) {
      return null;
    }
    for (String text : Tokens.elements(offers).toList()) {
      Parameterized offer;
      try {
        offer = parse(text);
      } catch (IllegalArgumentException e) {
        continue; // malformed: such an offer is declined (RFC 7692, 5.1)
      }
      if (offer.is(NAME) && canMeet(offer.parameters())) {
        boolean forgets = offer.parameters().containsKey(SERVER_FORGETS);
        return new PerMessageDeflate(MAX_WINDOW_BITS, forgets, options);
      }
    }
    return null;
  }

  private static boolean canMeet(Map<String, @Nullable String> parameters) {
    for (Map.Entry<String, @Nullable String> parameter : parameters.entrySet()) {
      String value = parameter.getValue();
      boolean met =
          switch (parameter.getKey()) {
            case CLIENT_WINDOW -> value == null || bits(value) > 0;
            case CLIENT_FORGETS, SERVER_FORGETS -> value == null;
            default -> false; // a small window of ours would compress badly: declined
          };
      if (!met) {
        return false;
      }
    }
    return true;
  }

  /** What the server says. */
  public String answer() {
    return forgets ? NAME + "; " + SERVER_FORGETS : NAME;
  }

  /** A number of bits; negative if it is none that can be. */
  private static int bits(@Nullable String value) {
    if (value == null || !value.matches("[1-9][0-9]?")) {
      return -1;
    }
    int bits = Integer.parseInt(value);
    return bits < MIN_WINDOW_BITS || bits > MAX_WINDOW_BITS ? -1 : bits;
  }

  /**
   * An extension with its parameters.
   *
   * @throws IllegalArgumentException if it is malformed
   */
  private static Parameterized parse(String extension) {
    Parameterized parsed = Parameterized.parse(extension);
    Tokens.check(parsed.value(), "WebSocket extension");
    return parsed;
  }

  // ---- in a pipeline, on the loop's thread

  /** Puts the handlers before the one that takes the messages. */
  void addBefore(ChannelHandlerContext frames) {
    frames
        .pipeline()
        .addBefore(frames.name(), null, new MessageInflater(maxBytes))
        .addBefore(frames.name(), null, new MessageDeflater(windowBits, forgets));
  }

  /** What still comes in is of no interest, and not worth the work. */
  void stopReading(ChannelPipeline pipeline) {
    if (pipeline.get(MessageInflater.class) != null) {
      pipeline.remove(MessageInflater.class);
    }
  }

  /** Whether a message was refused since it is too large when decompressed. */
  static boolean isTooLarge(Throwable cause) {
    return find(cause, MessageInflater.TooLargeException.class);
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
