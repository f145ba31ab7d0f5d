package dev.aioli.http.url;

import org.jspecify.annotations.Nullable;

/**
 * A URL, or a reference to one, taken apart at its delimiters (RFC 3986, appendix B). The parts are
 * as they were written; null is a part that is not there, whose delimiter is missing, too.
 *
 * @param scheme before the colon
 * @param authority behind the two slashes: {@link UrlAuthority} reads it
 * @param path up to the query; may be empty
 * @param query behind the question mark
 * @param fragment behind the hash
 */
public record UrlParts(
    @Nullable String scheme,
    @Nullable String authority,
    String path,
    @Nullable String query,
    @Nullable String fragment) {
  private static final int DELETE = 0x7F;

  /** Takes a text apart; any text has parts. */
  public static UrlParts of(String text) {
    int end = text.length();
    String fragment = null;
    int hash = text.indexOf('#');
    if (hash >= 0) {
      fragment = text.substring(hash + 1);
      end = hash;
    }
    String query = null;
    int mark = text.indexOf('?');
    if (mark >= 0 && mark < end) {
      query = text.substring(mark + 1, end);
      end = mark;
    }
    int begin = schemeEnd(text, end);
    String scheme = begin == 0 ? null : text.substring(0, begin - 1);
    String authority = null;
    if (text.startsWith("//", begin) && begin + 2 <= end) {
      int slash = text.indexOf('/', begin + 2);
      int authorityEnd = slash < 0 || slash > end ? end : slash;
      authority = text.substring(begin + 2, authorityEnd);
      begin = authorityEnd;
    }
    return new UrlParts(scheme, authority, text.substring(begin, end), query, fragment);
  }

  /** Behind the colon of the scheme; 0 if there is none. */
  private static int schemeEnd(String text, int end) {
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      if (c == ':' && i > 0) {
        return i + 1;
      }
      if (!letter && !(other && i > 0)) {
        return 0;
      }
    }
    return 0;
  }

  /** Whether it begins with a scheme. Costs less than taking it all apart. */
  public static boolean isAbsolute(String text) {
    return schemeEnd(text, text.length()) > 0;
  }

  /**
   * What a reference means in a document with this URL (RFC 3986, 5.2.2): its parts, and those of
   * this that it leaves out, without the segments {@code .} and {@code ..}. Strict: a scheme makes
   * a reference absolute even if it is the same.
   */
  public UrlParts resolve(UrlParts reference) {
    if (reference.scheme != null) {
      return new UrlParts(
          reference.scheme,
          reference.authority,
          withoutDotSegments(reference.path),
          reference.query,
          reference.fragment);
    }
    if (reference.authority != null) {
      return new UrlParts(
          scheme,
          reference.authority,
          withoutDotSegments(reference.path),
          reference.query,
          reference.fragment);
    }
    if (reference.path.isEmpty()) {
      String newQuery = reference.query == null ? query : reference.query;
      return new UrlParts(scheme, authority, path, newQuery, reference.fragment);
    }
    String newPath = reference.path.startsWith("/") ? reference.path : merged(reference.path);
    return new UrlParts(
        scheme, authority, withoutDotSegments(newPath), reference.query, reference.fragment);
  }

  /** RFC 3986, 5.2.3. */
  private String merged(String relative) {
    return authority != null && path.isEmpty()
        ? "/" + relative
        : path.substring(0, path.lastIndexOf('/') + 1) + relative;
  }

  /**
   * RFC 3986, 5.2.4. A dot that is percent-encoded is one, as for browsers and curl: servers decode
   * it.
   */
  static String withoutDotSegments(String path) {
    StringBuilder result = new StringBuilder(path.length());
    int begin = 0;
    while (begin < path.length()) {
      int slash = path.indexOf('/', begin + 1);
      int end = slash < 0 ? path.length() : slash;
      boolean rooted = path.charAt(begin) == '/';
      boolean last = end == path.length();
      int dots = dots(path, rooted ? begin + 1 : begin, end);
      if (dots == 2) {
        result.setLength(Math.max(0, result.lastIndexOf("/")));
      }
      if (dots == 0) {
        result.append(path, begin, end);
      } else if (last && rooted) {
        result.append('/');
      }
      begin = end;
    }
    return result.toString();
  }

  /** 1 for the segment ".", 2 for "..", 0 for any other. */
  private static int dots(String path, int begin, int end) {
    int dots = 0;
    for (int at = begin; at < end; dots++) {
      if (path.charAt(at) == '.') {
        at++;
      } else if (at + 3 <= end && path.regionMatches(true, at, "%2e", 0, 3)) {
        at += 3;
      } else {
        return 0;
      }
    }
    return dots <= 2 ? dots : 0;
  }

  /**
   * The same with all encoded that has to be, but for scheme and authority.
   *
   * @throws IllegalArgumentException for control characters, and for halves of surrogate pairs
   */
  public UrlParts encoded() {
    return new UrlParts(
        scheme,
        authority,
        PercentEncoding.path(path),
        query == null ? null : PercentEncoding.query(query),
        fragment == null ? null : PercentEncoding.path(fragment));
  }

  /**
   * A URL or a reference as header fields have it: one that is ASCII without blanks stays as it is.
   *
   * @throws IllegalArgumentException as {@link #encoded}, and if a host cannot be one
   */
  public static String inField(String text) {
    if (text.chars().allMatch(c -> c > ' ' && c < DELETE)) {
      return text;
    }
    UrlParts encoded = of(text).encoded();
    return encoded.authority == null
        ? encoded.text()
        : encoded.withAuthority(UrlAuthority.of(encoded.authority).text()).text();
  }

  /** The same with another authority. */
  public UrlParts withAuthority(String newAuthority) {
    return new UrlParts(scheme, newAuthority, path, query, fragment);
  }

  /** The same without a fragment. */
  public UrlParts withoutFragment() {
    return new UrlParts(scheme, authority, path, query, null);
  }

  /** What a request asks for: path and query. */
  public String target() {
    String begin = path.isEmpty() ? "/" : path;
    return query == null ? begin : begin + "?" + query;
  }

  /** The URL (RFC 3986, 5.3), with user and password if it has them. */
  public String text() {
    return (scheme == null ? "" : scheme + ":")
        + (authority == null ? "" : "//" + authority)
        + path
        + (query == null ? "" : "?" + query)
        + (fragment == null ? "" : "#" + fragment);
  }

  /** For messages, so without user and password. */
  @Override
  public String toString() {
    return RedactedUrl.of(text());
  }
}
