package dev.aioli.http.wire;

import org.jspecify.annotations.Nullable;

/**
 * Name and value of a cookie or of one of its attributes, as browsers read them (RFC 6265, 5.2):
 * the one reader for Cookie and Set-Cookie.
 *
 * @param name not empty
 * @param value all behind the first {@code =}, quotes included; no blanks around it
 */
public record CookiePair(String name, String value) {
  /**
   * Reads what stands between two semicolons.
   *
   * @return null if it has no name, or a control character
   */
  public static @Nullable CookiePair parse(String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? "" : strip(text.substring(0, equals));
    if (name.isEmpty() || text.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
      return null;
    }
    return new CookiePair(name, strip(text.substring(equals + 1)));
  }

  /** Blanks and tabs only: others are bytes of a value. */
  private static String strip(String text) {
    int begin = 0;
    int end = text.length();
    while (begin < end && isBlank(text.charAt(begin))) {
      begin++;
    }
    while (end > begin && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(begin, end);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  /** The value without the quotes around it, if there are any. */
  public String unquoted() {
    int end = value.length() - 1;
    return end > 0 && value.charAt(0) == '"' && value.charAt(end) == '"'
        ? value.substring(1, end)
        : value;
  }

  /** As it stands in a Cookie field. */
  @Override
  public String toString() {
    return name + "=" + value;
  }
}
