/**
 * The client. Start with {@link dev.aioli.http.client.HttpClient} and {@link
 * dev.aioli.http.client.HttpRequest}; {@link dev.aioli.http.client.WebSocketClient} connects
 * WebSockets. What holds for all of it is said in {@link dev.aioli.http}.
 *
 * <p>Inside, a {@code Call} is one request of a program, through retries and the {@code
 * RedirectTrail}. For each hop it takes a place, a {@code Lease}, from the {@code Pool}, which has
 * a {@code PooledHost} for each origin, and has a {@code ClientConnection} perform an {@code
 * Exchange}: one request and its response. {@code Dial}, {@code Connector} and {@code
 * SocketOpening} make connections; {@code Http1Connection} and {@code Http2Connection}, with its
 * {@code Http2Streams} and {@code Http2Sender}, are the two kinds.
 */
@NullMarked
package dev.aioli.http.client;

import org.jspecify.annotations.NullMarked;
