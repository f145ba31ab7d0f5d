package dev.aioli.http.client;

import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.net.NettyPoller;
import dev.aioli.net.Sockets;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A server of HTTP/2 without TLS that plays a script, frame for frame, on the running loop: for
 * what servers seldom do.
 */
final class Http2Peer implements AutoCloseable {
  private final Script script;
  private final Http2Settings settings;
  private final List<Channel> channels = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private Channel listening;

  /** What is done when the head of a request has come. */
  interface Script {
    void play(Stream stream) throws Exception;
  }

  private Http2Peer(Http2Settings settings, Script script) {
    this.settings = settings;
    this.script = script;
  }

  @Suspends
  static Http2Peer start(Script script) throws IOException {
    return start(Http2Settings.defaultSettings(), script);
  }

  @Suspends
  static Http2Peer start(Http2Settings settings, Script script) throws IOException {
    Http2Peer peer = new Http2Peer(settings, script);
    peer.listening =
        Sockets.listen(
            "127.0.0.1",
            0,
            100,
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                peer.accept(channel);
              }
            });
    return peer;
  }

  private void accept(Channel channel) {
    int number = channels.size();
    channels.add(channel);
    channel
        .pipeline()
        .addLast(
            Http2FrameCodecBuilder.forServer()
                .initialSettings(settings)
                .validateHeaders(false)
                .gracefulShutdownTimeoutMillis(0)
                .build(),
            new Player(number));
  }

  /** One request, as the server sees it. */
  record Stream(
      int connection,
      ChannelHandlerContext context,
      Http2FrameStream stream,
      Http2HeadersFrame head) {
    /** The path that is asked for. */
    String path() {
      return head.headers().path().toString();
    }

    int id() {
      return stream.id();
    }

    /** Sends a head of status and further fields. */
    Stream head(int status, boolean last, String... fields) {
      var headers = new DefaultHttp2Headers(false).status(String.valueOf(status));
      for (int i = 0; i < fields.length; i += 2) {
        headers.add(fields[i], fields[i + 1]);
      }
      write(new DefaultHttp2HeadersFrame(headers, last).stream(stream));
      return this;
    }

    /** Ends the response with fields. */
    void trailers(String name, String value) {
      write(
          new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().add(name, value), true)
              .stream(stream));
    }

    Stream data(String text, boolean last) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes), last).stream(stream));
      return this;
    }

    /** Answers in full. */
    void answer(String text) {
      head(200, false).data(text, true);
    }

    void reset(Http2Error error) {
      write(new DefaultHttp2ResetFrame(error).stream(stream));
    }

    /** Says that streams above a number are not looked at. */
    void goAway(Http2Error error, int lastStream) {
      var frame = new DefaultHttp2GoAwayFrame(error);
      frame.setExtraStreamIds(
          Math.max(0, (lastStream - context.pipeline().get(Player.class).lastStream) / 2));
      write(frame);
    }

    /** Writes bytes past the codec. */
    void raw(byte[] bytes) {
      var _ = context.pipeline().firstContext().writeAndFlush(Unpooled.wrappedBuffer(bytes));
    }

    void write(Object frame) {
      var _ = context.writeAndFlush(frame);
    }

    void close() {
      var _ = context.pipeline().firstContext().close();
    }
  }

  private final class Player extends ChannelInboundHandlerAdapter {
    private final int number;
    private int lastStream;

    Player(int number) {
      this.number = number;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) throws Exception {
      try {
        if (frame instanceof Http2HeadersFrame head) {
          lastStream = Math.max(lastStream, head.stream().id());
          events.add("headers " + head.headers().path());
          script.play(new Stream(number, context, head.stream(), head));
        } else if (frame instanceof Http2ResetFrame reset) {
          events.add("reset " + Http2Error.valueOf(reset.errorCode()));
        } else if (frame instanceof Http2PingFrame ping && ping.ack()) {
          events.add("ping ack " + ping.content());
        } else if (frame instanceof Http2DataFrame data && data.isEndStream()) {
          events.add("end");
        }
      } finally {
        ReferenceCountUtil.release(frame);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      events.add("closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      events.add("failed " + cause.getMessage());
    }
  }

  String url() {
    return "http://127.0.0.1:" + ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /** How many connections there have been. */
  int connections() {
    return channels.size();
  }

  /** What has come so far: "headers" and the path, "reset" and the error, "end", "closed". */
  List<String> events() {
    return events;
  }

  @Override
  public void close() {
    NettyPoller poller = NettyPoller.of(EventLoop.getRunningLoop());
    poller.close(listening);
    channels.forEach(poller::close);
  }
}
