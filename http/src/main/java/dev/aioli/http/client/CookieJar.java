package dev.aioli.http.client;

import dev.aioli.http.Headers;
import dev.aioli.http.wire.Tokens;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The cookies of a client: those that servers have set, for the requests that they are meant for
 * (RFC 6265). Kept for as long as the client lives, at most 50 for a host and 3000 in all. Values
 * go back as they came. A cookie whose name begins with {@code __Secure-} is kept only if it is
 * secure, one with {@code __Host-} only if it is also for its host alone, and for all of it.
 *
 * <p>There is no list of the domains under which anyone can register, such as {@code co.uk}: a
 * cookie for one of them is accepted, unless the domain is a single word. To keep servers apart
 * that must not know of each other, give each its own client.
 */
public final class CookieJar {
  private static final int MAX_PER_DOMAIN = 50;
  private static final int MAX = 3000;
  private static final String HOST_PREFIX = "__Host-";
  private static final String SECURE_PREFIX = "__Secure-";
  private static final String VALUE_MARKS = "!#$%&'()*+-./:<=>?@[]^_`{|}~";

  private record Key(String domain, String path, String name) {}

  /** A cookie, and when it ends: milliseconds of the epoch, or never. */
  private record Entry(
      Key key, String pair, boolean hostOnly, boolean secure, long expiresMillis) {}

  private final LongSupplier clockMillis;
  private final Map<Key, Entry> entries = new LinkedHashMap<>();

  CookieJar(LongSupplier clockMillis) {
    this.clockMillis = clockMillis;
  }

