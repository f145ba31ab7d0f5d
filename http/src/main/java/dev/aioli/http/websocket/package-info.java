/**
 * What is behind a {@link dev.aioli.http.WebSocket}, the same for both sides. Not exported. Start
 * with {@code WebSocketFrames}; the handshakes are those of the client and of the server.
 */
@NullMarked
package dev.aioli.http.websocket;

import org.jspecify.annotations.NullMarked;
