package dev.aioli.http.server;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.NetUtil;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Refuses heads that a proxy in front of us might understand in another way than we do, so that
 * nobody can smuggle a request past it (RFC 9112, sections 3.2, 6.3 and 11.2).
 */
final class RequestCheck {
  private static final List<String> SCHEMES = List.of("http://", "https://");
  private static final int MAX_PORT = 65535;

  private RequestCheck() {}

  /** What is wrong with a head; null if nothing is. */
  static @Nullable HttpStatusException refusal(HttpRequest request) {
    HttpVersion version = request.protocolVersion();
    if (version.majorVersion() != 1 || !version.protocolName().equals("HTTP")) {
      return new HttpStatusException(505, "expected HTTP/1.1 or HTTP/1.0, found " + version);
    }
    HttpStatusException wrong = transferEncoding(request);
    if (wrong == null) {
      wrong = host(request);
    }
    return wrong == null ? target(request) : wrong;
  }

  /** What is said to a request that the decoder does not understand. */
  static HttpStatusException refusal(Throwable cause) {
    int status =
        switch (cause) {
          case TooLongHttpLineException e -> 414;
          case TooLongHttpHeaderException e -> 431;
          default -> 400;
        };
    return new HttpStatusException(status, String.valueOf(cause.getMessage()));
  }

  private static @Nullable HttpStatusException transferEncoding(HttpRequest request) {
    HttpHeaders headers = request.headers();
    if (!headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
      return null;
    }
    if (request.protocolVersion().minorVersion() == 0) {
      return bad("HTTP/1.0 has no Transfer-Encoding");
    }
    List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (codings.size() == 1 && codings.getFirst().equalsIgnoreCase("chunked")) {
      return null;
    }
    return bad("expected Transfer-Encoding: chunked, found " + String.join(", ", codings));
  }

  private static @Nullable HttpStatusException host(HttpRequest request) {
    Iterator<String> hosts = request.headers().valueStringIterator(HttpHeaderNames.HOST);
    if (!hosts.hasNext()) {
      return request.protocolVersion().minorVersion() == 0 ? null : bad("expected a Host");
    }
    String host = hosts.next();
    if (hosts.hasNext()) {
      return bad("expected one Host, found several");
    }
    return host.isEmpty() || isAuthority(host)
        ? null
        : bad("expected a name or an address in Host, and perhaps a port, found '" + host + "'");
  }

  /** Whether a text is a host, perhaps with a port (RFC 3986, 3.2.2 and 3.2.3). */
  static boolean isAuthority(String text) {
    int end = text.startsWith("[") ? addressEnd(text) : nameEnd(text);
    return end > 0 && isPort(text, end);
  }

  /** Where an address in brackets ends; -1 if it is none. */
  private static int addressEnd(String text) {
    int close = text.indexOf(']');
    boolean address =
        close > 0
            && text.lastIndexOf('%', close) < 0 // zones are for their owners only
            && NetUtil.isValidIpV6Address(text.substring(1, close));
    return address ? close + 1 : -1;
  }

  /** Where the characters of a name, or of an address of IPv4, end; -1 if there are none. */
  private static int nameEnd(String text) {
    int i = 0;
    while (i < text.length() && text.charAt(i) != ':') {
      char c = text.charAt(i);
      boolean fine = c == '%' ? isHex(text, i + 1) && isHex(text, i + 2) : isOfName(c);
      if (!fine) {
        return -1;
      }
      i++;
    }
    return i;
  }

  /** Without the comma, which would make a list of it elsewhere. */
  private static boolean isOfName(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "-._~!$&'()*+;=".indexOf(c) >= 0;
  }

  private static boolean isHex(String text, int index) {
    return index < text.length() && HexFormat.isHexDigit(text.charAt(index));
  }

  private static boolean isPort(String text, int begin) {
    if (begin == text.length()) {
      return true;
    }
    if (text.charAt(begin) != ':') {
      return false;
    }
    int port = 0; // an empty one is that of the scheme
    for (int i = begin + 1; i < text.length() && port <= MAX_PORT; i++) {
      char c = text.charAt(i);
      port = c < '0' || c > '9' ? MAX_PORT + 1 : port * 10 + c - '0';
    }
    return port <= MAX_PORT;
  }

  private static @Nullable HttpStatusException target(HttpRequest request) {
    String target = request.uri();
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        return bad("expected a request target of visible ASCII without '#'");
      }
    }
    if (target.startsWith("/")) {
      return null;
    }
    if (target.equals("*")) {
      return request.method().equals(HttpMethod.OPTIONS) ? null : bad("only OPTIONS may ask for *");
    }
    if (request.method().equals(HttpMethod.CONNECT)) {
      return new HttpStatusException(405, "this is no proxy");
    }
    String authority = authority(target);
    if (authority == null) {
      return bad("expected a request target that begins with '/'");
    }
    return isAuthority(authority) ? null : bad("expected a host in the request target");
  }

  /**
   * The host and port that a request names in its target, which is then the one that counts,
   * whatever its Host says (RFC 9112, 3.2.2); null if it names none there.
   */
  static @Nullable String authority(String target) {
    for (String scheme : SCHEMES) {
      if (target.regionMatches(true, 0, scheme, 0, scheme.length())) {
        int end = scheme.length();
        while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
          end++;
        }
        return target.substring(scheme.length(), end);
      }
    }
    return null;
  }

  private static HttpStatusException bad(String message) {
    return new HttpStatusException(400, message);
  }
}
