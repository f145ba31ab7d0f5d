package dev.aioli.http.server;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Refuses heads that a proxy in front of us might understand in another way than we do, so that
 * nobody can smuggle a request past it (RFC 9112, sections 3.2, 6.3 and 11.2).
 */
final class RequestCheck {
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
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c <= ' ' || c > '~' || "/\\?#@,\"<>".indexOf(c) >= 0) {
        return bad("malformed Host");
      }
    }
    return null;
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
    String lower = target.toLowerCase(Locale.ROOT);
    if (!lower.startsWith("http://") && !lower.startsWith("https://")) {
      return bad("expected a request target that begins with '/'");
    }
    int begin = target.indexOf("://") + 3;
    int end = begin;
    while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
      end++;
    }
    String host = request.headers().get(HttpHeaderNames.HOST);
    if (host != null && !target.substring(begin, end).equalsIgnoreCase(host)) {
      return bad("expected the same host in the request target and in Host");
    }
    return null;
  }

  private static HttpStatusException bad(String message) {
    return new HttpStatusException(400, message);
  }
}
