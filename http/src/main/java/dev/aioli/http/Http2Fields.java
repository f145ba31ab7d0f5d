package dev.aioli.http;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.HttpConversionUtil;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/** Makes the heads of the requests of one HTTP/2 connection, and reads heads that come. */
final class Http2Fields {
  private final RequestFields fields;
  private final AsciiString scheme;
  private final AsciiString authority;

  /** Names and values in turn of what every request has. */
  private final AsciiString[] common;

  Http2Fields(Origin origin, HttpClientBuilder settings) {
    fields = new RequestFields(origin, settings, null);
    scheme = AsciiString.cached(origin.secure() ? "https" : "http");
    String host = fields.common().get(HttpHeaderNames.HOST);
    authority = new AsciiString(host == null ? origin.authority() : host);
    List<AsciiString> pairs = new ArrayList<>();
    for (var field : converted(fields.common())) {
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

  /** Fields of HTTP/1.1 as HTTP/2 has them: without those that are about the connection. */
  static Http2Headers converted(HttpHeaders http1) {
    Http2Headers http2 = new DefaultHttp2Headers(false, http1.size());
    HttpConversionUtil.toHttp2Headers(http1, http2);
    return http2;
  }

  /** The fields of a head that has come, as HTTP/1.1 has them. */
  static HttpHeaders received(Http2Headers http2) {
    // Netty has checked them when it decoded them.
    HttpHeaders fields =
        DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
    for (var field : http2) {
      CharSequence name = field.getKey();
      if (name.charAt(0) == ':') {
        continue;
      }
      String before =
          HttpHeaderNames.COOKIE.contentEquals(name) ? fields.get(HttpHeaderNames.COOKIE) : null;
      if (before == null) {
        fields.add(name, field.getValue());
      } else {
        fields.set(name, before + "; " + field.getValue()); // RFC 9113, 8.2.3
      }
    }
    return fields;
  }
}
