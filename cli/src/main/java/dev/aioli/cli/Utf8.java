package dev.aioli.cli;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** UTF-8 without replacements: what cannot be read or written is not turned into something else. */
final class Utf8 {
  private static final char REPLACEMENT = '\ufffd';

  private Utf8() {}

  /**
   * What is wrong with bytes that should be a text; null if nothing is.
   *
   * @param text the same bytes, decoded with replacements
   */
  static @Nullable String problem(byte[] bytes, int from, int length, String text) {
    if (text.indexOf(REPLACEMENT) < 0) {
      return null; // which nearly always saves decoding it again
    }
    ByteBuffer in = ByteBuffer.wrap(bytes, from, length);
    CharBuffer out = CharBuffer.allocate(length);
    var result =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .decode(in, out, true);
    return result.isError()
        ? "expected UTF-8, found byte %02X at position %d"
            .formatted(in.get(in.position()) & 0xFF, in.position() - from + 1)
        : null;
  }

  /**
   * The bytes of a text.
   *
   * @throws IllegalArgumentException if it has halves of surrogate pairs, which UTF-8 cannot have
   */
  static byte[] encode(String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] result = new byte[bytes.remaining()];
      bytes.get(result);
      return result;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "expected whole characters, found half of a surrogate pair; send such bytes as"
              + " 'body_base64'",
          e);
    }
  }

  /**
   * Gives an argument of the command line back, whose bytes the JVM has decoded.
   *
   * @throws IllegalArgumentException if it could not: they are not in the encoding of the locale
   */
  static String argument(String text, String wayOut) {
    if (text.indexOf(REPLACEMENT) >= 0) {
      throw new IllegalArgumentException(
          "expected characters in the encoding of the locale ("
              + System.getProperty("sun.jnu.encoding")
              + "), found others; "
              + wayOut);
    }
    return text;
  }
}
