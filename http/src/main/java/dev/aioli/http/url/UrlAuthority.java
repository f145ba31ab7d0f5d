package dev.aioli.http.url;

import io.netty.util.NetUtil;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of a URL that tells whom to ask. Takes hosts that RFC 3986 does not know and that are
 * common all the same: names with an underscore, names that are not ASCII, and addresses with the
 * zone of a device.
 *
 * @param user user and password, percent-encoded; null if there were none
 * @param host whom to connect to: a name or an address in digits, without brackets, in lower case
 *     and ASCII, with the zone if there is one ({@code fe80::1%eth0})
 * @param port the port; -1 if there was none
 * @param server host and port as they stand in a URL
 */
public record UrlAuthority(@Nullable String user, String host, int port, String server) {
  /** An address in brackets or a name, and the port. */
  private static final Pattern SERVER =
      Pattern.compile("(?:\\[([^]]+)]|([^:\\[\\]]+))(?::(.*))?", Pattern.DOTALL);

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._~!$&'()*+,;=-]+");
  private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9._~-]+");
  private static final Pattern PORT = Pattern.compile("[0-9]{1,9}");
  private static final int MAX_PORT = 65_535;

  /**
   * Reads the authority of a URL.
   *
   * @throws IllegalArgumentException if there is none, or no host in it: says what was expected
   */
  public static UrlAuthority of(@Nullable String authority) {
    String written = authority == null ? "" : authority;
    int at = written.lastIndexOf('@');
    Matcher server = SERVER.matcher(written.substring(at + 1));
    if (!server.matches()) {
      throw new IllegalArgumentException("expected a URL with a host name");
    }
    String user = at < 0 ? null : PercentEncoding.user(written.substring(0, at));
    String digits = server.group(3);
    int port = digits == null || digits.isEmpty() ? -1 : port(digits);
    String behind = digits == null ? "" : ":" + digits;
    String name = server.group(2);
    if (name == null) {
      Address address = Address.of(server.group(1));
      return new UrlAuthority(user, address.host(), port, address.inUrl() + behind);
    }
    String host = ascii(name);
    return new UrlAuthority(user, host.toLowerCase(Locale.ROOT), port, host + behind);
  }

  private static int port(String digits) {
    if (PORT.matcher(digits).matches()) {
      int port = Integer.parseInt(digits);
      if (port > 0 && port <= MAX_PORT) {
        return port;
      }
    }
    throw new IllegalArgumentException("expected a port from 1 to " + MAX_PORT);
  }

  private static String ascii(String name) {
    String host = HostNames.ascii(decoded(name));
    if (!NAME.matcher(host).matches()) {
      throw new IllegalArgumentException("expected a host name");
    }
    return host;
  }

  private static String decoded(String name) {
    if (name.indexOf('%') < 0) {
      return name;
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(PercentEncoding.decode(name));
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("expected a host name in UTF-8", e);
    }
  }

  /**
   * An address of IPv6.
   *
   * @param zone of which device; empty if that is not said
   */
  private record Address(String digits, String zone) {
    /** The percent sign before the zone may be encoded (RFC 6874) or not, as in RFC 4007. */
    static Address of(String literal) {
      int percent = literal.indexOf('%');
      String digits = percent < 0 ? literal : literal.substring(0, percent);
      if (!NetUtil.isValidIpV6Address(digits)) {
        throw new IllegalArgumentException("expected an IPv6 address in brackets");
      }
      if (percent < 0) {
        return new Address(digits, "");
      }
      String behind = literal.substring(percent + 1);
      String zone = behind.startsWith("25") && behind.length() > 2 ? behind.substring(2) : behind;
      if (!ZONE.matcher(zone).matches()) {
        throw new IllegalArgumentException("expected the name of a device behind the IPv6 address");
      }
      return new Address(digits, zone);
    }

    String host() {
      String lower = digits.toLowerCase(Locale.ROOT);
      return zone.isEmpty() ? lower : lower + "%" + zone;
    }

    String inUrl() {
      return "[" + digits + (zone.isEmpty() ? "" : "%25" + zone) + "]";
    }
  }

  /** As it stands in a URL, with user and password. */
  public String text() {
    return user == null ? server : user + "@" + server;
  }

  /** The user without the password, decoded; null if there is none. */
  public @Nullable String userName() {
    return user == null ? null : text(user.split(":", 2)[0]);
  }

  /** The password, decoded; empty if there is none, null if there is no user either. */
  public @Nullable String password() {
    if (user == null) {
      return null;
    }
    int colon = user.indexOf(':');
    return colon < 0 ? "" : text(user.substring(colon + 1));
  }

  private static String text(String encoded) {
    return new String(PercentEncoding.decode(encoded), StandardCharsets.UTF_8);
  }

  /**
   * What a request says of the user and the password (RFC 7617); null if there are none.
   *
   * @throws IllegalArgumentException if it cannot be said: the user has a colon
   */
  public @Nullable String basicAuthorization() {
    if (user == null) {
      return null;
    }
    int colon = user.indexOf(':');
    byte[] name = PercentEncoding.decode(colon < 0 ? user : user.substring(0, colon));
    byte[] password = colon < 0 ? new byte[0] : PercentEncoding.decode(user.substring(colon + 1));
    for (byte b : name) {
      if (b == ':') {
        throw new IllegalArgumentException("expected a user without a colon");
      }
    }
    byte[] pair = Arrays.copyOf(name, name.length + 1 + password.length);
    pair[name.length] = ':';
    System.arraycopy(password, 0, pair, name.length + 1, password.length);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  /** For messages, so without user and password. */
  @Override
  public String toString() {
    return server;
  }
}
