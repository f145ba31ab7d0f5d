package dev.aioli.http.url;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.IntPredicate;

/**
 * Characters of URLs as bytes (RFC 3986, 2.1). What is encoded already stays as it is, and nothing
 * is normalized: a name may be on a server in any form of Unicode.
 */
public final class PercentEncoding {
  private static final String UNRESERVED =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  private static final int ASCII = 0x80;
  private static final int DELETE = 0x7F;
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private static final boolean[] IN_PATH = table(UNRESERVED + "!$&'()*+,;=:@/?");
  private static final boolean[] IN_QUERY = table(UNRESERVED + "!$&'()*+,;=:@/?[]");
  private static final boolean[] IN_USER = table(UNRESERVED + "!$&'()*+,;=:");

  private PercentEncoding() {}

  private static boolean[] table(String characters) {
    boolean[] table = new boolean[ASCII];
    characters.chars().forEach(c -> table[c] = true);
    return table;
  }

  /**
   * Encodes what a path may not hold.
   *
   * @throws IllegalArgumentException for control characters, and for halves of surrogate pairs
   */
  static String path(String text) {
    return encoded(text, IN_PATH);
  }

  /** As {@link #path}; queries also hold brackets, which programs write there. */
  static String query(String text) {
    return encoded(text, IN_QUERY);
  }

  /** As {@link #path}, for a user and a password. */
  static String user(String text) {
    return encoded(text, IN_USER);
  }

  private static String encoded(String text, boolean[] allowed) {
    int plain = 0;
    while (plain < text.length() && isAllowed(text.charAt(plain), allowed)) {
      plain++;
    }
    if (plain == text.length()) {
      return text;
    }
    StringBuilder result = new StringBuilder(text.length() + 16).append(text, 0, plain);
    for (int i = plain; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (isAllowed(c, allowed) || (c == '%' && isEscape(text, i))) {
        result.append((char) c);
      } else {
        append(result, checked(c));
      }
    }
    return result.toString();
  }

  private static boolean isAllowed(int c, boolean[] allowed) {
    return c < ASCII && allowed[c];
  }

  private static boolean isEscape(String text, int percent) {
    return percent + 2 < text.length()
        && HexFormat.isHexDigit(text.charAt(percent + 1))
        && HexFormat.isHexDigit(text.charAt(percent + 2));
  }

  private static int checked(int c) {
    if (isControl(c)) {
      throw new IllegalArgumentException(
          "expected no control characters such as U+%04X".formatted(c));
    }
    if (isSurrogate(c)) {
      throw new IllegalArgumentException(
          "expected whole characters, no half of a surrogate pair such as U+%04X".formatted(c));
    }
    return c;
  }

  /** Whether it is half of a pair: no character by itself. */
  static boolean isSurrogate(int c) {
    return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
  }

  private static void append(StringBuilder result, int codePoint) {
    for (byte b : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
      append(result, b);
    }
  }

  private static void append(StringBuilder result, byte b) {
    result.append('%').append(HEX.toHexDigits(b));
  }

  /** The bytes that a text stands for; a percent sign that begins no escape stands for itself. */
  public static byte[] decode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '%'
          && i + 2 < bytes.length
          && HexFormat.isHexDigit(bytes[i + 1])
          && HexFormat.isHexDigit(bytes[i + 2])) {
        decoded.write(
            HexFormat.fromHexDigit(bytes[i + 1]) << 4 | HexFormat.fromHexDigit(bytes[i + 2]));
        i += 2;
      } else {
        decoded.write(bytes[i]);
      }
    }
    return decoded.toByteArray();
  }

  /**
   * A reference as it stands in a header field, a character a byte. Bytes above ASCII are UTF-8 if
   * they can be, so that a host name is understood; else they are encoded as they are, since nobody
   * knows what they mean. So are control characters.
   */
  public static String ofField(String field) {
    String stripped = field.strip();
    if (stripped.chars().noneMatch(c -> isControl(c) || c >= ASCII)) {
      return stripped;
    }
    byte[] bytes = stripped.getBytes(StandardCharsets.ISO_8859_1);
    String text = new String(bytes, StandardCharsets.UTF_8);
    return Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)
        ? withEncoded(text, PercentEncoding::isControl)
        : withEncoded(stripped, c -> isControl(c) || c >= ASCII);
  }

  private static boolean isControl(int c) {
    return c < ' ' || c == DELETE;
  }

  private static String withEncoded(String text, IntPredicate isByte) {
    StringBuilder result = new StringBuilder(text.length());
    text.chars()
        .forEach(c -> {
          if (isByte.test(c)) {
            append(result, (byte) c);
          } else {
            result.append((char) c);
          }
        });
    return result.toString();
  }
}
