package dev.aioli.http.client;

import dev.aioli.http.wire.Origin;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A URL taken apart as a request needs it.
 *
 * @param origin whom to ask
 * @param target what goes into the request line: path and query
 * @param text the URL as it was given, without user and password, and with the host in ASCII
 * @param authorization from the user and password that it had; null if it had none
 */
record Url(Origin origin, String target, String text, @Nullable String authorization) {
  private static final Pattern SERVER = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*");
  private static final Pattern ESCAPE = Pattern.compile("%[0-9A-Fa-f]{2}");
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  /**
   * Takes a URL apart.
   *
   * @throws HttpException.InvalidUrl if it is not an absolute http or https URL
   */
  static Url parse(String text) {
    return parse(text, null);
  }

  /**
   * As {@link #parse(String)}, where many URLs have the same origin.
   *
   * @param likely that of the one before: its parts need not be made and hashed again
   */
  static Url parse(String text, @Nullable Origin likely) {
    Url plain = PlainUrl.parse(text, likely);
    return plain == null ? of(uri(text), text) : plain;
  }

  private static URI uri(String text) {
    try {
      return new URI(encoded(text));
    } catch (URISyntaxException e) {
      throw new HttpException.InvalidUrl(
          "expected an http or https URL, found '" + text + "': " + e.getReason(), e);
    }
  }

  /** Encodes what {@link URI} refuses behind the host, and what other clients make sense of. */
  private static String encoded(String text) {
    Matcher server = SERVER.matcher(text);
    int start = server.lookingAt() ? server.end() : 0;
    int end = indexOrEnd(text, '#', start);
    int query = Math.min(indexOrEnd(text, '?', start), end);
    StringBuilder result = new StringBuilder(text.length()).append(text, 0, start);
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean encode =
          switch (c) {
            case '|' -> true;
            case '[', ']' -> i < query || i > end;
            case '%' -> !ESCAPE.matcher(text).region(i, text.length()).lookingAt();
            default -> false;
          };
      if (encode) {
        result.append('%').append(HEX.toHexDigits((byte) c));
      } else {
        result.append(c);
      }
    }
    return result.toString();
  }

  private static int indexOrEnd(String text, char c, int from) {
    int index = text.indexOf(c, from);
    return index < 0 ? text.length() : index;
  }

  private static Url of(URI uri, String given) {
    boolean secure = isSecure(uri.getScheme(), given);
    Authority authority = Authority.of(uri, given);
    int port = authority.port() > 0 ? authority.port() : secure ? 443 : 80;
    Origin origin = new Origin(secure, authority.host(), port);
    String text = uri.toString();
    int start = text.indexOf("//") + 2;
    String plain =
        text.substring(0, start)
            + authority.server()
            + text.substring(start + uri.getRawAuthority().length());
    String user = authority.user();
    return new Url(origin, target(uri), plain, user == null ? null : basic(user));
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
        ? HttpRequest.basic(Authority.decode(user), "")
        : HttpRequest.basic(
            Authority.decode(user.substring(0, colon)),
            Authority.decode(user.substring(colon + 1)));
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
