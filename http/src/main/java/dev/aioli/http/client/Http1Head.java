package dev.aioli.http.client;

import dev.aioli.http.wire.Origin;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** Makes the heads of the requests of one connection. */
final class Http1Head {
  private final Origin origin;
  private final boolean absolute;
  private final RequestFields fields;

  Http1Head(Origin origin, Proxy.@Nullable Server proxy, HttpClientBuilder settings) {
    this.origin = origin;
    absolute = proxy != null && !proxy.socks() && !origin.secure();
    fields =
        new RequestFields(
            origin, settings, absolute && proxy != null ? proxy.authorization() : null);
  }

  /** The message for a request: all of it, or its head if a task writes the body. */
  HttpRequest message(Exchange exchange) {
    HttpMethod method = HttpMethod.valueOf(exchange.request().method());
    String target = exchange.asked().target();
    if (absolute) {
      target = origin + target;
    }
    HttpHeaders headers = fields.of(exchange);
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

  /** Whether the request itself says that it is the last one. */
  boolean asksToClose(Exchange exchange) {
    return exchange.fields().contains(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true)
        || fields.common().contains(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
  }
}
