package dev.aioli.http.server;

import io.netty.handler.codec.http.cookie.CookieHeaderNames;
import io.netty.handler.codec.http.cookie.DefaultCookie;
import io.netty.handler.codec.http.cookie.ServerCookieEncoder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A cookie that a server asks the client to keep: the value of a Set-Cookie field (RFC 6265).
 *
 * @param name letters, digits and a few signs
 * @param value anything but spaces, quotes, commas, semicolons and backslashes
 * @param path for which paths of the server; null for those beside the request's
 * @param domain for which hosts; null for this one only
 * @param maxAge for how long; null for as long as the client runs, zero deletes it
 * @param secure only over TLS
 * @param httpOnly not for scripts
 * @param sameSite whether other sites may cause it to be sent; null leaves that to the client
 */
public record SetCookie(
    String name,
    String value,
    @Nullable String path,
    @Nullable String domain,
    @Nullable Duration maxAge,
    boolean secure,
    boolean httpOnly,
    @Nullable SameSite sameSite) {

  /** Which requests of other sites carry the cookie. */
  public enum SameSite {
    /** None. */
    STRICT,
    /** Those that follow a link. */
    LAX,
    /** All; the cookie must be secure. */
    NONE
  }

  /** Checks name and value. */
  public SetCookie {
    encode(name, value, path, domain, maxAge, secure, httpOnly, sameSite);
  }

  /** A cookie for the whole server, until the client ends. */
  public static SetCookie of(String name, String value) {
    return new SetCookie(name, value, "/", null, null, false, false, null);
  }

  /** Has the client forget a cookie that was set by {@link #of}. */
  public static SetCookie delete(String name) {
    return of(name, "").withMaxAge(Duration.ZERO);
  }

  /** The same for a while. */
  public SetCookie withMaxAge(Duration age) {
    return new SetCookie(name, value, path, domain, age, secure, httpOnly, sameSite);
  }

  /** The same for the paths below one. */
  public SetCookie withPath(String newPath) {
    return new SetCookie(name, value, newPath, domain, maxAge, secure, httpOnly, sameSite);
  }

  /** The same, sent over TLS only. */
  public SetCookie withSecure() {
    return new SetCookie(name, value, path, domain, maxAge, true, httpOnly, sameSite);
  }

  /** The same, hidden from scripts. */
  public SetCookie withHttpOnly() {
    return new SetCookie(name, value, path, domain, maxAge, secure, true, sameSite);
  }

  /** The same with a rule for other sites. */
  public SetCookie withSameSite(SameSite rule) {
    return new SetCookie(name, value, path, domain, maxAge, secure, httpOnly, rule);
  }

  private static String encode(
      String name,
      String value,
      @Nullable String path,
      @Nullable String domain,
      @Nullable Duration maxAge,
      boolean secure,
      boolean httpOnly,
      @Nullable SameSite sameSite) {
    DefaultCookie cookie = new DefaultCookie(name, value);
    cookie.setPath(path);
    cookie.setDomain(domain);
    if (maxAge != null) {
      cookie.setMaxAge(Math.max(0, maxAge.toSeconds()));
    }
    cookie.setSecure(secure);
    cookie.setHttpOnly(httpOnly);
    if (sameSite != null) {
      cookie.setSameSite(
          switch (sameSite) {
            case STRICT -> CookieHeaderNames.SameSite.Strict;
            case LAX -> CookieHeaderNames.SameSite.Lax;
            case NONE -> CookieHeaderNames.SameSite.None;
          });
    }
    return ServerCookieEncoder.STRICT.encode(cookie);
  }

  /** As it stands in the header field. */
  @Override
  public String toString() {
    return encode(name, value, path, domain, maxAge, secure, httpOnly, sameSite);
  }
}
