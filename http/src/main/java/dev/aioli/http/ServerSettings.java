package dev.aioli.http;

import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@link HttpServer.Builder} was told. */
record ServerSettings(
    List<Router.Route> routes,
    List<Middleware> middlewares,
    @Nullable SslContext tls,
    long maxBodyBytes,
    int maxHeaderBytes,
    int maxConnections,
    int maxRequestsPerConnection,
    boolean http2,
    int maxConcurrentStreams,
    boolean halfClose,
    Duration idleTimeout,
    Duration headerTimeout,
    Duration bodyTimeout,
    Duration writeTimeout,
    Duration grace) {
  /** Far enough away to be never, near enough to be added to. */
  private static final long LONG_NANOS = Long.MAX_VALUE / 4;

  /** A time limit in nanoseconds that can be added to a time. */
  static long nanos(Duration limit) {
    return limit.compareTo(Duration.ofNanos(LONG_NANOS)) > 0 ? LONG_NANOS : limit.toNanos();
  }
}
