/**
 * The server. Start with {@link dev.aioli.http.server.HttpServer}, whose {@link
 * dev.aioli.http.server.Handler} makes a {@link dev.aioli.http.server.ServerResponse} of a {@link
 * dev.aioli.http.server.ServerRequest}. What holds for all of it is said in {@link dev.aioli.http}.
 *
 * <p>Inside, a {@code ServerConnection} takes requests off a connection of HTTP/1.1; its {@code
 * BodyReceiver} receives their bodies, its {@code Http1Handling} runs their handlers, and its
 * {@code Http1Responder} answers. A {@code Http2ServerConnection} has an {@code Http2ServerStream}
 * for each request, which answers through an {@code Http2Responder}. All ask the {@code Router} for
 * the handler and read bodies through an {@code IncomingBody}.
 */
@NullMarked
package dev.aioli.http.server;

import org.jspecify.annotations.NullMarked;
