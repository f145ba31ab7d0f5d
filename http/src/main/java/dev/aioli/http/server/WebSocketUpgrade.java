package dev.aioli.http.server;

import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import dev.aioli.http.WebSocketOptions;
import dev.aioli.http.websocket.PerMessageDeflate;
import dev.aioli.http.websocket.WebSocketFrames;
import dev.aioli.http.wire.Tokens;
import dev.aioli.net.NettyPoller;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.util.AsciiString;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The server's side of the handshake that makes a connection a WebSocket. */
final class WebSocketUpgrade {
  private static final int KEY_BYTES = 16;
  private static final String WEBSOCKET = "websocket";
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
        || !hasToken(headers.getAll("upgrade"), WEBSOCKET)
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
    if (headers.contains("transfer-encoding")
        || !headers.getAll("content-length").stream().allMatch("0"::equals)) {
      return ServerResponse.text(400, "400: expected no body, for frames come next\n");
    }
    return null;
  }

  /** Whether a request says that it would rather go on as a WebSocket. */
  static boolean isAskedFor(HttpHeaders headers) {
    return headers.contains(HttpHeaderNames.UPGRADE)
        && hasToken(headers.getAll(HttpHeaderNames.UPGRADE), WEBSOCKET);
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
   * @param before runs on the loop's thread right before the answer is written, and gives what has
   *     come behind the request
   */
  @Suspends
  void perform(
      NettyPoller poller, Channel channel, WebSocketFrames frames, Supplier<ByteBuf> before) {
    Future<@Nullable Void> done = poller.loop().createFuture();
    poller.post(() -> {
      try {
        shakeHands(channel, frames, before, done);
      } catch (RuntimeException | Error e) {
        if (!done.done()) {
          done.setException(e); // nobody else would tell the task
        }
      }
    });
    done.await();
  }

  private void shakeHands(
      Channel channel,
      WebSocketFrames frames,
      Supplier<ByteBuf> before,
      Future<@Nullable Void> done) {
    WebSocketServerHandshaker handshaker = handshaker();
    ByteBuf rest = before.get();
    try {
      channel.pipeline().addLast(frames);
      // A failure is a lost connection: the frames will tell.
      ChannelFutureListener answered =
          end -> {
            protocol = handshaker.selectedSubprotocol();
            if (!done.done()) {
              done.setResult(null);
            }
          };
      channel.closeFuture().addListener(answered);
      FullHttpRequest message = message();
      handshaker.handshake(channel, message, fields(), channel.newPromise()).addListener(answered);
      message.release();
      if (rest.isReadable()) { // it answers us sooner than it may, but what it says is clear
        ChannelHandlerContext place = channel.pipeline().context(WebSocketFrameDecoder.class);
        ((ChannelInboundHandler) place.handler()).channelRead(place, rest.retain());
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      rest.release();
    }
  }

  private WebSocketServerHandshaker handshaker() {
    WebSocketDecoderConfig config =
        WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength(WebSocketFrames.maxFrameBytes(options, deflate != null))
            .closeOnProtocolViolation(false)
            .allowExtensions(deflate != null)
            .build();
    return new WebSocketServerHandshaker13(
        request.url(), WebSocketFrames.protocols(options), config);
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

  /**
   * The request as Netty wants it. What was asked has been checked here: a second check that knows
   * less of what HTTP permits, such as of lists, must not come to another result.
   */
  private FullHttpRequest message() {
    HttpHeaders headers = Headers.NETTY.fields(request.headers()).copy();
    headers.remove(HttpHeaderNames.CONTENT_LENGTH);
    headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
    headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    List<String> protocols = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    if (protocols.size() > 1) {
      headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, String.join(",", protocols));
    }
    return new DefaultFullHttpRequest(
        HttpVersion.HTTP_1_1,
        HttpMethod.GET,
        request.target(),
        Unpooled.buffer(0),
        headers,
        EmptyHttpHeaders.INSTANCE);
  }
}
