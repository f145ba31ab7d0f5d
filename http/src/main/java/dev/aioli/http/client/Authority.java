package dev.aioli.http.client;

import java.net.IDN;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of a URL that tells whom to ask. {@link URI} knows none for hosts that are common all
 * the same: names with an underscore, and names that are not ASCII.
 *
 * @param user user and password as they were written; null if there were none
 * @param host a name or an address in digits, without brackets, in lower case and ASCII
 * @param port the port; -1 if there was none
 * @param server host and port as they stand in a URL
 */
record Authority(@Nullable String user, String host, int port, String server) {
  /** An address in brackets or a name, and the port. */
  private static final Pattern SERVER = Pattern.compile("(?:\\[([^]]+)]|([^:\\[\\]]+))(?::(.*))?");

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._~!$&'()*+,;=-]+");

  /**
   * The authority of a URL.
   *
   * @param text the URL for messages
   * @throws HttpException.InvalidUrl if it has none
   */
  static Authority of(URI uri, String text) {
    String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
    int at = authority.lastIndexOf('@');
    Matcher server = SERVER.matcher(authority.substring(at + 1));
    if (!server.matches()) {
      throw invalid("expected a URL with a host name, found '" + text + "'");
    }
    String port = server.group(3);
    String name = server.group(2);
    String host = name == null ? server.group(1) : ascii(name, text);
    return new Authority(
        at < 0 ? null : authority.substring(0, at),
        host.toLowerCase(Locale.ROOT),
        port == null || port.isEmpty() ? -1 : port(port, text),
        (name == null ? "[" + host + "]" : host) + (port == null ? "" : ":" + port));
  }

  private static int port(String digits, String text) {
    try {
      int port = Integer.parseInt(digits);
      if (port > 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw invalid("expected a port from 1 to 65535, found " + digits + " in '" + text + "'");
  }

  private static String ascii(String name, String text) {
    String host = decode(name);
    try {
      if (!host.chars().allMatch(c -> c < 0x80)) {
        host = IDN.toASCII(host);
      }
    } catch (IllegalArgumentException e) {
      throw new HttpException.InvalidUrl(
          "expected a host name, found '" + name + "' in '" + text + "': " + e.getMessage(), e);
    }
    if (!NAME.matcher(host).matches()) {
      throw invalid("expected a host name, found '" + name + "' in '" + text + "'");
    }
    return host;
  }

  /** Takes percent-encoding away. */
  static String decode(String part) {
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static HttpException.InvalidUrl invalid(String problem) {
    return new HttpException.InvalidUrl(problem, null);
  }
}
