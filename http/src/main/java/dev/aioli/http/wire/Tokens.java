package dev.aioli.http.wire;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The words that HTTP is made of (RFC 9110, 5.6.2). */
public final class Tokens {
  private static final String MARKS = "!#$%&'*+-.^_`|~";

  private static final boolean[] PERMITTED = permitted(); // asked for each request

  private Tokens() {}

  private static boolean[] permitted() {
    boolean[] table = new boolean[0x80];
    for (char c = 0; c < table.length; c++) {
      table[c] = Character.isLetterOrDigit(c) || MARKS.indexOf(c) >= 0;
    }
    return table;
  }

  /** The elements of a field that is a list, however many fields it came in (RFC 9110, 5.6.1). */
  public static Stream<String> elements(List<String> fields) {
    return fields.stream().flatMap(field -> Arrays.stream(field.split(","))).map(String::strip);
  }

  /**
   * Gives a word back.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static String check(String word, String what) {
    if (word.isEmpty()) {
      throw new IllegalArgumentException("expected a " + what + ", found nothing");
    }
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c >= PERMITTED.length || !PERMITTED[c]) {
        throw new IllegalArgumentException(
            "expected a "
                + what
                + " of letters, digits and "
                + MARKS
                + ", found '"
                + word.replace("\r", "\\r").replace("\n", "\\n")
                + "'");
      }
    }
    return word;
  }
}
