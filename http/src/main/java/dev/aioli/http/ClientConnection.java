package dev.aioli.http;

import dev.aioli.Future;
import dev.aioli.Handle;
import dev.aioli.Suspends;
import dev.aioli.net.NettyPoller;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.ReadOnlyHttpHeaders;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection of the client, and the last handler of its pipeline. Carries one exchange
 * at a time.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter {
  /*
   * Everything here is touched in the loop's turn: by tasks, which reserve the connection and wait, and
   * by the loop's thread, which alone calls Netty.
   *
   *   idle       current == null, usable()
   *   busy       current != null
   *   finished   current == null, !usable(): the owner of the lease closes it
   *
   * A response that ends gives the connection back by itself; whatever else ends an exchange makes the
   * connection unusable first.
   */
  private static final String USER_AGENT = "aioli";

  private final Origin origin;
  private final NettyPoller poller;
  private final Pool pool;
  private final Future<@Nullable Void> secured;
  private final HttpHeaders plainHeaders;

  private @Nullable Channel channel;
  private @Nullable Exchange current;
  private boolean usable = true;
  private boolean reused;

  // Of the response that is arriving.
  private boolean informational;
  private boolean keepAlive;
  private long announced;

  /** When it became idle, in the loop's time. For the pool. */
  long idleSinceNanos;

  ClientConnection(Origin origin, NettyPoller poller, Pool pool) {
    this.origin = origin;
    this.poller = poller;
    this.pool = pool;
    secured = poller.loop().createFuture();
    plainHeaders =
        new ReadOnlyHttpHeaders(
            false,
            HttpHeaderNames.HOST,
            origin.authority(),
            HttpHeaderNames.ACCEPT,
            "*/*",
            HttpHeaderNames.USER_AGENT,
            USER_AGENT);
  }

  Origin origin() {
    return origin;
  }

  /** Whether it may carry another exchange. */
  boolean usable() {
    return usable && current == null && channel != null && channel.isActive();
  }

  /** Whether it has carried an exchange before the present one. */
  boolean reused() {
    return reused;
  }

  /** Done when TLS is established, or has failed. */
  Future<@Nullable Void> secured() {
    return secured;
  }

  // ---- tasks

  /**
   * Sends a request and waits for its outcome.
   *
   * <p>Cancellation: the connection becomes unusable, unless nothing has been sent.
   *
   * @throws IllegalArgumentException if the method is none that HTTP permits
   */
  @Suspends
  <T> T exchange(Exchange exchange, Future<T> outcome) {
    DefaultFullHttpRequest message = encode(exchange);
    current = exchange;
    Handle sending = poller.loop().callSoon(() -> send(exchange, message));
    try {
      return outcome.await();
    } finally {
      if (!exchange.sent()) {
        sending.cancel();
        current = null;
      } else if (!outcome.done() || outcome.cancelled()) {
        discard();
      }
    }
  }

  private DefaultFullHttpRequest encode(Exchange exchange) {
    HttpRequest request = exchange.request();
    byte[] body = request.body();
    return new DefaultFullHttpRequest(
        HttpVersion.HTTP_1_1,
        HttpMethod.valueOf(request.method()),
        exchange.url().target(),
        body == null ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body),
        headers(request, body),
        EmptyHttpHeaders.INSTANCE);
  }

  private HttpHeaders headers(HttpRequest request, byte @Nullable [] body) {
    HttpHeaders own = request.headers().fields();
    if (own.isEmpty() && body == null) {
      return plainHeaders;
    }
    HttpHeaders all = own.copy();
    for (var field : plainHeaders) {
      if (!all.contains(field.getKey())) {
        all.set(field.getKey(), field.getValue());
      }
    }
    if (body != null) {
      all.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    }
    return all;
  }

  /** Lets the exchange go and closes the connection. Idempotent. */
  void discard() {
    current = null;
    usable = false;
    if (channel != null) {
      poller.close(channel);
    }
  }

  /** Fails the exchange, if there is one, and closes the connection. */
  void abort(HttpException error) {
    Exchange exchange = current;
    discard();
    if (exchange != null) {
      exchange.onError(error);
    }
  }

  /** Reads on after a reader who was slow has caught up. */
  void resumeReading() {
    Channel open = channel;
    if (open != null && !open.config().isAutoRead()) {
      poller.post(() -> open.config().setAutoRead(true));
    }
  }

  // ---- the loop's thread

  private void send(Exchange exchange, DefaultFullHttpRequest message) {
    if (exchange != current) {
      return; // it failed in the meantime
    }
    exchange.markSent();
    Channel open = Objects.requireNonNull(channel);
    var _ = open.writeAndFlush(message, open.voidPromise());
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      Exchange exchange = current;
      if (exchange == null) {
        discard(); // nobody asked for this: the next response could not be told from it
        return;
      }
      received(exchange, message);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void received(Exchange exchange, Object message) {
    DecoderResult decoded = ((io.netty.handler.codec.http.HttpObject) message).decoderResult();
    if (decoded.isFailure()) {
      abort(
          new HttpException.ProtocolError(
              "expected an HTTP/1.1 response, "
                  + origin
                  + " sent something else ("
                  + decoded.cause().getMessage()
                  + "): "
                  + exchange,
              decoded.cause()));
      return;
    }
    try {
      if (message instanceof io.netty.handler.codec.http.HttpResponse head) {
        receivedHead(exchange, head);
      }
      if (message instanceof HttpContent content && !informational) {
        exchange.onChunk(content.content());
        pauseIfFull(exchange);
      }
      if (message instanceof LastHttpContent) {
        receivedEnd(exchange);
      }
    } catch (HttpException e) {
      abort(e);
    }
  }

  private void receivedHead(Exchange exchange, io.netty.handler.codec.http.HttpResponse head) {
    exchange.markAnswered();
    int status = head.status().code();
    informational = head.status().codeClass() == HttpStatusClass.INFORMATIONAL && status != 101;
    if (informational) {
      return;
    }
    keepAlive = HttpUtil.isKeepAlive(head);
    announced = HttpUtil.getContentLength(head, -1L);
    exchange.onHead(status, new Headers(head.headers()), announced);
  }

  private void receivedEnd(Exchange exchange) {
    if (informational) {
      informational = false;
      return;
    }
    current = null;
    reused = true;
    usable = usable && keepAlive;
    Objects.requireNonNull(channel).config().setAutoRead(true); // in case its reader was slow
    exchange.onEnd();
  }

  private void pauseIfFull(Exchange exchange) {
    if (exchange instanceof StreamedResponse stream && stream.full()) {
      Objects.requireNonNull(channel).config().setAutoRead(false);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake && !secured.done()) {
      if (handshake.isSuccess()) {
        secured.setResult(null);
      } else {
        secured.setException(handshake.cause());
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    ended(null);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    ended(cause);
  }

  private void ended(@Nullable Throwable cause) {
    Exchange exchange = current;
    current = null;
    usable = false;
    if (exchange != null) {
      exchange.onError(new HttpException.Disconnected(describeEnd(exchange), cause));
    }
    if (origin.secure() && !secured.done()) {
      secured.setException(new ClosedChannelException());
    }
    var _ = Objects.requireNonNull(channel).close();
    pool.ended(this);
  }

  private String describeEnd(Exchange exchange) {
    if (!exchange.answered()) {
      return "expected a response, " + origin + " closed the connection: " + exchange;
    }
    String expected = announced >= 0 ? announced + " bytes" : "a body with an end";
    return "expected "
        + expected
        + ", "
        + origin
        + " closed the connection after "
        + exchange.received()
        + " bytes: "
        + exchange;
  }

  @Override
  public String toString() {
    return "ClientConnection[" + origin + ", " + (current == null ? "idle" : current) + "]";
  }
}
