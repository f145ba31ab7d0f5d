package dev.aioli.http.url;

import java.net.IDN;
import java.text.Normalizer;

/**
 * Host names that are not ASCII, as DNS has them: with A-labels ({@code xn--...}), as UTS 46 has
 * it, which browsers and curl follow.
 *
 * <p>{@link IDN} knows IDNA 2003 and the characters of Unicode 3.2. So names are mapped here, by
 * the JDK's own Unicode, and {@code IDN} does the rest. A character that makes another name of it
 * than UTS 46 would is refused: that name may be somebody else's. See docs/adr/0033.
 */
final class HostNames {
  /** The deviation characters of UTS 46: sharp s, final sigma, and two joiners. */
  private static final String DEVIATIONS = "\u00df\u03c2\u200c\u200d";

  /** What UTS 46 ignores and IDN takes, the other way round, or what they map differently. */
  private static final String MAPPED_DIFFERENTLY =
      "\u115f\u1160\u17b4\u17b5\u1806\u180f\ufe12"
          + "\u1c80\u1c81\u1c82\u1c83\u1c84\u1c85\u1c86\u1c87\u1c88";

  /** Characters without a shape that both ignore. */
  private static final String IGNORED = "\u00ad\u200b\u2060\ufeff";

  private static final int FIRST_SELECTOR = 0xE0100;
  private static final int LAST_SELECTOR = 0xE01EF;
  private static final int FULL_WIDTH_DOT = 0xFF0E;
  private static final int DOTTED_I = 0x130;
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
    String mapped = mapped(mapped(name));
    check(name);
    check(mapped);
    try {
      return IDN.toASCII(mapped, IDN.ALLOW_UNASSIGNED);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("expected a host name", e); // its message has lines
    }
  }

  private static void check(String name) {
    name.codePoints()
        .filter(HostNames::isReadDifferently)
        .findFirst()
        .ifPresent(c -> {
          throw new IllegalArgumentException(
              ("expected a host name without U+%04X, which old and new standards read differently"
                      + " (or its A-label, xn--...)")
                  .formatted(c));
        });
  }

  private static boolean isReadDifferently(int c) {
    return DEVIATIONS.indexOf(c) >= 0
        || MAPPED_DIFFERENTLY.indexOf(c) >= 0
        || (c >= FIRST_SELECTOR && c <= LAST_SELECTOR)
        || (Character.getType(c) == Character.FORMAT && IGNORED.indexOf(c) < 0)
        || !Character.isDefined(c)
        || (c >= ASCII && c != FULL_WIDTH_DOT && compatible(Character.toString(c)).contains("."));
  }

  private static String mapped(String name) {
    StringBuilder result = new StringBuilder(name.length());
    name.codePoints().forEach(c -> appendFolded(result, c));
    return compatible(result);
  }

  private static String compatible(CharSequence text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC);
  }

  /** Character by character: a sigma is no other one at the end of a word. */
  private static void appendFolded(StringBuilder result, int c) {
    if (c == DOTTED_I) {
      result.append("i\u0307");
    } else if (Character.UnicodeScript.of(c) == Character.UnicodeScript.CHEROKEE) {
      result.appendCodePoint(Character.toUpperCase(c)); // which were there first
    } else {
      result.appendCodePoint(Character.toLowerCase(c));
    }
  }
}
