package dev.aioli.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** Makes the heads of the requests of one connection. */
final class Http1Head {
  private static final String USER_AGENT = "aioli";

  private final Origin origin;
  private final boolean absolute;
  private final HttpHeaders common;

  Http1Head(Origin origin, Proxy.@Nullable Server proxy, HttpClientBuilder settings) {
    this.origin = origin;
    absolute = proxy != null && !proxy.socks() && !origin.secure();
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
    common.add(settings.headers.fields());
    if (absolute && proxy != null && proxy.authorization() != null) {
      common.set(HttpHeaderNames.PROXY_AUTHORIZATION, proxy.authorization());
    }
  }

  /** The message for a request: all of it, or its head if a task writes the body. */
  io.netty.handler.codec.http.HttpRequest message(Exchange exchange) {
    HttpMethod method = HttpMethod.valueOf(exchange.request().method());
    String target = exchange.asked().target();
    if (absolute) {
      target = origin + target;
    }
    HttpHeaders headers = headers(exchange);
    if (exchange.upload() != null) {
      return new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, target, headers);
    }
    return new DefaultFullHttpRequest(
        HttpVersion.HTTP_1_1,
        method,
        target,
        exchange.request().body() instanceof BytesBody body
            ? Unpooled.wrappedBuffer(body.bytes)
            : Unpooled.EMPTY_BUFFER,
        headers,
        EmptyHttpHeaders.INSTANCE);
  }

  private HttpHeaders headers(Exchange exchange) {
    HttpHeaders own = exchange.fields();
    RequestBody body = exchange.request().body();
    String method = exchange.request().method();
    boolean empty = body == null && !wantsLength(method);
    if (own.isEmpty() && empty) {
      return common;
    }
    HttpHeaders all = own.copy();
    for (var field : common) {
      if (!all.contains(field.getKey())) {
        all.set(field.getKey(), field.getValue());
      }
    }
    all.remove(HttpHeaderNames.CONTENT_LENGTH); // how the body is framed is decided here
    all.remove(HttpHeaderNames.TRANSFER_ENCODING);
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

  /** Whether servers expect a body, so that its absence must be said (RFC 9110, 8.6). */
  private static boolean wantsLength(String method) {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }

  /** Whether the request itself says that it is the last one. */
  boolean asksToClose(Exchange exchange) {
    return exchange.fields().contains(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true)
        || common.contains(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
  }
}
