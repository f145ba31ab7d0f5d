package dev.aioli.http.client;

import dev.aioli.http.wire.CookiePair;
import dev.aioli.http.wire.HttpDate;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a Set-Cookie field says (RFC 6265, 5.2). Of an attribute that is there twice the last one
 * counts; one that makes no sense is ignored.
 *
 * @param pair name and value
 * @param domain in small letters, without a dot in front; null if there is none
 * @param path null if there is none that begins with a slash
 * @param maxAgeSeconds null if there is none; at most 0 for a cookie that is to be removed
 * @param expires null if there is none
 */
record SetCookieField(
    CookiePair pair,
    @Nullable String domain,
    @Nullable String path,
    @Nullable Long maxAgeSeconds,
    @Nullable Instant expires,
    boolean secure) {
  private static final int LONG_DIGITS = 18; // so many always fit

  /** Null if the field has no cookie. */
  static @Nullable SetCookieField parse(String field) {
    String[] parts = field.split(";", -1);
    CookiePair pair = CookiePair.parse(parts[0]);
    if (pair == null) {
      return null;
    }
    String domain = null;
    String path = null;
    Long maxAge = null;
    Instant expires = null;
    boolean secure = false;
    for (int i = 1; i < parts.length; i++) {
      CookiePair attribute = CookiePair.parse(parts[i]);
      String name = attribute == null ? parts[i].strip() : attribute.name();
      String value = attribute == null ? "" : attribute.value();
      switch (name.toLowerCase(Locale.ROOT)) {
        case "domain" -> domain = domain(value);
        case "path" -> path = value.startsWith("/") ? value : null;
        case "max-age" -> maxAge = seconds(value) == null ? maxAge : seconds(value);
        case "expires" -> {
          Instant time = HttpDate.parseLeniently(value);
          expires = time == null ? expires : time;
        }
        case "secure" -> secure = true;
        default -> {} // what matters to browsers only
      }
    }
    return new SetCookieField(pair, domain, path, maxAge, expires, secure);
  }

  private static @Nullable String domain(String value) {
    String domain = value.startsWith(".") ? value.substring(1) : value;
    return domain.isEmpty() ? null : domain.toLowerCase(Locale.ROOT);
  }

  /** Null if it is no number. */
  private static @Nullable Long seconds(String value) {
    boolean negative = value.startsWith("-");
    String digits = negative ? value.substring(1) : value;
    if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return null;
    }
    return negative ? 0L : digits.length() > LONG_DIGITS ? Long.MAX_VALUE : Long.parseLong(digits);
  }

  /** When the cookie ends, in milliseconds of the epoch; Long.MAX_VALUE for never. */
  long expiryMillis(long nowMillis) {
    if (maxAgeSeconds != null) {
      if (maxAgeSeconds <= 0) {
        return Long.MIN_VALUE;
      }
      return maxAgeSeconds > (Long.MAX_VALUE - nowMillis) / 1000
          ? Long.MAX_VALUE
          : nowMillis + maxAgeSeconds * 1000;
    }
    return expires == null ? Long.MAX_VALUE : expires.toEpochMilli();
  }
}
