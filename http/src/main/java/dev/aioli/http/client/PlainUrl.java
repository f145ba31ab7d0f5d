package dev.aioli.http.client;

import dev.aioli.http.wire.Origin;
import org.jspecify.annotations.Nullable;

/**
 * Takes a URL apart in one pass, if it is such that there is nothing to decode, to repair or to
 * refuse: nearly all are. {@link Url} knows the rest of the rules.
 */
final class PlainUrl {
  private static final int MAX_PORT = 65_535;
  private static final int MAX_PORT_DIGITS = 5;
  private static final int ASCII = 0x80;
  private static final boolean[] HOST = characters("abcdefghijklmnopqrstuvwxyz0123456789.-");
  private static final boolean[] TARGET =
      characters(
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/");

  private PlainUrl() {}

  private static boolean[] characters(String all) {
    boolean[] table = new boolean[ASCII];
    all.chars().forEach(c -> table[c] = true);
    return table;
  }

  /**
   * The parts of a URL; null if it is not as plain as that, whether it is one or not.
   *
   * @param likely the origin of another URL, which is taken if it is the same
   */
  static @Nullable Url parse(String text, @Nullable Origin likely) {
    boolean secure = text.startsWith("https://");
    if (!secure && !text.startsWith("http://")) {
      return null;
    }
    int hostBegin = secure ? "https://".length() : "http://".length();
    int hostEnd = skip(text, hostBegin, HOST);
    int port = secure ? 443 : 80;
    int end = hostEnd;
    if (end < text.length() && text.charAt(end) == ':') {
      end = skipDigits(text, hostEnd + 1);
      port = port(text, hostEnd + 1, end);
    }
    if (hostEnd == hostBegin || port < 1) {
      return null;
    }
    String target = target(text, end);
    if (target == null) {
      return null;
    }
    if (likely != null
        && likely.secure() == secure
        && likely.port() == port
        && likely.host().length() == hostEnd - hostBegin
        && text.startsWith(likely.host(), hostBegin)) {
      return new Url(likely, target, text, null);
    }
    return new Url(
        new Origin(secure, text.substring(hostBegin, hostEnd), port), target, text, null);
  }

  private static int skip(String text, int from, boolean[] characters) {
    int at = from;
    while (at < text.length() && text.charAt(at) < ASCII && characters[text.charAt(at)]) {
      at++;
    }
    return at;
  }

  private static int skipDigits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  /** -1 if it is none. */
  private static int port(String text, int begin, int end) {
    if (begin == end || end - begin > MAX_PORT_DIGITS) {
      return -1;
    }
    int port = Integer.parseInt(text, begin, end, 10);
    return port <= MAX_PORT ? port : -1;
  }

  private static @Nullable String target(String text, int begin) {
    if (begin == text.length()) {
      return "/";
    }
    if (text.charAt(begin) != '/') {
      return null;
    }
    int end = skip(text, begin, TARGET);
    if (end < text.length() && text.charAt(end) == '?') {
      do {
        end = skip(text, end + 1, TARGET); // a query may have more question marks
      } while (end < text.length() && text.charAt(end) == '?');
    }
    return end == text.length() ? text.substring(begin) : null;
  }
}
