package dev.aioli.http.client;

import dev.aioli.http.wire.Origin;
import dev.aioli.net.NettyPoller;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.ssl.SslHandler;

/** A connection of the client that is being made, of the kind that both sides agree on. */
final class Opening extends SocketOpening<ClientConnection> {
  private static final String HTTP_2 = "h2";
  private static final String HTTP_1 = "http/1.1";

  private final NettyPoller poller;
  private final Pool pool;
  private final HttpClientBuilder settings;
  private final Http2 http2;

  /**
   * A connection that is to be made.
   *
   * @param http1Only whatever the settings say of HTTP/2
   */
  Opening(
      Origin origin, NettyPoller poller, Pool pool, HttpClientBuilder settings, boolean http1Only) {
    super(origin, poller, settings);
    this.poller = poller;
    this.pool = pool;
    this.settings = settings;
    http2 = http1Only ? Http2.OFF : settings.http2;
  }

  /** An HTTP proxy reads the requests for http URLs, as every one can. */
  @Override
  boolean tunnels() {
    Proxy.Server proxy = proxy();
    return proxy != null && (proxy.socks() || origin().secure());
  }

  @Override
  String[] protocols() {
    return http2 == Http2.OFF ? new String[0] : new String[] {HTTP_2, HTTP_1};
  }

  /** Whether the connection may turn out to be one that requests share. */
  boolean maySpeakHttp2() {
    return origin().secure() ? http2 != Http2.OFF : speaksHttp2AtOnce();
  }

  private boolean speaksHttp2AtOnce() {
    Proxy.Server proxy = proxy();
    return http2 == Http2.PRIOR_KNOWLEDGE && (proxy == null || proxy.socks());
  }

  // ---- the loop's thread

  @Override
  void begin(Channel newChannel) {
    // A server may answer and close before it has read the body: when the writing fails there
    // can still be something to read.
    newChannel.config().setOption(ChannelOption.AUTO_CLOSE, false);
    super.begin(newChannel);
    if (clear()) {
      giveWay(newChannel.pipeline()); // nothing is sent before there is a request
    }
  }

  @Override
  void speak(ChannelPipeline pipeline) {
    SslHandler tls = tls(pipeline);
    boolean agreed =
        tls == null ? speaksHttp2AtOnce() : HTTP_2.equals(tls.engine().getApplicationProtocol());
    if (agreed) {
      if (tls == null) {
        String expected = "a server that speaks HTTP/2, " + origin() + " speaks TLS; use https://";
        pipeline.addLast(new TlsAlertWatch(expected, this::fail));
      }
      pipeline.addLast(new Http2Connection(origin(), poller, pool, settings, ready()).codec());
    } else {
      Http1Connection connection = new Http1Connection(origin(), proxy(), poller, pool, settings);
      pipeline.addLast(
          connection.decoder(settings.maxHeaderBytes), new HttpRequestEncoder(), connection);
      if (!ready().done()) {
        ready().setResult(connection);
      }
    }
  }

  @Override
  public String toString() {
    return origin() + (proxy() == null ? "" : " through " + proxy());
  }
}
