package dev.aioli.http.client;

import dev.aioli.http.wire.HeadBytes;
import dev.aioli.http.wire.Origin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
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
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Makes the heads of the requests of one connection. */
final class Http1Head {
  private static final byte[] NO_BODY = {};

  private final Origin origin;
  private final boolean absolute;
  private final RequestFields fields;
  private final HeadBytes bytes;

  /** What follows the target in a request without fields of its own. */
  private final byte[] commonEnd;

  // The same for one with these fields, the latest: programs often send the same ones again.
  private @Nullable HttpHeaders latestFields;
  private byte[] latestEnd = NO_BODY;

  Http1Head(
      Origin origin, Proxy.@Nullable Server proxy, HttpClientBuilder settings, HeadBytes bytes) {
    this.origin = origin;
    absolute = proxy != null && !proxy.socks() && !origin.secure();
    fields =
        new RequestFields(
            origin, settings, absolute && proxy != null ? proxy.authorization() : null);
    this.bytes = bytes;
    commonEnd = end(fields.common());
  }

  private static byte[] end(HttpHeaders fields) {
    StringBuilder end = new StringBuilder(" HTTP/1.1\r\n");
    for (var field : fields) {
      end.append(field.getKey()).append(": ").append(field.getValue()).append("\r\n");
    }
    return end.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /**
   * What follows the target in a request that has no body; null if it has one, so that it needs a
   * {@link #message}.
   */
  @SuppressWarnings("ReferenceEquality") // fields are not changed once they are in a request
  byte @Nullable [] end(Exchange exchange) {
    if (!RequestFields.isEmpty(exchange.request())) {
      return null;
    }
    HttpHeaders own = exchange.fields();
    if (own.isEmpty()) {
      return commonEnd;
    }
    if (own != latestFields) {
      latestEnd = end(fields.of(exchange));
      latestFields = own;
    }
    return latestEnd;
  }

  /**
   * A request without a body as it goes over the wire, past Netty's encoder, which would encode the
   * same fields each time. On the loop's thread.
   *
   * @param end from {@link #end}
   */
  ByteBuf plain(Exchange exchange, byte[] end, ByteBufAllocator allocator) {
    bytes.begin().add(exchange.request().method()).add(" ");
    if (absolute) {
      bytes.add(origin.toString());
    }
    return bytes.add(exchange.asked().target()).add(end).toBuffer(allocator, NO_BODY);
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
    return exchange.fields().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true)
        || fields.common().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
  }
}
