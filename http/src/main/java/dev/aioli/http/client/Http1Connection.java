package dev.aioli.http.client;

import dev.aioli.Future;
import dev.aioli.Handle;
import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import dev.aioli.http.wire.Callbacks;
import dev.aioli.http.wire.Origin;
import dev.aioli.net.NettyPoller;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection of the client, and the last handler of its pipeline. Carries one exchange
 * at a time.
 */
final class Http1Connection extends ChannelInboundHandlerAdapter
    implements ClientConnection, SilenceWatch.Watched {
  /*
   * Everything here is touched in the loop's turn: by tasks, which reserve the connection and wait, and
   * by the loop's thread, which alone calls Netty.
   *
   *   idle       current == null, usable()
   *   busy       current != null
   *   finished   current == null, !usable(): the owner of the lease closes it
   *
   * A response that ends gives the connection back by itself, if the request has been sent in full;
   * whatever else ends an exchange makes the connection unusable first.
   */
  private final Origin origin;
  private final Proxy.@Nullable Server proxy;
  private final NettyPoller poller;
  private final Pool pool;
  private final Http1Head heads;
  private final SilenceWatch silence;
  private final Http1Response response;

  private @Nullable Channel channel;
  private @Nullable Http1Decoder decoder;

  /** Where bytes are written, which the encoder does not see. */
  private @Nullable ChannelHandlerContext beforeEncoder;

  private @Nullable Exchange current;
  private boolean usable = true;
  private boolean reused;
  private long idleSinceNanos;

  Http1Connection(
      Origin origin,
      Proxy.@Nullable Server proxy,
      NettyPoller poller,
      Pool pool,
      HttpClientBuilder settings) {
    this.origin = origin;
    this.proxy = proxy;
    this.poller = poller;
    this.pool = pool;
    heads = new Http1Head(origin, proxy, settings, pool.headBytes());
    silence = new SilenceWatch(this, pool);
    response = new Http1Response(origin);
  }

  @Override
  public Origin origin() {
    return origin;
  }

  @Override
  public boolean usable() {
    return usable && current == null && channel != null && channel.isActive() && !leftover();
  }

  /** Bytes that nobody asked for: the next response could not be told from them. */
  private boolean leftover() {
    return decoder != null && decoder.leftover();
  }

  @Override
  public boolean reused() {
    return reused;
  }

  @Override
  public long idleSinceNanos() {
    return idleSinceNanos;
  }

  @Override
  public void markIdle(long nowNanos) {
    idleSinceNanos = nowNanos;
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public boolean idle() {
    return current == null;
  }

  /** What its pipeline begins with. */
  Http1Decoder decoder(int maxHeaderBytes) {
    decoder = new Http1Decoder(maxHeaderBytes, this);
    return decoder;
  }

  /** The exchange that is under way; null if there is none. */
  @Override
  public @Nullable Exchange current() {
    return current;
  }

  /** Whoever reads the requests does not understand plain HTTP, and says so in TLS. */
  HttpException speaksTls() {
    boolean byProxy = proxy != null && !proxy.socks();
    return new HttpException.ProtocolError(
        "expected an HTTP/1.1 response, "
            + (byProxy
                ? proxy + " speaks TLS; use https:// for the proxy: "
                : origin + " speaks TLS; use https://: ")
            + current,
        null);
  }

  @Override
  public void silent(HttpException.TimedOut error) {
    close(error);
  }

  // ---- tasks

  @Override
  @Suspends
  public <T> T exchange(Exchange exchange, Future<T> outcome) {
    byte[] end = heads.end(exchange);
    HttpRequest message = end == null ? heads.message(exchange) : null;
    current = exchange;
    Handle sending = poller.loop().callSoon(guarded(() -> send(exchange, end, message)));
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

  @Override
  public void writeBody(Exchange exchange, byte[] bytes) {
    post(() -> {
      Upload upload = exchange.upload();
      if (exchange == current && upload != null && channel != null) {
        var content = new DefaultHttpContent(Unpooled.wrappedBuffer(bytes));
        channel
            .writeAndFlush(content)
            .addListener(written -> {
              if (written.isSuccess()) {
                upload.sink().sent(bytes.length);
              } else {
                upload.sink().fail(response.disconnected(exchange, written.cause()));
              }
            });
      } else if (upload != null) {
        upload.sink().fail(response.disconnected(exchange, null));
      }
    });
  }

  @Override
  public void endBody(Exchange exchange) {
    post(() -> {
      if (exchange == current && channel != null) {
        var _ = channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        if (!exchange.answered()) {
          silence.awaitResponse();
        }
      }
    });
  }

  @Override
  public void resumeReading(Exchange exchange) {
    Channel open = channel;
    if (open != null && exchange == current && !open.config().isAutoRead()) {
      post(() -> {
        if (exchange == current) {
          silence.awaitBody();
        }
        open.config().setAutoRead(true);
      });
    }
  }

  @Override
  public void discard() {
    Exchange exchange = current;
    current = null;
    usable = false;
    silence.stop();
    if (exchange != null && exchange.upload() != null) {
      exchange.upload().sink().fail(response.disconnected(exchange, null));
    }
    if (channel != null) {
      poller.close(channel);
    }
  }

  @Override
  public void leave(Exchange exchange) {
    if (exchange == current) {
      discard();
    }
  }

  @Override
  public void abort(Exchange exchange, HttpException error) {
    if (exchange == current) {
      close(error);
    }
  }

  @Override
  public void close(HttpException error) {
    Exchange exchange = current;
    discard();
    if (exchange != null) {
      exchange.onError(error);
    }
  }

  private void post(Runnable operation) {
    poller.post(guarded(operation));
  }

  /** The failure of what is done on the loop's thread ends the exchange, which waits for it. */
  private Runnable guarded(Runnable operation) {
    return () -> Callbacks.run(poller.loop(), this, operation, this::ended);
  }

  // ---- the loop's thread

  /** Sends a request: what is plain, which has an end, or else a message. */
  private void send(Exchange exchange, byte @Nullable [] end, @Nullable HttpRequest message) {
    if (exchange != current) {
      return; // it failed in the meantime
    }
    exchange.markSent();
    Channel open = Objects.requireNonNull(channel);
    if (end != null) {
      ByteBuf plain = heads.plain(exchange, end, open.alloc());
      var _ = Objects.requireNonNull(beforeEncoder).writeAndFlush(plain, open.voidPromise());
    } else {
      var _ = open.writeAndFlush(Objects.requireNonNull(message), open.voidPromise());
    }
    Upload upload = exchange.upload();
    if (upload == null) {
      silence.awaitResponse();
    } else {
      upload.headSent();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
    beforeEncoder = context.pipeline().context(HttpRequestEncoder.class);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      Exchange exchange = current;
      if (exchange == null) {
        discard(); // nobody asked for this
        return;
      }
      received(exchange, (HttpObject) message);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void received(Exchange exchange, HttpObject message) {
    DecoderResult decoded = message.decoderResult();
    if (decoded.isFailure()) {
      close(response.malformed(exchange, decoded.cause()));
      return;
    }
    try {
      if (message instanceof HttpResponse head) {
        receivedHead(exchange, head);
      }
      if (message instanceof HttpContent content && !response.informational()) {
        receivedContent(exchange, content);
      }
      if (message instanceof LastHttpContent) {
        receivedEnd(exchange);
      }
    } catch (HttpException e) {
      if (current == null) {
        current = exchange; // its end failed
      }
      close(e);
    }
  }

  private void receivedHead(Exchange exchange, HttpResponse head) {
    if (response.head(exchange, head)) {
      silence.awaitBody();
      exchange.endsWithConnection(response.endsWithConnection());
      exchange.onHead(
          head.status().code(), Headers.NETTY.headers(head.headers()), response.announced());
    }
  }

  private void receivedContent(Exchange exchange, HttpContent content) {
    exchange.onChunk(content.content());
    if (content instanceof LastHttpContent) {
      return;
    }
    if (exchange.full()) {
      silence.stop(); // it is not the server who keeps us waiting
      Objects.requireNonNull(channel).config().setAutoRead(false);
    } else {
      silence.awaitBody();
    }
  }

  private void receivedEnd(Exchange exchange) {
    if (!response.end()) {
      return;
    }
    silence.stop();
    current = null;
    reused = true;
    // A server that answers before it has the body may not want the rest: nobody can tell then
    // where the next request begins.
    usable =
        usable
            && response.keepAlive()
            && decoder != null
            && decoder.trustworthy()
            && exchange.requestComplete()
            && !leftover()
            && !heads.asksToClose(exchange);
    Objects.requireNonNull(channel).config().setAutoRead(true); // in case its reader was slow
    exchange.onEnd();
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
    silence.stop();
    if (exchange != null) {
      boolean cutOff = decoder != null && decoder.cutOff();
      HttpException error =
          cause != null && Causes.unwrapped(cause) instanceof HttpException known
              ? known
              : response.disconnected(exchange, cutOff, cause);
      if (exchange.upload() != null) {
        exchange.upload().sink().fail(error);
      }
      exchange.onError(error);
    }
    var _ = Objects.requireNonNull(channel).close();
    pool.ended(this);
  }

  @Override
  public String toString() {
    return "Http1Connection[" + origin + ", " + (current == null ? "idle" : current) + "]";
  }
}
