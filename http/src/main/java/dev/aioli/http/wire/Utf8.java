package dev.aioli.http.wire;

import java.nio.charset.StandardCharsets;

/**
 * Texts of programs as bytes. Java would send a question mark for half of a surrogate pair, which
 * is no character: the receiver would get something else, and nobody would be told.
 */
public final class Utf8 {
  private Utf8() {}

  /**
   * The bytes of a text.
   *
   * @throws IllegalArgumentException if it has half of a surrogate pair
   */
  public static byte[] bytes(String text) {
    return checked(text).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The same text.
   *
   * @throws IllegalArgumentException as {@link #bytes}
   */
  public static String checked(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        i++; // the other half
        if (i == text.length() || !Character.isSurrogatePair(c, text.charAt(i))) {
          throw new IllegalArgumentException(
              "expected a text of whole characters, found half of a surrogate pair, U+%04X, at %d; send such a text as bytes"
                  .formatted((int) c, i - 1));
        }
      }
    }
    return text;
  }
}
