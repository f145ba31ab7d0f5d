package dev.aioli.http.client;

import dev.aioli.http.Headers;
import dev.aioli.http.wire.Http1Fields;
import dev.aioli.http.wire.Origin;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of the requests of one connection: those that all have, and those of each, as
 * HTTP/1.1 has them.
 */
final class RequestFields {
  private static final String USER_AGENT = "aioli";

  private final HttpHeaders common;

  /**
   * Fields for a connection.
   *
   * @param proxyAuthorization what the proxy that reads the requests wants to know; null if nothing
   */
  RequestFields(Origin origin, HttpClientBuilder settings, @Nullable String proxyAuthorization) {
    common = new DefaultHttpHeaders();
    common.set(HttpHeaderNames.HOST, origin.authority());
    common.set(HttpHeaderNames.ACCEPT, "*/*");
    if (settings.decompress) {
      common.set(HttpHeaderNames.ACCEPT_ENCODING, ContentDecoder.accepted());
    }
    common.set(HttpHeaderNames.USER_AGENT, USER_AGENT);
    for (var field : settings.headers) {
      common.remove(field.getKey());
    }
    common.add(Headers.NETTY.fields(settings.headers));
    removeFraming(common);
    if (proxyAuthorization != null) {
      common.set(HttpHeaderNames.PROXY_AUTHORIZATION, proxyAuthorization);
    }
  }

  /** Those of a request that has none of its own. */
  HttpHeaders common() {
    return common;
  }

  /** Whether a request has no body, and need not say so. */
  static boolean isEmpty(HttpRequest request) {
    return request.body() == null && !wantsLength(request.method());
  }

  /** Those of a request; the very {@link #common} if it has none of its own. */
  HttpHeaders of(Exchange exchange) {
    HttpHeaders own = exchange.fields();
    RequestBody body = exchange.request().body();
    boolean empty = isEmpty(exchange.request());
    if (own.isEmpty() && empty) {
      return common;
    }
    HttpHeaders all = Http1Fields.copy(own);
    for (var field : common) {
      if (!own.contains(field.getKey())) {
        all.add(field.getKey(), field.getValue());
      }
    }
    removeFraming(all);
    Upload upload = exchange.upload();
    if (upload != null && exchange.request().expectsContinue()) {
      all.set(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE);
    }
    if (upload != null && upload.length() < 0) {
      all.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    } else if (upload != null) {
      all.set(HttpHeaderNames.CONTENT_LENGTH, upload.length());
    } else if (!empty) {
      all.set(
          HttpHeaderNames.CONTENT_LENGTH, body instanceof BytesBody bytes ? bytes.bytes.length : 0);
    }
    return all;
  }

  /** How a body is framed is decided here. */
  private static void removeFraming(HttpHeaders fields) {
    fields.remove(HttpHeaderNames.CONTENT_LENGTH);
    fields.remove(HttpHeaderNames.TRANSFER_ENCODING);
  }

  /** Whether servers expect a body, so that its absence must be said (RFC 9110, 8.6). */
  private static boolean wantsLength(String method) {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }
}
