package dev.aioli.http.server;

import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import dev.aioli.http.WebSocketOptions;
import dev.aioli.http.websocket.PerMessageDeflate;
import dev.aioli.http.websocket.WebSocketFrames;
import dev.aioli.http.wire.Tokens;
import dev.aioli.net.NettyPoller;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.util.AsciiString;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The server's side of the handshake that makes a connection a WebSocket. */
final class WebSocketUpgrade {
  private static final int KEY_BYTES = 16;
  private static final List<AsciiString> OF_THE_HANDSHAKE =
      List.of(
          HttpHeaderNames.CONNECTION,
          HttpHeaderNames.UPGRADE,
          HttpHeaderNames.CONTENT_LENGTH,
          HttpHeaderNames.TRANSFER_ENCODING,
          HttpHeaderNames.SEC_WEBSOCKET_ACCEPT,
          HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS,
          HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);

  private final ServerRequest request;
  private final WebSocketOptions options;
  private final Headers headers;
  private final @Nullable PerMessageDeflate deflate;
  private @Nullable String protocol;

  /**
   * Nothing is answered yet.
   *
   * @param headers what the answer has besides the fields of the handshake
   */
  WebSocketUpgrade(ServerRequest request, WebSocketOptions options, Headers headers) {
    this.request = request;
    this.options = options;
    this.headers = headers;
    deflate =
        PerMessageDeflate.accept(request.headers().getAll("sec-websocket-extensions"), options);
  }

  /** The answer to a request that does not ask for a WebSocket as it should; null if it does. */
  @Nullable ServerResponse refusal() {
    Headers headers = request.headers();
    if (!request.method().equals("GET")
        || !request.version().equals("HTTP/1.1")
        || !hasToken(headers.getAll("upgrade"), "websocket")
        || !hasToken(headers.getAll("connection"), "upgrade")) {
      return ServerResponse.text(426, "426: expected a WebSocket\n").header("Upgrade", "websocket");
    }
    if (!headers.getAll("sec-websocket-version").equals(List.of("13"))) {
      return ServerResponse.text(426, "426: expected Sec-WebSocket-Version 13\n")
          .header("Sec-WebSocket-Version", "13");
    }
    if (!isKey(headers.getAll("sec-websocket-key"))) {
      return ServerResponse.text(400, "400: expected a Sec-WebSocket-Key of 16 bytes\n");
    }
    return null;
  }

  private static boolean hasToken(List<String> values, String token) {
    return Tokens.elements(values).anyMatch(token::equalsIgnoreCase);
  }

  private static boolean isKey(List<String> values) {
    try {
      return values.size() == 1
          && Base64.getDecoder().decode(values.getFirst().strip()).length == KEY_BYTES;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** How messages are compressed; null if the client does not offer it, or we do not want it. */
  @Nullable PerMessageDeflate deflate() {
    return deflate;
  }

  /** The subprotocol that was agreed on, after the handshake. */
  @Nullable String protocol() {
    return protocol;
  }

  /**
   * Shakes hands: afterwards frames go to the handler that is given.
   *
   * @param before runs on the loop's thread right before the answer is written
   */
  @Suspends
  void perform(NettyPoller poller, Channel channel, WebSocketFrames frames, Runnable before) {
    Future<@Nullable Void> done = poller.loop().createFuture();
    poller.post(() -> {
      before.run();
      channel.pipeline().addLast(frames);
      FullHttpRequest message = message();
      WebSocketServerHandshaker handshaker = handshaker(message);
      handshaker
          .handshake(channel, message, fields(), channel.newPromise())
          .addListener(written -> {
            protocol = handshaker.selectedSubprotocol();
            message.release();
            if (!done.done()) {
              done.setResult(null); // a failure is a lost connection: the frames will tell
            }
          });
    });
    done.await();
  }

  private WebSocketServerHandshaker handshaker(FullHttpRequest message) {
    WebSocketDecoderConfig config =
        WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength(WebSocketFrames.maxFrameBytes(options, deflate != null))
            .closeOnProtocolViolation(false)
            .allowExtensions(deflate != null)
            .build();
    return new WebSocketServerHandshakerFactory(
            request.url(), WebSocketFrames.protocols(options), config)
        .newHandshaker(message);
  }

  /** The handshake has its own say about the connection, and a 101 has no body. */
  private HttpHeaders fields() {
    HttpHeaders fields = Headers.NETTY.fields(headers).copy();
    OF_THE_HANDSHAKE.forEach(fields::remove);
    if (deflate != null) {
      fields.set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, deflate.answer());
    }
    return fields;
  }

  private FullHttpRequest message() {
    HttpHeaders headers = Headers.NETTY.fields(request.headers()).copy();
    headers.remove(HttpHeaderNames.CONTENT_LENGTH);
    return new DefaultFullHttpRequest(
        HttpVersion.HTTP_1_1,
        HttpMethod.GET,
        request.target(),
        Unpooled.buffer(0),
        headers,
        EmptyHttpHeaders.INSTANCE);
  }
}
