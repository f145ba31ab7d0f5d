package dev.aioli.http.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.aioli.http.url.PercentEncoding;
import dev.aioli.http.url.RedactedUrl;
import dev.aioli.http.wire.Origin;
import io.netty.util.NetUtil;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which proxy is asked for which origin.
 *
 * @param plain the URL of that for http
 * @param secure the URL of that for https; both are read when they are used
 * @param direct hosts that are asked without one
 */
record Proxy(@Nullable String plain, @Nullable String secure, List<String> direct) {
  /** A name, which may have an underscore, as {@link URI} does not know it. */
  private static final Pattern NAME = Pattern.compile("([A-Za-z0-9._-]+)(?::([0-9]{1,5}))?");

  static final Proxy NONE = new Proxy(null, null, List.of());

  /**
   * One proxy.
   *
   * @param socks whether it speaks SOCKS5, else HTTP
   * @param user null if it wants none
   */
  record Server(
      boolean socks, String host, int port, @Nullable String user, @Nullable String password) {
    static Server parse(String url) {
      URI uri;
      try {
        uri = new URI(url.contains("://") ? url : "http://" + url);
      } catch (URISyntaxException e) {
        throw invalid(url);
      }
      String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
      boolean socks = scheme.equals("socks5") || scheme.equals("socks5h");
      String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
      int at = authority.lastIndexOf('@');
      String host = uri.getHost();
      int port = uri.getPort();
      Matcher name = NAME.matcher(authority.substring(at + 1));
      if (host == null && name.matches()) {
        host = name.group(1);
        port = name.group(2) == null ? -1 : Integer.parseInt(name.group(2));
      }
      if (host == null || !(socks || scheme.equals("http")) || port > 65535) {
        throw invalid(url);
      }
      host = host.replace("[", "").replace("]", "");
      port = port > 0 ? port : socks ? 1080 : 80;
      String user =
          at < 0 ? null : new String(PercentEncoding.decode(authority.substring(0, at)), UTF_8);
      if (user == null) {
        return new Server(socks, host, port, null, null);
      }
      int colon = user.indexOf(':');
      return colon < 0
          ? new Server(socks, host, port, user, "")
          : new Server(socks, host, port, user.substring(0, colon), user.substring(colon + 1));
    }

    /** Without the cause: that of java.net quotes the password. */
    private static HttpException.InvalidUrl invalid(String url) {
      return new HttpException.InvalidUrl(
          "expected a proxy such as http://host:port or socks5://host:port, found '"
              + RedactedUrl.of(url)
              + "'",
          null);
    }

    /** What an HTTP proxy wants to know in each request; null if nothing. */
    @Nullable String authorization() {
      return user == null || password == null ? null : HttpRequest.basic(user, password);
    }

    @Override
    public String toString() {
      return (socks ? "socks5://" : "http://")
          + host
          + ":"
          + port; // the password is nobody's business
    }
  }

  /** One proxy for all. */
  Proxy with(String url) {
    var _ = Server.parse(url); // so that the program is told at once
    return new Proxy(url, url, direct);
  }

  /** The same, but for some hosts. */
  Proxy without(List<String> hosts) {
    return new Proxy(plain, secure, hosts);
  }

  /** What the variables of an environment say, as curl reads them. */
  static Proxy of(Map<String, String> environment) {
    String all = variable(environment, "all_proxy", true);
    // HTTP_PROXY is not read: where a program serves CGI, anyone who sends a header "Proxy" sets
    // it.
    String plain = variable(environment, "http_proxy", false);
    String secure = variable(environment, "https_proxy", true);
    String direct = variable(environment, "no_proxy", true);
    return new Proxy(
        plain == null ? all : plain,
        secure == null ? all : secure,
        direct == null ? List.of() : List.of(direct.strip().split("[\\s,]+")));
  }

  private static @Nullable String variable(
      Map<String, String> environment, String name, boolean alsoInCapitals) {
    String value = environment.get(name);
    if (value == null && alsoInCapitals) {
      value = environment.get(name.toUpperCase(Locale.ROOT));
    }
    return value == null || value.isBlank() ? null : value;
  }

  /**
   * The proxy for an origin; null to ask it directly.
   *
   * @throws HttpException.InvalidUrl if it is not one
   */
  @Nullable Server forOrigin(Origin origin) {
    String server = origin.secure() ? secure : plain;
    if (server == null) {
      return null;
    }
    for (String host : direct) {
      if (covers(host.toLowerCase(Locale.ROOT), origin)) {
        return null;
      }
    }
    return Server.parse(server.strip());
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