  /**
   * Puts a cookie in, as if a server had set it in a response from a URL.
   *
   * @throws HttpException.InvalidUrl if that is not an absolute http or https URL
   * @throws IllegalArgumentException if name or value have characters that cookies cannot have, or
   *     the name begins with {@code __Host-} or {@code __Secure-} and the URL is not https
   */
  public void put(String url, String name, String value) {
    Tokens.check(name, "cookie name");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (!(c < 0x80 && Character.isLetterOrDigit(c)) && VALUE_MARKS.indexOf(c) < 0) {
        throw new IllegalArgumentException(
            "expected a value without spaces, quotes, commas, semicolons and backslashes for cookie "
                + name);
      }
    }
    Url from = Url.parse(url);
    boolean promises = begins(name, HOST_PREFIX) || begins(name, SECURE_PREFIX);
    if (promises && !from.origin().secure() && !isLoopback(from.origin().host())) {
      throw new IllegalArgumentException(
          "expected an https URL for cookie " + name + ", as its name says that it is secure");
    }
    receive(from, name + "=" + value + "; Path=/" + (promises ? "; Secure" : ""));
  }

  /**
   * What would be sent to a URL, as {@code name=value}; empty if nothing.
   *
   * @throws HttpException.InvalidUrl if it is not an absolute http or https URL
   */
  public List<String> get(String url) {
    return matching(Url.parse(url)).stream().map(Entry::pair).toList();
  }

  /** The number of cookies. */
  public int size() {
    removeExpired();
    return entries.size();
  }

  /** Forgets all. */
  public void clear() {
    entries.clear();
  }

  /** The Cookie field for a request; null if there is nothing to send. */
  @Nullable String header(Url url) {
    if (entries.isEmpty()) {
      return null;
    }
    List<Entry> cookies = matching(url);
    if (cookies.isEmpty()) {
      return null;
    }
    StringBuilder header = new StringBuilder();
    for (Entry cookie : cookies) {
      header.append(header.isEmpty() ? "" : "; ").append(cookie.pair);
    }
    return header.toString();
  }

  private List<Entry> matching(Url url) {
    long now = clockMillis.getAsLong();
    List<Entry> result = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.expiresMillis > now && matches(entry, url)) {
        result.add(entry);
      }
    }
    // Longer paths first; among equals the older, which sorting leaves in their order.
    result.sort(Comparator.comparingInt((Entry entry) -> -entry.key.path.length()));
    return result;
  }

  private static boolean matches(Entry entry, Url url) {
    String host = url.origin().host();
    boolean domainFits =
        entry.hostOnly ? host.equals(entry.key.domain) : isWithin(host, entry.key.domain);
    return domainFits
        && pathFits(url.path(), entry.key.path)
        && (!entry.secure || url.origin().secure() || isLoopback(host));
  }

  /** Nothing can listen on the way to this machine itself; browsers think so, too. */
  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
  }

  private static boolean isWithin(String host, String domain) {
    return host.equals(domain) || (host.endsWith("." + domain) && !isAddress(host));
  }

  private static boolean isAddress(String host) {
    return NetUtil.createByteArrayFromIpAddressString(host) != null;
  }

  private static boolean pathFits(String path, String of) {
    return path.equals(of)
        || (path.startsWith(of) && (of.endsWith("/") || path.charAt(of.length()) == '/'));
  }

  /** Takes what a response sets. */
  void receive(Url url, Headers headers) {
    if (headers.contains("set-cookie")) {
      for (String field : headers.getAll("set-cookie")) {
        receive(url, field);
      }
    }
  }

  /** Takes one Set-Cookie field. What is malformed, or for another site, is left out. */
  void receive(Url url, String field) {
    SetCookieField cookie = SetCookieField.parse(field);
    if (cookie == null) {
      return;
    }
    String host = url.origin().host();
    String domain = cookie.domain();
    boolean trusted = url.origin().secure() || isLoopback(host);
    if ((domain != null && !maySet(host, domain))
        || (cookie.secure() && !trusted) // whoever listens could have put it there
        || !keepsPromise(cookie)) {
      return;
    }
    String path = cookie.path();
    Key key =
        new Key(
            domain == null ? host : domain,
            path == null ? defaultPath(url) : path,
            cookie.pair().name());
    store(
        new Entry(
            key,
            cookie.pair().toString(),
            domain == null,
            cookie.secure(),
            cookie.expiryMillis(clockMillis.getAsLong())));
  }

  /**
   * A server that reads such a name knows that no other host, and nobody on the way, has set the
   * cookie (RFC 6265bis, 4.1.3): only if clients see to it.
   */
  private static boolean keepsPromise(SetCookieField cookie) {
    String name = cookie.pair().name();
    if (begins(name, HOST_PREFIX)) {
      return cookie.secure() && cookie.domain() == null && "/".equals(cookie.path());
    }
    return !begins(name, SECURE_PREFIX) || cookie.secure();
  }

  private static boolean begins(String name, String prefix) {
    return name.regionMatches(true, 0, prefix, 0, prefix.length());
  }

  private static boolean maySet(String host, String domain) {
    return host.equals(domain) || (domain.indexOf('.') > 0 && isWithin(host, domain));
  }

  private static String defaultPath(Url url) {
    int slash = url.path().lastIndexOf('/');
    return slash <= 0 ? "/" : url.path().substring(0, slash);
  }

  private void store(Entry entry) {
    if (entry.expiresMillis <= clockMillis.getAsLong()) {
      entries.remove(entry.key); // how servers delete
      return;
    }
    if (!entries.containsKey(entry.key)) {
      makeRoom(entry.key.domain);
    }
    entries.put(entry.key, entry);
  }

  private void makeRoom(String domain) {
    removeExpired();
    List<Key> ofDomain =
        entries.keySet().stream().filter(key -> key.domain.equals(domain)).toList();
    if (ofDomain.size() >= MAX_PER_DOMAIN) {
      entries.remove(ofDomain.getFirst());
    } else if (entries.size() >= MAX) {
      entries.remove(entries.keySet().iterator().next());
    }
  }

  private void removeExpired() {
    long now = clockMillis.getAsLong();
    entries.values().removeIf(entry -> entry.expiresMillis <= now);
  }

  @Override
  public String toString() {
    return "CookieJar[" + entries.size() + "]";
  }
}
