package dev.aioli.http.server;

import dev.aioli.http.JsonCodec;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** What {@link HttpServerBuilder} was told. */
record ServerSettings(
    List<Router.Route> routes,
    List<Middleware> middlewares,
    @Nullable SSLContext tls,
    @Nullable JsonCodec json,
    long maxBodyBytes,
    int maxHeaderBytes,
    int maxConnections,
    int maxRequestsPerConnection,
    boolean http2,
    int maxConcurrentStreams,
    int maxResetsPerSecond,
    boolean halfClose,
    Duration idleTimeout,
    Duration headerTimeout,
    Duration bodyTimeout,
    Duration writeTimeout,
    Duration grace) {}
