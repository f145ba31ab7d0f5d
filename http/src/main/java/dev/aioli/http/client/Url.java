package dev.aioli.http.client;

import dev.aioli.http.url.PercentEncoding;
import dev.aioli.http.url.RedactedUrl;
import dev.aioli.http.url.UrlAuthority;
import dev.aioli.http.url.UrlParts;
import dev.aioli.http.wire.Origin;
import dev.aioli.http.wire.Utf8;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A URL taken apart as a request needs it.
 *
 * @param origin whom to ask
 * @param target what goes into the request line: path and query
 * @param text the URL as it was given, without user and password, and in ASCII
 * @param authorization from the user and password that it had; null if it had none
 */
record Url(Origin origin, String target, String text, @Nullable String authorization) {
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
    return plain == null ? of(UrlParts.of(text), text) : plain;
  }

  /**
   * As {@link #parse(String, Origin)}, also of what is relative to a base.
   *
   * @param base null if there is none
   */
  static Url parse(String text, @Nullable Url base, @Nullable Origin likely) {
    if (base == null) {
      return parse(text, likely);
    }
    return UrlParts.isAbsolute(text)
        ? parse(text, likely).withCredentialsOf(base)
        : base.resolve(text);
  }

  /**
   * The URL of these parts.
   *
   * @param given what was written, for messages
   */
  private static Url of(UrlParts parts, String given) {
    try {
      boolean secure = isSecure(parts.scheme());
      UrlAuthority authority = UrlAuthority.of(parts.authority());
      int port = authority.port() > 0 ? authority.port() : secure ? 443 : 80;
      UrlParts encoded = parts.encoded().withAuthority(authority.server());
      return new Url(
          new Origin(secure, authority.host(), port),
          encoded.target(),
          encoded.text(),
          authority.basicAuthorization());
    } catch (IllegalArgumentException e) {
      // Not as the cause: those below know less of what is secret.
      throw new HttpException.InvalidUrl(
          e.getMessage() + ", found '" + RedactedUrl.of(given) + "'", null);
    }
  }

  private static boolean isSecure(@Nullable String scheme) {
    return switch (scheme == null ? "" : scheme.toLowerCase(Locale.ROOT)) {
      case "http" -> false;
      case "https" -> true;
      default ->
          throw new IllegalArgumentException("expected a URL that begins with http:// or https://");
    };
  }

  /** The path, without the query. */
  String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /**
   * What a reference means here: a URL as it is, or one that is relative to this (RFC 3986, 5).
   * User and password stay as long as the origin does.
   *
   * @throws HttpException.InvalidUrl if it is neither
   */
  Url resolve(String reference) {
    return of(UrlParts.of(text).resolve(UrlParts.of(reference)), reference).withCredentialsOf(this);
  }

  /**
   * As {@link #resolve}, of what stands in a header field.
   *
   * @throws HttpException.InvalidUrl if it is neither
   */
  Url resolveField(String value) {
    return resolve(PercentEncoding.ofField(value));
  }

  /** This, with the user and the password of another one of the same origin, if it has none. */
  Url withCredentialsOf(Url other) {
    return authorization == null && other.authorization != null && origin.equals(other.origin)
        ? new Url(origin, target, text, other.authorization)
        : this;
  }

  /**
   * Appends a pair of a query or a form, after those that are there.
   *
   * @throws IllegalArgumentException if name or value has half of a surrogate pair
   */
  static void appendPair(StringBuilder text, String name, String value) {
    if (!text.isEmpty()) {
      text.append('&');
    }
    text.append(URLEncoder.encode(Utf8.checked(name), StandardCharsets.UTF_8))
        .append('=')
        .append(URLEncoder.encode(Utf8.checked(value), StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return text;
  }
}
