package dev.aioli.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A URL taken apart as a request needs it.
 *
 * @param origin whom to ask
 * @param target what goes into the request line: path and query
 * @param text the URL as it was given, for messages
 */
record Url(Origin origin, String target, String text) {
  /**
   * Takes a URL apart.
   *
   * @throws HttpException.InvalidUrl if it is not an absolute http or https URL
   */
  static Url parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new HttpException.InvalidUrl(
          "expected an http or https URL, found '" + text + "': " + e.getReason(), e);
    }
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
    return new Url(origin, target(uri), text);
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

  @Override
  public String toString() {
    return text;
  }
}
