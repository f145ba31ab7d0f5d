/**
 * The server. Start with {@link dev.aioli.http.server.HttpServer}, whose {@link
 * dev.aioli.http.server.Handler} makes a {@link dev.aioli.http.server.ServerResponse} of a {@link
 * dev.aioli.http.server.ServerRequest}. What holds for all of it is said in {@link dev.aioli.http}.
 *
 * <p>Inside, a {@code ServerConnection} takes requests off a connection of HTTP/1.1 and answers
 * through its {@code Http1Responder}; a {@code Http2ServerConnection} has an {@code
 * Http2ServerStream} for each request. Both ask the {@code Router} for the handler and read bodies
 * through an {@code IncomingBody}.
 */
@NullMarked
package dev.aioli.http.server;

import org.jspecify.annotations.NullMarked;
