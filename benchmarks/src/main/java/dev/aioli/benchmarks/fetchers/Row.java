package dev.aioli.benchmarks.fetchers;

import java.util.List;

/**
 * A job that each fetcher is given.
 *
 * @param urls how many, all different
 * @param inFlight how many at a time
 * @param where what they are asked for
 * @param stores whether each body becomes a file
 */
record Row(String name, int urls, int inFlight, Where where, boolean stores) {
  private static final int SMALL = 64;
  private static final int LARGE = 16;

  /** The row that shows the start alone. */
  static final String VERSION = "version";

  /** An entrance of the {@link Origin}. */
  enum Where {
    /** Nothing: it tells its version. */
    NOWHERE,
    /** 300 bytes by http. */
    HTTP,
    /** 300 bytes by https, HTTP/1.1. */
    HTTPS,
    /** 300 bytes by https, HTTP/2. */
    HTTP2,
    /** 300 bytes by https, and the connection is closed. */
    NEW_TLS,
    /** 2 MB by http. */
    LARGE_HTTP,
    /** 2 MB by https. */
    LARGE_HTTPS,
    /** 200 KB by http, compressed. */
    GZIP
  }

  /** All of them. */
  static final List<Row> ALL =
      List.of(
          new Row(VERSION, 0, 0, Where.NOWHERE, false),
          new Row("http-1", 1, SMALL, Where.HTTP, false),
          new Row("http-2000", 2_000, SMALL, Where.HTTP, false),
          new Row("http-20000", 20_000, SMALL, Where.HTTP, false),
          new Row("http-400000", 400_000, SMALL, Where.HTTP, false),
          new Row("https-100000", 100_000, SMALL, Where.HTTPS, false),
          new Row("http2-100000", 100_000, SMALL, Where.HTTP2, false),
          new Row("new-tls-4000", 4_000, SMALL, Where.NEW_TLS, false),
          new Row("large-http-600", 600, LARGE, Where.LARGE_HTTP, false),
          new Row("large-https-600", 600, LARGE, Where.LARGE_HTTPS, false),
          new Row("large-https-3000", 3_000, LARGE, Where.LARGE_HTTPS, false),
          new Row("store-600", 600, LARGE, Where.LARGE_HTTP, true),
          new Row("gzip-4000", 4_000, SMALL, Where.GZIP, false));

  boolean http2() {
    return where == Where.HTTP2;
  }

  boolean large() {
    return where == Where.LARGE_HTTP || where == Where.LARGE_HTTPS;
  }
}
