package dev.aioli.http.client;

import dev.aioli.Future;
import dev.aioli.http.wire.Origin;
import dev.aioli.net.NettyPoller;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.proxy.ProxyConnectionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the client that is being made. The last handler of its pipeline while a proxy and
 * TLS have their say; then the connection, of the kind that both sides have agreed on, takes its
 * place.
 */
final class Opening extends ChannelInboundHandlerAdapter {
  private static final int MAX_CHUNK_BYTES = 64 * 1024;
  private static final String HTTP_2 = "h2";
  private static final String HTTP_1 = "http/1.1";

  private final Origin origin;
  private final Proxy.@Nullable Server proxy;
  private final NettyPoller poller;
  private final Pool pool;
  private final HttpClientBuilder settings;
  private final Future<ClientConnection> ready;
  private @Nullable Channel channel;

  Opening(Origin origin, NettyPoller poller, Pool pool, HttpClientBuilder settings) {
    this.origin = origin;
    this.poller = poller;
    this.pool = pool;
    this.settings = settings;
    proxy = settings.proxy.forOrigin(origin);
    ready = poller.loop().createFuture();
  }

  Origin origin() {
    return origin;
  }

  /** Through which it is made; null if it is made directly. */
  Proxy.@Nullable Server proxy() {
    return proxy;
  }

  /** Whether a proxy passes bytes on, else it reads the requests. */
  boolean tunnels() {
    return proxy != null && (proxy.socks() || origin.secure());
  }

  /** What is offered in the TLS handshake; empty if there is nothing to choose. */
  String[] protocols() {
    return settings.http2 == Http2.OFF ? new String[0] : new String[] {HTTP_2, HTTP_1};
  }

  /** Whether the connection may turn out to be one that requests share. */
  boolean maySpeakHttp2() {
    return origin.secure() ? settings.http2 != Http2.OFF : speaksHttp2AtOnce();
  }

  private boolean speaksHttp2AtOnce() {
    return settings.http2 == Http2.PRIOR_KNOWLEDGE && (proxy == null || proxy.socks());
  }

  /** The connection, once it can be used. */
  Future<ClientConnection> ready() {
    return ready;
  }

  /** Gives it up: nobody waits for it any more. Does not suspend. */
  void abandon() {
    if (!ready.done()) {
      ready.cancel();
    }
    close();
  }

  /** Closes the socket, so that it fails. Does not suspend. */
  void close() {
    if (channel != null) {
      poller.close(channel);
    }
  }

  // ---- the loop's thread

  /** Completes the pipeline of a new channel, in which proxy and TLS are. */
  void begin(Channel newChannel) {
    channel = newChannel;
    if (origin.secure() || tunnels()) {
      newChannel.pipeline().addLast(this);
    } else {
      speak(newChannel.pipeline(), speaksHttp2AtOnce());
    }
  }

  private void speak(ChannelPipeline pipeline, boolean http2) {
    if (http2) {
      pipeline.addLast(new Http2Connection(origin, poller, pool, settings, ready).codec());
    } else {
      Http1Connection connection = new Http1Connection(origin, proxy, poller, pool, settings);
      pipeline.addLast(connection.decoder(decoding()), new HttpRequestEncoder(), connection);
      if (!ready.done()) {
        ready.setResult(connection);
      }
    }
  }

  private HttpDecoderConfig decoding() {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(settings.maxHeaderBytes)
        .setMaxHeaderSize(settings.maxHeaderBytes)
        .setMaxChunkSize(MAX_CHUNK_BYTES);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    ChannelPipeline pipeline = context.pipeline();
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        String chosen = pipeline.get(SslHandler.class).engine().getApplicationProtocol();
        speak(pipeline, HTTP_2.equals(chosen));
        pipeline.remove(this);
      } else {
        fail(handshake.cause());
      }
    } else if (event instanceof ProxyConnectionEvent && !origin.secure()) {
      speak(pipeline, speaksHttp2AtOnce());
      pipeline.remove(this);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail(new ClosedChannelException());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(cause);
    var _ = context.close();
  }

  private void fail(Throwable cause) {
    if (!ready.done()) {
      ready.setException(cause);
    }
  }

  @Override
  public String toString() {
    return origin + (proxy == null ? "" : " through " + proxy);
  }
}
