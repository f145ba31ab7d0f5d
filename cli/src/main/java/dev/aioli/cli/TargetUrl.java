package dev.aioli.cli;

import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  private static final String IN_PATH = "!#$&'()*+,-./:;=?@_~";
  private static final String IN_QUERY = IN_PATH + "[]";

  /** Scheme, authority, path and query; the first two together or not at all. */
  private static final Pattern ADDRESS =
      Pattern.compile("(?:([A-Za-z][A-Za-z0-9+.-]*://)([^/?]*))?([^?]*)(.*)", Pattern.DOTALL);

  private static final Pattern SERVER =
      Pattern.compile("(\\[[^]]+]|[A-Za-z0-9._~!$&'()*+,;=-]+)(?::(\\d*))?");

  // What needs neither encoding nor checks; nearly all URLs are made of it.
  private static final String LOWER = "abcdefghijklmnopqrstuvwxyz";
  private static final boolean[] DIGITS = table("0123456789");
  private static final boolean[] HOST = table(LOWER + "0123456789.-");
  private static final boolean[] PLAIN =
      table(LOWER + LOWER.toUpperCase(Locale.ROOT) + "0123456789" + IN_PATH.replace("#", ""));

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

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

  /** Any URL. */
  static TargetUrl general(String text) {
    boolean embedded = text.regionMatches(true, 0, EMBEDDED, 0, EMBEDDED.length());
    String address = embedded ? text.substring(EMBEDDED.length()) : text;
    if (embedded && (!address.startsWith("/") || address.startsWith("//"))) {
      throw malformed(text, "expected httpbin:/path");
    }
    int fragment = address.indexOf('#');
    URI uri;
    try {
      uri = new URI(encode(text, fragment < 0 ? address : address.substring(0, fragment)));
    } catch (URISyntaxException e) {
      throw malformed(text, e.getReason());
    }
    if (!embedded) {
      checkAddress(text, uri);
    }
    return new TargetUrl(embedded, uri.toString(), embedded ? EMBEDDED : host(uri));
  }

  URI uri() {
    return URI.create(text);
  }

  private static String host(URI uri) {
    Matcher server = server(uri);
    if (!server.matches()) {
      throw new IllegalStateException("expected a URL that has been checked, was " + uri);
    }
    String port = server.group(2);
    if (port == null || port.isEmpty()) {
      port = uri.getScheme().equalsIgnoreCase("https") ? "443" : "80";
    }
    return server.group(1).toLowerCase(Locale.ROOT) + ":" + port;
  }

  /** {@link URI} itself knows no hosts with an underscore. */
  private static Matcher server(URI uri) {
    String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
    return SERVER.matcher(authority.substring(authority.lastIndexOf('@') + 1));
  }

  private static void checkAddress(String text, URI uri) {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw malformed(text, "expected it to begin with http://, https:// or httpbin:/");
    }
    Matcher server = server(uri);
    if (!server.matches()) {
      throw malformed(text, "expected a host after " + scheme + "://, and a port of digits if any");
    }
    String port = server.group(2);
    if (port != null && !port.isEmpty() && !isPort(port)) {
      throw malformed(text, "expected a port up to 65535, was " + port);
    }
  }

  private static boolean isPort(String digits) {
    return !digits.isEmpty() && digits.length() <= 5 && Integer.parseInt(digits) <= 65_535;
  }

  private static String encode(String text, String address) {
    Matcher parts = ADDRESS.matcher(address);
    if (!parts.matches()) {
      throw malformed(text, "expected a URL");
    }
    String path = encode(text, parts.group(3), IN_PATH);
    String query = encode(text, parts.group(4), IN_QUERY);
    if (parts.group(1) == null) {
      return path + query;
    }
    return parts.group(1) + authority(text, parts.group(2)) + path + query;
  }

  private static String authority(String text, String written) {
    int start = written.lastIndexOf('@') + 1;
    int colon = written.indexOf(':', start);
    int end = colon < 0 ? written.length() : colon;
    String host = written.substring(start, end);
    if (!host.chars().allMatch(c -> c < 0x80)) {
      try {
        host = IDN.toASCII(host);
      } catch (IllegalArgumentException e) {
        throw malformed(text, "expected a host name, found '" + host + "': " + e.getMessage());
      }
    }
    return encode(text, written.substring(0, start), IN_QUERY)
        + encode(text, host + written.substring(end), IN_QUERY);
  }

  private static String encode(String text, String part, String allowed) {
    StringBuilder encoded = new StringBuilder(part.length());
    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      char c = (char) (bytes[i] & 0xFF);
      if (c < ' ' || c == 0x7F) {
        throw malformed(text, "expected no control characters");
      }
      if (c == '%' ? isEscape(bytes, i) : isAllowed(c, allowed)) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HEX.toHexDigits(bytes[i]));
      }
    }
    return encoded.toString();
  }

  private static boolean isAllowed(char c, String allowed) {
    return c < 0x80 && (Character.isLetterOrDigit(c) || allowed.indexOf(c) >= 0);
  }

  private static boolean isEscape(byte[] bytes, int percent) {
    return percent + 2 < bytes.length
        && HexFormat.isHexDigit(bytes[percent + 1])
        && HexFormat.isHexDigit(bytes[percent + 2]);
  }

  private static IllegalArgumentException malformed(String text, String problem) {
    return new IllegalArgumentException("malformed URL '" + text + "': " + problem);
  }
}
