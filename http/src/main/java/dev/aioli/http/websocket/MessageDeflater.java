package dev.aioli.http.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageEncoder;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtension;
import java.util.List;
import java.util.zip.Deflater;

/** Compresses messages, each of which is one frame here (RFC 7692, 7.2.1). */
final class MessageDeflater extends MessageToMessageEncoder<WebSocketFrame> {
  private static final int LEVEL = 6;
  private static final int BUFFER_BYTES = 8 * 1024;

  /** What a flush ends with, and a message without. */
  private static final int TAIL_BYTES = 4;

  private final Deflater deflater = new Deflater(LEVEL, true);
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final int pieceBytes;
  private final int flush;

  /**
   * A deflater.
   *
   * @param windowBits how far back it may refer; the JDK's deflater knows nothing but {@link
   *     PerMessageDeflate#MAX_WINDOW_BITS}. For less it forgets everything after pieces that fit.
   * @param forgets whether it must not refer to earlier messages
   */
  MessageDeflater(int windowBits, boolean forgets) {
    super(WebSocketFrame.class);
    boolean small = windowBits < PerMessageDeflate.MAX_WINDOW_BITS;
    pieceBytes = small ? 1 << windowBits : Integer.MAX_VALUE;
    flush = small || forgets ? Deflater.FULL_FLUSH : Deflater.SYNC_FLUSH;
  }

  @Override
  public boolean acceptOutboundMessage(Object message) {
    return message instanceof TextWebSocketFrame || message instanceof BinaryWebSocketFrame;
  }

  @Override
  protected void encode(ChannelHandlerContext context, WebSocketFrame frame, List<Object> out) {
    ByteBuf compressed = context.alloc().buffer(frame.content().readableBytes() / 2 + 64);
    try {
      deflate(frame.content(), compressed);
    } catch (RuntimeException | Error e) {
      compressed.release();
      throw e;
    }
    int rsv = frame.rsv() | WebSocketExtension.RSV1;
    out.add(
        frame instanceof TextWebSocketFrame
            ? new TextWebSocketFrame(true, rsv, compressed)
            : new BinaryWebSocketFrame(true, rsv, compressed));
  }

  private void deflate(ByteBuf in, ByteBuf out) {
    if (!in.isReadable()) {
      out.writeByte(0); // an empty block (RFC 7692, 7.2.3.6)
      return;
    }
    while (in.isReadable()) {
      int piece = Math.min(pieceBytes, in.readableBytes());
      deflater.setInput(in.nioBuffer(in.readerIndex(), piece));
      int written;
      do {
        written = deflater.deflate(buffer, 0, buffer.length, flush);
        out.writeBytes(buffer, 0, written);
      } while (written == buffer.length);
      in.skipBytes(piece);
    }
    out.writerIndex(out.writerIndex() - TAIL_BYTES);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    deflater.end();
  }
}
