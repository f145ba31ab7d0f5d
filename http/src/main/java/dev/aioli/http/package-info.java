/**
 * HTTP/1.1 and HTTP/2 on the event loop: a client with a connection pool, and a server whose
 * handlers are tasks. This package has what both sides share: headers and WebSockets. Start with
 * {@link dev.aioli.http.client.HttpClient} or {@link dev.aioli.http.server.HttpServer}; {@code
 * import module dev.aioli.http;} has them all.
 *
 * <p>Said once for every class here, of the client and of the server:
 *
 * <ul>
 *   <li><b>Threads.</b> A client or server belongs to the loop in which it was made and is used in
 *       that loop's turn. Requests, responses and headers that have been received are values.
 *   <li><b>Cancellation.</b> A request that is cancelled closes its connection, unless nothing had
 *       been sent on it yet (with HTTP/2 it resets its stream), and gives its place in the pool to
 *       the next in line.
 *   <li><b>Errors.</b> What can go wrong with a request is an {@link
 *       dev.aioli.http.client.HttpException}. A status of 400 or more is a response, not an error.
 *   <li><b>Size.</b> Heads and bodies are bounded. A body that may be larger is read as a stream.
 *   <li><b>Source.</b> RFC 9110 (semantics) and RFC 9112 (HTTP/1.1), RFC 9113 (HTTP/2); the
 *       client's limits and their order as in aiohttp.
 * </ul>
 */
@NullMarked
package dev.aioli.http;

import org.jspecify.annotations.NullMarked;
