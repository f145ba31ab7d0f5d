package dev.aioli.http.client;

import dev.aioli.http.url.RedactedUrl;
import dev.aioli.http.wire.Origin;
import io.netty.util.NetUtil;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which proxy is asked for which origin.
 *
 * @param plain for http
 * @param secure for https
 * @param direct hosts that are asked without one
 */
record Proxy(@Nullable Server plain, @Nullable Server secure, List<String> direct) {
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
      if (uri.getHost() == null || !(socks || scheme.equals("http")) || uri.getPort() > 65535) {
        throw invalid(url);
      }
      String host = uri.getHost().replace("[", "").replace("]", "");
      int port = uri.getPort() > 0 ? uri.getPort() : socks ? 1080 : 80;
      String user = uri.getUserInfo();
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
    Server server = Server.parse(url);
    return new Proxy(server, server, direct);
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
        server(plain == null ? all : plain),
        server(secure == null ? all : secure),
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

  private static @Nullable Server server(@Nullable String url) {
    return url == null ? null : Server.parse(url.strip());
  }

  /** The proxy for an origin; null to ask it directly. */
  @Nullable Server forOrigin(Origin origin) {
    Server server = origin.secure() ? secure : plain;
    if (server == null) {
      return null;
    }
    for (String host : direct) {
      if (covers(host.toLowerCase(Locale.ROOT), origin)) {
        return null;
      }
    }
    return server;
  }

  private static boolean covers(String entry, Origin origin) {
    if (entry.equals("*")) {
      return true;
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
}
