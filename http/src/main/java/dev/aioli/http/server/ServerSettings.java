package dev.aioli.http.server;

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
    Duration grace) {}
