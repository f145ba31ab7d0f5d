package dev.aioli.http.client;

import dev.aioli.http.wire.Origin;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks an HTTP proxy for a tunnel to the origin (RFC 9110, 9.3.6), then puts the TLS to the origin,
 * if there is to be one, in its own place. What came behind the answer goes to that, or whoever
 * else is next: the proxy might have made it up.
 *
 * <p>Netty's own is final, and knows no success but 200.
 */
final class HttpTunnel extends HttpResponseDecoder {
  /** What those behind it are told. */
  enum Event {
    OPEN
  }

  private final Origin origin;
  private final Proxy.Server proxy;
  private final @Nullable SslHandler tls;
  private boolean answered;

  /**
   * A tunnel that is to be made.
   *
   * @param tls what is spoken through it; null for plain text
   */
  HttpTunnel(Origin origin, Proxy.Server proxy, int maxHeaderBytes, @Nullable SslHandler tls) {
    super(Http1Decoder.lenient(maxHeaderBytes, new LenientFields.Notes()));
    this.origin = origin;
    this.proxy = proxy;
    this.tls = tls;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (!proxy.secure()) {
      ask(context);
    }
    context.fireChannelActive();
  }

  /** The password of the proxy is for nobody but the one that has its certificate. */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    super.userEventTriggered(context, event);
    if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
      ask(context);
    }
  }

  private void ask(ChannelHandlerContext context) {
    String target = origin.hostAndPort();
    String authorization = proxy.authorization();
    String head =
        "CONNECT "
            + target
            + " HTTP/1.1\r\nHost: "
            + target
            + "\r\n"
            + (authorization == null ? "" : "Proxy-Authorization: " + authorization + "\r\n")
            + "\r\n";
    var _ = context.writeAndFlush(Unpooled.copiedBuffer(head, StandardCharsets.ISO_8859_1));
  }

  /** A tunnel begins right behind the head, whatever that says of a length. */
  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    return (message instanceof HttpResponse response && isSuccess(response.status()))
        || super.isContentAlwaysEmpty(message);
  }

  private static boolean isSuccess(HttpResponseStatus status) {
    return status.codeClass() == HttpStatusClass.SUCCESS;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (answered) {
      in.skipBytes(in.readableBytes()); // it was refused: the rest says no more
      return;
    }
    if (TlsAlert.begins(in)) {
      throw refused("it speaks TLS; use https:// for the proxy", null);
    }
    if (TlsAlert.mayBegin(in)) {
      return;
    }
    super.decode(context, in, out);
    if (out.isEmpty() || !(out.getFirst() instanceof HttpResponse response)) {
      return;
    }
    out.clear();
    if (response.decoderResult().isFailure()) {
      throw refused(
          "expected an HTTP/1.1 response to CONNECT: "
              + response.decoderResult().cause().getMessage(),
          response.decoderResult().cause());
    }
    if (isSuccess(response.status())) {
      open(context);
    } else if (response.status().codeClass() != HttpStatusClass.INFORMATIONAL
        || response.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
      throw refused("it answered " + response.status(), null);
    }
  }

  private void open(ChannelHandlerContext context) {
    answered = true;
    if (tls != null) {
      context.pipeline().addAfter(context.name(), SocketOpening.ORIGIN_TLS, tls);
    }
    context.fireUserEventTriggered(Event.OPEN);
    context.pipeline().remove(this); // and what has been read goes on
  }

  private ProxyConnectException refused(String problem, @Nullable Throwable cause) {
    answered = true;
    return new ProxyConnectException(problem, cause);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    if (!answered) {
      context.fireExceptionCaught(refused("it closed the connection instead of an answer", null));
    }
    super.channelInactive(context);
  }
}
