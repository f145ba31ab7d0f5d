package dev.aioli.http.client;

import dev.aioli.http.wire.Http2Fields;
import dev.aioli.http.wire.Origin;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/** Makes the heads of the requests of one HTTP/2 connection. */
final class Http2RequestFields {
  private final RequestFields fields;
  private final AsciiString scheme;
  private final AsciiString authority;

  /** Names and values in turn of what every request has. */
  private final AsciiString[] common;

  Http2RequestFields(Origin origin, HttpClientBuilder settings) {
    fields = new RequestFields(origin, settings, null);
    scheme = AsciiString.cached(origin.secure() ? "https" : "http");
    String host = fields.common().get(HttpHeaderNames.HOST);
    authority = new AsciiString(host == null ? origin.authority() : host);
    List<AsciiString> pairs = new ArrayList<>();
    for (var field : Http2Fields.converted(fields.common())) {
      pairs.add(AsciiString.of(field.getKey()));
      pairs.add(AsciiString.of(field.getValue()));
    }
    common = pairs.toArray(AsciiString[]::new);
  }

  /** The head of a request. */
  @SuppressWarnings("ReferenceEquality")
  Http2Headers request(Exchange exchange) {
    AsciiString method = new AsciiString(exchange.request().method());
    AsciiString path = new AsciiString(exchange.asked().target());
    HttpHeaders all = fields.of(exchange);
    if (all == fields.common()) {
      return ReadOnlyHttp2Headers.clientHeaders(false, method, path, scheme, authority, common);
    }
    String host = all.get(HttpHeaderNames.HOST);
    Http2Headers head =
        new DefaultHttp2Headers(false, all.size() + 4)
            .method(method)
            .path(path)
            .scheme(scheme)
            .authority(host == null ? authority : new AsciiString(host));
    HttpConversionUtil.toHttp2Headers(all, head);
    return head;
  }
}
