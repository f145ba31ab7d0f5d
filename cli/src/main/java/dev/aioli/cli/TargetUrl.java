package dev.aioli.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A URL that can be asked for. What browsers forgive is forgiven: characters that a URI may not
 * hold (spaces, braces, umlauts) are percent-encoded, and a fragment is dropped.
 *
 * @param uri with scheme, host and path; for the embedded server path and query only
 * @param embedded whether the embedded server is asked
 * @param text the URI as it is sent
 * @param host host and port as {@code --per-host} tells hosts apart
 */
record TargetUrl(URI uri, boolean embedded, String text, String host) {
  private static final String EMBEDDED = "httpbin:";
  private static final String ALLOWED = "!#$%&'()*+,-./:;=?@[]_~";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  /**
   * Reads a URL.
   *
   * @throws IllegalArgumentException if it is none, or none that can be asked for
   */
  static TargetUrl parse(String text) {
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
    return new TargetUrl(uri, embedded, uri.toString(), embedded ? EMBEDDED : host(uri));
  }

  private static String host(URI uri) {
    int port = uri.getPort();
    if (port < 0) {
      port = uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }
    return uri.getHost().toLowerCase(Locale.ROOT) + ":" + port;
  }

  private static void checkAddress(String text, URI uri) {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw malformed(text, "expected it to begin with http://, https:// or httpbin:/");
    }
    if (uri.getHost() == null) {
      throw malformed(text, "expected a host after " + scheme + "://");
    }
    if (uri.getPort() > 65_535) {
      throw malformed(text, "expected a port up to 65535, was " + uri.getPort());
    }
  }

  private static String encode(String text, String address) {
    StringBuilder encoded = new StringBuilder(address.length());
    for (byte b : address.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      if (c < ' ' || c == 0x7F) {
        throw malformed(text, "expected no control characters");
      }
      if (c < 0x80 && (Character.isLetterOrDigit(c) || ALLOWED.indexOf(c) >= 0)) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HEX.toHexDigits(b));
      }
    }
    return encoded.toString();
  }

  private static IllegalArgumentException malformed(String text, String problem) {
    return new IllegalArgumentException("malformed URL '" + text + "': " + problem);
  }
}
