package dev.aioli.http.url;

import java.net.IDN;
import java.text.Normalizer;

/**
 * Host names that are not ASCII, as DNS has them: with A-labels ({@code xn--...}).
 *
 * <p>{@link IDN} knows IDNA 2003 and Unicode 3.2. Where its answer is that of UTS 46, which
 * browsers and curl follow, it is taken. Four characters it reads otherwise than they do, and so
 * leads to somebody else: these are refused. Characters that are younger get the mappings of the
 * JDK's own Unicode. See docs/adr/0034.
 */
final class HostNames {
  /** The deviation characters of UTS 46: sharp s, final sigma, and two joiners. */
  private static final String DEVIATIONS = "\u00df\u03c2\u200c\u200d";

  private static final int ASCII = 0x80;

  private HostNames() {}

  /**
   * The name in ASCII.
   *
   * @throws IllegalArgumentException if it cannot be one, or different standards make different
   *     names of it
   */
  static String ascii(String name) {
    if (name.chars().allMatch(c -> c < ASCII)) {
      return name;
    }
    if (name.codePoints().anyMatch(PercentEncoding::isSurrogate)) {
      throw new IllegalArgumentException(
          "expected a host name of whole characters, no half of a surrogate pair");
    }
    checkDeviations(name);
    try {
      return IDN.toASCII(name);
    } catch (IllegalArgumentException perhapsYounger) {
      String mapped = Normalizer.normalize(lowerCase(name), Normalizer.Form.NFKC);
      checkDeviations(mapped);
      try {
        return IDN.toASCII(mapped, IDN.ALLOW_UNASSIGNED);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("expected a host name (" + e.getMessage() + ")", e);
      }
    }
  }

  private static void checkDeviations(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (DEVIATIONS.indexOf(c) >= 0) {
        throw new IllegalArgumentException(
            ("expected a host name without U+%04X, which old and new standards read differently (or"
                    + " its A-label, xn--...)")
                .formatted((int) c));
      }
    }
  }

  /** Character by character: a sigma is no other at the end of a word. */
  private static String lowerCase(String name) {
    StringBuilder result = new StringBuilder(name.length());
    name.codePoints().map(Character::toLowerCase).forEach(result::appendCodePoint);
    return result.toString();
  }
}
