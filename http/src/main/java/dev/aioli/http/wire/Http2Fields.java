package dev.aioli.http.wire;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.HttpConversionUtil;

/** Header fields between HTTP/2 and HTTP/1.1, which is what both sides work with. */
public final class Http2Fields {
  private Http2Fields() {}

  /** Fields of HTTP/1.1 as HTTP/2 has them: without those that are about the connection. */
  public static Http2Headers converted(HttpHeaders http1) {
    Http2Headers http2 = new DefaultHttp2Headers(false, http1.size());
    HttpConversionUtil.toHttp2Headers(http1, http2);
    return http2;
  }

  /** The fields of a head that has come, as HTTP/1.1 has them. */
  public static HttpHeaders received(Http2Headers http2) {
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
