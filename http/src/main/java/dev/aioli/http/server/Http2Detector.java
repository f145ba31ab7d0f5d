package dev.aioli.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.List;

/**
 * Looks at the first bytes of a connection of the server: those of HTTP/2 are such as no HTTP/1.1
 * client sends (RFC 9113, 3.4). With TLS the client has been told before that it may send them.
 */
final class Http2Detector extends ByteToMessageDecoder {
  /** {@code PRI} is no method of HTTP/1.1 (RFC 9113, 11.6), but POST, PUT and PROPFIND are. */
  private static final int HTTP2_ONLY_BYTES = 3;

  private final ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
  private final Runnable speakHttp2;

  /**
   * A detector, before the handlers of HTTP/1.1.
   *
   * @param speakHttp2 puts those of HTTP/2 in their place
   */
  Http2Detector(Runnable speakHttp2) {
    this.speakHttp2 = speakHttp2;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    int length = Math.min(in.readableBytes(), preface.readableBytes());
    boolean same = in.slice(in.readerIndex(), length).equals(preface.slice(0, length));
    if (same && length < preface.readableBytes()) {
      return; // nobody can tell yet
    }
    if (same) {
      speakHttp2.run();
    }
    context.pipeline().remove(this); // the bytes go on to whoever is next now
  }

  /** Whether something has come that is neither: as much as a method of HTTP/1.1 may begin with. */
  boolean undecided() {
    int bytes = internalBuffer().readableBytes();
    return bytes > 0 && bytes < HTTP2_ONLY_BYTES;
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) {
    preface.release();
  }
}
