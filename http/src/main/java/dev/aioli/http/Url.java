package dev.aioli.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A URL taken apart as a request needs it.
 *
 * @param origin whom to ask
 * @param target what goes into the request line: path and query
 * @param text the URL as it was given, without user and password
 * @param authorization from the user and password that it had; null if it had none
 */
record Url(Origin origin, String target, String text, @Nullable String authorization) {
  /**
   * Takes a URL apart.
   *
   * @throws HttpException.InvalidUrl if it is not an absolute http or https URL
   */
  static Url parse(String text) {
    return of(uri(text), text);
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new HttpException.InvalidUrl(
          "expected an http or https URL, found '" + text + "': " + e.getReason(), e);
    }
  }

  private static Url of(URI uri, String text) {
    boolean secure = isSecure(uri.getScheme(), text);
    String host = uri.getHost();
    int port = uri.getPort();
    if (host == null) {
      throw new HttpException.InvalidUrl(
          "expected a URL with a host name, found '" + text + "'", null);
    }
    if (port == 0 || port > 65535) {
      throw new HttpException.InvalidUrl(
          "expected a port from 1 to 65535, found " + port + " in '" + text + "'", null);
    }
    if (host.startsWith("[")) {
      host = host.substring(1, host.length() - 1);
    }
    Origin origin =
        new Origin(secure, host.toLowerCase(Locale.ROOT), port > 0 ? port : secure ? 443 : 80);
    String user = uri.getRawUserInfo();
    return user == null
        ? new Url(origin, target(uri), text, null)
        : new Url(origin, target(uri), text.replace(user + "@", ""), basic(user));
  }

  private static boolean isSecure(@Nullable String scheme, String text) {
    return switch (scheme == null ? "" : scheme.toLowerCase(Locale.ROOT)) {
      case "http" -> false;
      case "https" -> true;
      case "" ->
          throw new HttpException.InvalidUrl(
              "expected a URL that begins with http:// or https://, found '" + text + "'", null);
      default ->
          throw new HttpException.InvalidUrl(
              "expected scheme http or https, found '" + scheme + "' in '" + text + "'", null);
    };
  }

  private static String basic(String user) {
    int colon = user.indexOf(':');
    return colon < 0
        ? HttpRequest.basic(decode(user), "")
        : HttpRequest.basic(decode(user.substring(0, colon)), decode(user.substring(colon + 1)));
  }

  private static String decode(String part) {
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static String target(URI uri) {
    String path = uri.getRawPath();
    String query = uri.getRawQuery();
    String target = path == null || path.isEmpty() ? "/" : path;
    if (query != null) {
      target = target + "?" + query;
    }
    for (int i = 0; i < target.length(); i++) {
      if (target.charAt(i) >= 0x80) {
        return URI.create(target).toASCIIString(); // percent-encodes what is not ASCII
      }
    }
    return target;
  }

  /** The path, without the query. */
  String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /**
   * What a reference means here: a URL as it is, or one that is relative to this.
   *
   * @throws HttpException.InvalidUrl if it is neither
   */
  Url resolve(String reference) {
    // An empty path is that of the root; java.net.URI would not put the slash in between.
    URI base = URI.create(text);
    if (base.getRawPath().isEmpty()) {
      base = base.resolve("/");
    }
    String fixed = repaired(reference);
    URI absolute =
        fixed.startsWith("?") // java.net.URI would drop the last part of the path
            ? uri(text.replaceFirst("[?#].*", "") + fixed)
            : base.resolve(uri(fixed));
    return of(absolute, absolute.toString());
  }

  /** Servers send references with spaces and the like, and browsers make sense of them. */
  private static String repaired(String reference) {
    StringBuilder result = new StringBuilder(reference.length());
    for (char c : reference.strip().toCharArray()) {
      if (c <= ' ' || "\"<>\\^`{|}".indexOf(c) >= 0) {
        result.append('%').append(String.format("%02X", (int) c));
      } else {
        result.append(c);
      }
    }
    return result.toString();
  }

  /** Appends a pair of a query or a form, after those that are there. */
  static void appendPair(StringBuilder text, String name, String value) {
    if (!text.isEmpty()) {
      text.append('&');
    }
    text.append(URLEncoder.encode(name, StandardCharsets.UTF_8))
        .append('=')
        .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return text;
  }
}
