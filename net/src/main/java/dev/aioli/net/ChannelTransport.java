package dev.aioli.net;

import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A connection as a reader and a writer: the last handler in the pipeline of its channel. What
 * asyncio has {@code StreamReaderProtocol} and a transport for.
 *
 * <p>The methods of {@link StreamTransport} are called by tasks and touch the channel through the
 * loop's thread only; those of the handler are on it.
 */
final class ChannelTransport extends ChannelInboundHandlerAdapter implements StreamTransport {
  /** What a server is told about its connections. */
  interface Listener {
    /** The connection can be used: TLS has shaken hands. */
    void connected(ChannelTransport transport);

    /** The connection is closed. */
    void lost(ChannelTransport transport);
  }

  private final NettyPoller poller;
  private final EventLoop loop;
  private final StreamReader reader;
  private final StreamWriter writer;
  private final WriteFlow flow;
  private final Outbound outbound;
  private final @Nullable Listener listener;
  private final @Nullable TlsOptions tls;
  private final @Nullable Throwable source;

  private @Nullable Channel channel;
  private @Nullable SslHandler ssl;

  /** Done when TLS has shaken hands: what a client waits for. Null if nobody will. */
  private @Nullable Future<@Nullable Void> secured;

  private boolean connected;
  private boolean ended;
  private boolean eofRequested;
  private boolean closing;
  private @Nullable IOException failure;

  /** A transport that is not connected yet; a server's has a listener. */
  ChannelTransport(
      NettyPoller poller, int limit, @Nullable TlsOptions tls, @Nullable Listener listener) {
    this.poller = poller;
    this.tls = tls;
    this.listener = listener;
    loop = poller.loop();
    reader = new StreamReader(loop, limit);
    reader.setTransport(this);
    writer = new StreamWriter(loop, this, reader);
    flow = new WriteFlow(loop);
    outbound = new Outbound(poller, flow, this);
    source = loop.isDebug() ? new Throwable("opened here") : null;
    if (tls != null && listener == null) {
      secured = loop.createFuture();
    }
  }

  StreamReader reader() {
    return reader;
  }

  StreamWriter writer() {
    return writer;
  }

  Channel channel() {
    return Objects.requireNonNull(channel, "not connected");
  }

