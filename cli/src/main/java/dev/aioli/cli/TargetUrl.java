package dev.aioli.cli;

import dev.aioli.http.url.RedactedUrl;
import dev.aioli.http.url.UrlAuthority;
import dev.aioli.http.url.UrlParts;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A URL that can be asked for. What browsers forgive is forgiven: characters that a URI may not
 * hold (spaces, braces, umlauts) are percent-encoded, and a fragment is dropped. Host names that
 * are not ASCII get their ASCII form.
 *
 * @param embedded whether the embedded server is asked
 * @param text the URI as it is sent; for the embedded server path and query only
 * @param host host and port as {@code --per-host} tells hosts apart
 */
record TargetUrl(boolean embedded, String text, String host) {
  private static final String EMBEDDED = "httpbin:";

  // What needs neither encoding nor checks; nearly all URLs are made of it.
  private static final String LOWER = "abcdefghijklmnopqrstuvwxyz";
  private static final boolean[] DIGITS = table("0123456789");
  private static final boolean[] HOST = table(LOWER + "0123456789.-");
  private static final boolean[] PLAIN =
      table(LOWER + LOWER.toUpperCase(Locale.ROOT) + "0123456789!$&'()*+,-./:;=?@_~");

  private static final int MAX_PORT = 65_535;

  /**
   * Reads a URL.
   *
   * @throws IllegalArgumentException if it is none, or none that can be asked for
   */
  static TargetUrl parse(String text) {
    TargetUrl plain = plain(text);
    return plain == null ? general(text) : plain;
  }

  /** Without patterns, a URL of the most usual characters; null if it is none. */
  static @Nullable TargetUrl plain(String text) {
    boolean secure = text.startsWith("https://");
    if (!secure && !text.startsWith("http://")) {
      return null;
    }
    int begin = secure ? "https://".length() : "http://".length();
    int hostEnd = skip(text, begin, HOST);
    int end = hostEnd;
    if (end < text.length() && text.charAt(end) == ':') {
      end = skip(text, hostEnd + 1, DIGITS);
      if (!isPort(text.substring(hostEnd + 1, end))) {
        return null;
      }
    }
    boolean path = end == text.length() || text.charAt(end) == '/';
    if (hostEnd == begin || !path || skip(text, end, PLAIN) < text.length()) {
      return null;
    }
    String server = text.substring(begin, end);
    return new TargetUrl(false, text, end > hostEnd ? server : server + (secure ? ":443" : ":80"));
  }

  private static int skip(String text, int from, boolean[] characters) {
    int at = from;
    while (at < text.length() && text.charAt(at) < 0x80 && characters[text.charAt(at)]) {
      at++;
    }
    return at;
  }

  private static boolean[] table(String characters) {
    boolean[] table = new boolean[0x80];
    characters.chars().forEach(c -> table[c] = true);
    return table;
  }

  private static boolean isPort(String digits) {
    if (digits.isEmpty() || digits.length() > 5) {
      return false;
    }
    int port = Integer.parseInt(digits);
    return port > 0 && port <= MAX_PORT;
  }

  /** Any URL. */
  static TargetUrl general(String text) {
    boolean embedded = text.regionMatches(true, 0, EMBEDDED, 0, EMBEDDED.length());
    try {
      return embedded ? embedded(text.substring(EMBEDDED.length())) : remote(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "malformed URL '" + RedactedUrl.of(text) + "': " + e.getMessage(), e);
    }
  }

  private static TargetUrl embedded(String target) {
    if (!target.startsWith("/") || target.startsWith("//")) {
      throw new IllegalArgumentException("expected httpbin:/path");
    }
    return new TargetUrl(true, UrlParts.of(target).withoutFragment().encoded().text(), EMBEDDED);
  }

  private static TargetUrl remote(String text) {
    UrlParts parts = UrlParts.of(text).withoutFragment().encoded();
    String scheme = parts.scheme() == null ? "" : parts.scheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IllegalArgumentException(
          "expected it to begin with http://, https:// or httpbin:/");
    }
    UrlAuthority authority = UrlAuthority.of(parts.authority());
    authority.basicAuthorization(); // which checks the user
    int port = authority.port() > 0 ? authority.port() : scheme.equals("https") ? 443 : 80;
    String host =
        authority.host().indexOf(':') < 0 ? authority.host() : "[" + authority.host() + "]";
    return new TargetUrl(false, parts.withAuthority(authority.text()).text(), host + ":" + port);
  }

  /** Path and query, taken apart. */
  UrlParts parts() {
    return UrlParts.of(text);
  }

  /** For messages, so without user and password. */
  @Override
  public String toString() {
    return RedactedUrl.of(text);
  }
}
