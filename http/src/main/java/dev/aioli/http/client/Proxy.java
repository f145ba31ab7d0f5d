package dev.aioli.http.client;

import dev.aioli.http.url.RedactedUrl;
import dev.aioli.http.url.UrlAuthority;
import dev.aioli.http.url.UrlParts;
import dev.aioli.http.wire.Origin;
import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which proxy is asked for which origin.
 *
 * @param plain that for http
 * @param secure that for https; both are read when they are used
 * @param direct hosts that are asked without one
 */
record Proxy(@Nullable Setting plain, @Nullable Setting secure, List<String> direct) {
  static final Proxy NONE = new Proxy(null, null, List.of());

  /**
   * The URL of a proxy, and who named it.
   *
   * @param variable of the environment; null if it was the program
   */
  record Setting(String url, @Nullable String variable) {
    Server server() {
      return Server.parse(url.strip(), variable == null ? "" : " in the variable " + variable);
    }
  }

  /** What a proxy speaks, and the port that it has if none is named. */
  enum Kind {
    HTTP("http", 80),
    /** HTTP within TLS. */
    HTTPS("https", 443),
    SOCKS5("socks5", 1080);

    private final String scheme;
    private final int defaultPort;

    Kind(String scheme, int defaultPort) {
      this.scheme = scheme;
      this.defaultPort = defaultPort;
    }

    private static Kind of(@Nullable String scheme) {
      return switch (scheme == null ? "" : scheme.toLowerCase(Locale.ROOT)) {
        case "http" -> HTTP;
        case "https" -> HTTPS;
        case "socks5", "socks5h" -> SOCKS5;
        default -> throw new IllegalArgumentException("unknown scheme");
      };
    }
  }

  /**
   * One proxy.
   *
   * @param host a name or an address in digits, without brackets
   * @param user null if it wants none
   */
  record Server(
      Kind kind, String host, int port, @Nullable String user, @Nullable String password) {
    static Server parse(String url) {
      return parse(url, "");
    }

    private static Server parse(String url, String where) {
      try {
        UrlParts parts = UrlParts.of(url.contains("://") ? url : "http://" + url).encoded();
        Kind kind = Kind.of(parts.scheme());
        UrlAuthority authority = UrlAuthority.of(parts.authority());
        int port = authority.port() > 0 ? authority.port() : kind.defaultPort;
        if (kind != Kind.SOCKS5) {
          var _ = authority.basicAuthorization(); // which not every user can be in
        }
        return new Server(kind, authority.host(), port, authority.userName(), authority.password());
      } catch (IllegalArgumentException e) {
        // Not as the cause: those below know less of what is secret.
        throw new HttpException.InvalidUrl(
            "expected a proxy such as http://host:port, https://host:port or socks5://host:port,"
                + " found '"
                + RedactedUrl.of(url)
                + "'"
                + where
                + " ("
                + e.getMessage()
                + ")",
            null);
      }
    }

    boolean socks() {
      return kind == Kind.SOCKS5;
    }

    /** Whether it is spoken to by TLS. */
    boolean secure() {
      return kind == Kind.HTTPS;
    }

    /**
     * It, as somebody to connect to: the certificate of one that speaks TLS must be of its host.
     */
    Origin origin() {
      return new Origin(secure(), host, port);
    }

    /** What an HTTP proxy wants to know in each request; null if nothing. */
    @Nullable String authorization() {
      return socks() || user == null || password == null ? null : HttpRequest.basic(user, password);
    }

    /** For messages: the password is nobody's business. */
    @Override
    public String toString() {
      return kind.scheme + "://" + origin().hostAndPort();
    }
  }

  /** One proxy for all. */
  Proxy with(String url) {
    Setting setting = new Setting(url, null);
    var _ = setting.server(); // so that the program is told at once
    return new Proxy(setting, setting, direct);
  }

  /** The same, but for some hosts. */
  Proxy without(List<String> hosts) {
    return new Proxy(plain, secure, hosts);
  }

  /** What the variables of an environment say, as curl reads them. */
  static Proxy of(Map<String, String> environment) {
    Setting all = variable(environment, "all_proxy", true);
    // HTTP_PROXY is not read: where a program serves CGI, anyone who sends a header "Proxy" sets
    // it.
    Setting plain = variable(environment, "http_proxy", false);
    Setting secure = variable(environment, "https_proxy", true);
    Setting direct = variable(environment, "no_proxy", true);
    return new Proxy(
        plain == null ? all : plain,
        secure == null ? all : secure,
        direct == null ? List.of() : List.of(direct.url().strip().split("[\\s,]+")));
  }

  private static @Nullable Setting variable(
      Map<String, String> environment, String name, boolean alsoInCapitals) {
    String capitals = name.toUpperCase(Locale.ROOT);
    String found = alsoInCapitals && !environment.containsKey(name) ? capitals : name;
    String value = environment.get(found);
    return value == null || value.isBlank() ? null : new Setting(value, found);
  }

  /**
   * The proxy for an origin; null to ask it directly.
   *
   * @throws HttpException.InvalidUrl if it is not one
   */
  @Nullable Server forOrigin(Origin origin) {
    Setting setting = origin.secure() ? secure : plain;
    if (setting == null) {
      return null;
    }
    for (String host : direct) {
      if (covers(host.toLowerCase(Locale.ROOT), origin)) {
        return null;
      }
    }
    return setting.server();
  }

  private static boolean covers(String entry, Origin origin) {
    if (entry.equals("*")) {
      return true;
    }
    int slash = entry.indexOf('/');
    if (slash > 0) {
      return isInNetwork(origin.host(), entry.substring(0, slash), entry.substring(slash + 1));
    }
    String host = entry.startsWith(".") ? entry.substring(1) : entry;
    int colon = host.lastIndexOf(':');
    if (colon > 0 && host.indexOf(':') == colon) { // a port, not an address of IPv6
      if (!host.substring(colon + 1).equals(String.valueOf(origin.port()))) {
        return false;
      }
      host = host.substring(0, colon);
    }
    host = host.replace("[", "").replace("]", "");
    if (origin.host().equals(host)) {
      return true;
    }
    boolean address = NetUtil.createByteArrayFromIpAddressString(origin.host()) != null;
    return !address && origin.host().endsWith("." + host);
  }

  /**
   * Whether a host is an address whose first bits are those of a network, as {@code 10.0.0.0/8}.
   */
  private static boolean isInNetwork(String host, String network, String bits) {
    byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
    byte[] first = NetUtil.createByteArrayFromIpAddressString(network);
    if (address == null
        || first == null
        || address.length != first.length
        || !bits.matches("[0-9]{1,3}")) {
      return false;
    }
    int length = Integer.parseInt(bits);
    int wholeBytes = length / 8;
    if (length > address.length * 8
        || !Arrays.equals(address, 0, wholeBytes, first, 0, wholeBytes)) {
      return false;
    }
    int rest = 8 - length % 8; // bits that do not count
    return rest == 8 || (address[wholeBytes] & 0xff) >> rest == (first[wholeBytes] & 0xff) >> rest;
  }
}