  // ---- the way in, on the loop's thread

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    if (tls != null) {
      addTls(tls);
    }
  }

  private void addTls(TlsOptions options) {
    ssl = listener == null ? Tls.client(options, channel()) : Tls.server(options);
    channel().pipeline().addFirst(ssl);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (tls == null) {
      connected();
    }
  }

  private void connected() {
    if (!connected) {
      connected = true;
      if (listener != null) {
        listener.connected(this);
      }
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      if (!closing) {
        reader.feed(bytes);
      }
    } finally {
      bytes.release();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      handshaken(handshake.isSuccess() ? null : handshake.cause());
    } else if (event == ChannelInputShutdownEvent.INSTANCE) {
      ended = true;
      reader.feedEof();
      if (ssl != null && ssl.handshakeFuture().isDone()) {
        close(); // TLS has no half-closed connections
      } else if (ssl != null) {
        // A good-bye in the middle of the handshake would wait for its time limit.
        var _ = closeNow();
      }
    }
  }

  private void handshaken(@Nullable Throwable cause) {
    Future<@Nullable Void> waiting = secured;
    if (cause != null) {
      failed(cause);
    } else {
      connected();
    }
    if (waiting != null && !waiting.done()) {
      if (cause == null) {
        waiting.setResult(null);
      } else {
        waiting.setException(Tls.handshakeFailure(cause));
        var _ = waiting.exception(); // whoever connects may have failed before he waits for it
      }
    } else if (cause != null && loop.isDebug()) {
      StreamErrors.report(loop, "TLS handshake failed on " + this, cause, source);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    failed(cause);
  }

  /** The connection is of no use any more. */
  void failed(Throwable cause) {
    if (failure == null && !flow.isLost()) {
      boolean tellsNothing = cause instanceof ClosedChannelException;
      if (!tellsNothing) {
        failure = asIOException(cause);
      } else if (!closing) {
        failure = new SocketException("Connection lost");
      }
    }
    closing = true;
    var _ = channel().close();
  }

  private static IOException asIOException(Throwable cause) {
    Throwable root =
        cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
    return root instanceof IOException e ? e : new IOException(root);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    lost();
  }

  /** For a connection that was closed before it became active. */
  @Override
  public void channelUnregistered(ChannelHandlerContext context) {
    lost();
  }

  private void lost() {
    if (flow.isLost()) {
      return;
    }
    if (!closing && loop.isClosed()) {
      reportUnclosed();
    }
    if (!closing && failure == null && !outbound.isEmpty()) {
      failure = new SocketException("Connection lost");
    }
    closing = true;
    outbound.clear();
    if (failure == null) {
      reader.feedEof();
    } else {
      reader.setException(failure);
    }
    flow.lost(failure);
    if (listener != null) {
      listener.lost(this);
    }
  }

  private void reportUnclosed() {
    if (loop.isDebug()) {
      StreamErrors.report(loop, "unclosed " + writer + ": close it", null, source);
    }
  }

  /** Everything was given to the system; from {@link Outbound}. */
  void allSent() {
    if (closing) {
      closed(channel().close());
    } else if (eofRequested) {
      var _ = ((DuplexChannel) channel()).shutdownOutput();
    }
  }

  // ---- StreamTransport, for tasks

  @Override
  public void pauseReading() {
    channel().config().setAutoRead(false); // the reader is fed on the loop's thread
  }

  @Override
  public void resumeReading() {
    poller.post(() -> {
      if (!closing && !ended) { // after the end Netty's epoll fails to resume
        channel().config().setAutoRead(!reader.isPaused());
      }
    });
  }

  @Override
  public void write(byte[] bytes) {
    if (eofRequested) {
      throw new IllegalStateException("Cannot call write() after writeEof()");
    }
    if (!closing) {
      outbound.write(bytes);
    }
  }

  @Override
  public void writeEof() {
    if (!eofRequested && !closing) {
      eofRequested = true;
      outbound.schedule();
    }
  }

  @Override
  public boolean canWriteEof() {
    return ssl == null;
  }

  @Override
  public void close() {
    if (!closing) {
      closing = true;
      outbound.schedule();
    }
  }

  @Override
  public void abort() {
    closing = true;
    outbound.clear();
    poller.post(() -> closed(closeNow()));
  }

  /** We have closed it, so there is no word of the channel's to wait for: that comes later. */
  private void closed(ChannelFuture closing) {
    closing.addListener(ignored -> lost());
  }

  private ChannelFuture closeNow() {
    SslHandler present = ssl;
    ChannelHandlerContext below = present == null ? null : channel().pipeline().context(present);
    return below == null ? channel().close() : below.close(); // TLS would say good-bye first
  }

  @Override
  public boolean isClosing() {
    return closing;
  }

  @Override
  public WriteFlow flow() {
    return flow;
  }

  @Override
  @Suspends
  public void startTls(TlsOptions options) throws IOException {
    checkNoTls();
    if (closing) {
      throw new SocketException("Connection lost");
    }
    flow.waitSent(); // what was written in clear text is sent so
    checkNoTls();
    secured = loop.createFuture();
    poller.post(() -> turnToTls(options));
    awaitSecured();
  }

  private void checkNoTls() {
    if (ssl != null || secured != null) {
      throw new IllegalStateException(this + " is TLS already");
    }
  }

  /**
   * From here on only TLS is read. What has come and nobody has read may be the peer's handshake,
   * so TLS gets it; if it is anything else the handshake fails. Left in the reader it would pass
   * for something that came by TLS, whoever sent it.
   */
  private void turnToTls(TlsOptions options) {
    if (ended || !channel().isActive()) {
      handshaken(new ClosedChannelException());
      return;
    }
    addTls(options);
    byte[] early = reader.handOver();
    if (early.length > 0) {
      channel().pipeline().fireChannelRead(Unpooled.wrappedBuffer(early)).fireChannelReadComplete();
    }
  }

  /** Waits until TLS has shaken hands, if there is TLS. */
  @Suspends
  void awaitSecured() throws IOException {
    Future<@Nullable Void> waiting = secured;
    if (waiting == null) {
      return;
    }
    boolean done = false;
    try {
      Opening.await(waiting);
      done = true;
    } finally {
      secured = null;
      if (!done) {
        abort();
      }
    }
  }

  @Override
  public @Nullable SocketAddress peername() {
    return channel == null ? null : Addresses.ofJdk(channel.remoteAddress());
  }

  @Override
  public @Nullable SocketAddress sockname() {
    return channel == null ? null : Addresses.ofJdk(channel.localAddress());
  }

  @Override
  public @Nullable SSLSession sslSession() {
    return ssl == null ? null : ssl.engine().getSession();
  }

  @Override
  public String toString() {
    return sockname()
        + (listener == null ? " -> " : " <- ")
        + peername()
        + (flow.isLost() ? ", closed" : closing ? ", closing" : "");
  }
}
