package dev.aioli.http.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.MessageToMessageDecoder;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtension;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses messages, frame by frame (RFC 7692, 7.2.2).
 *
 * <p>A sender may end the stream of deflate in a message (a final block; 7.2.3.4). What follows is
 * a new stream that may refer to what was before it, so the last 32 KiB are kept. Netty's own
 * decoder understands nothing that follows.
 */
final class MessageInflater extends MessageToMessageDecoder<WebSocketFrame> {
  private static final int WINDOW_BYTES = 1 << PerMessageDeflate.MAX_WINDOW_BITS;
  private static final int BUFFER_BYTES = 8 * 1024;

  /** A stream is ended once a message; each time costs us a window, and the sender two bytes. */
  private static final int MAX_ENDS = 100;

  /** What a sender cuts off a message. */
  private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

  private final Inflater inflater = new Inflater(true);
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final int maxBytes;

  // The end of what has been decompressed: a ring.
  private byte[] window = {};
  private int windowAt;
  private boolean windowFull;

  // Of the message that is arriving.
  private boolean inMessage;
  private long messageBytes;
  private int ends;

  /** A message is larger than it may be. */
  static final class TooLargeException extends DecoderException {
    TooLargeException(int maxBytes) {
      super("expected a message of at most " + maxBytes + " bytes");
    }
  }

  /**
   * An inflater.
   *
   * @param maxBytes the largest message
   */
  MessageInflater(int maxBytes) {
    super(WebSocketFrame.class);
    this.maxBytes = maxBytes;
  }

  @Override
  public boolean acceptInboundMessage(Object message) {
    return switch (message) {
      case TextWebSocketFrame text -> (text.rsv() & WebSocketExtension.RSV1) != 0;
      case BinaryWebSocketFrame binary -> (binary.rsv() & WebSocketExtension.RSV1) != 0;
      case ContinuationWebSocketFrame more -> inMessage;
      default -> false;
    };
  }

  @Override
  protected void decode(ChannelHandlerContext context, WebSocketFrame frame, List<Object> out)
      throws DataFormatException {
    boolean continues = frame instanceof ContinuationWebSocketFrame;
    boolean last = frame.isFinalFragment();
    if (!continues) {
      messageBytes = 0;
      ends = 0;
    }
    inMessage = !last;
    ByteBuf content = context.alloc().buffer();
    try {
      ByteBuf compressed = frame.content();
      inflate(compressed.nioBuffer(), content);
      if (last && !inflater.finished()) {
        inflate(ByteBuffer.wrap(TAIL), content);
      }
    } catch (DataFormatException | RuntimeException | Error e) {
      content.release();
      throw e;
    }
    out.add(plain(frame, continues, content));
  }

  private static WebSocketFrame plain(WebSocketFrame frame, boolean continues, ByteBuf content) {
    boolean last = frame.isFinalFragment();
    int rsv = continues ? frame.rsv() : frame.rsv() & ~WebSocketExtension.RSV1;
    return switch (frame) {
      case TextWebSocketFrame text -> new TextWebSocketFrame(last, rsv, content);
      case BinaryWebSocketFrame binary -> new BinaryWebSocketFrame(last, rsv, content);
      default -> new ContinuationWebSocketFrame(last, rsv, content);
    };
  }

  private void inflate(ByteBuffer in, ByteBuf out) throws DataFormatException {
    inflater.setInput(in);
    while (true) {
      if (inflater.finished()) {
        if (!in.hasRemaining()) {
          return; // whatever comes next begins anew
        }
        beginAnew(in);
      }
      int size = inflater.inflate(buffer);
      if (size > 0) {
        messageBytes += size;
        if (messageBytes > maxBytes) {
          throw new TooLargeException(maxBytes);
        }
        out.writeBytes(buffer, 0, size);
        remember(size);
      } else if (!inflater.finished()) {
        if (inflater.needsDictionary()) {
          throw new DataFormatException("expected no dictionary");
        }
        return; // all is consumed
      }
    }
  }

  private void beginAnew(ByteBuffer in) throws DataFormatException {
    if (++ends > MAX_ENDS) {
      throw new DataFormatException("expected at most " + MAX_ENDS + " final blocks in a message");
    }
    inflater.reset();
    if (windowFull) {
      byte[] all = new byte[WINDOW_BYTES];
      System.arraycopy(window, windowAt, all, 0, WINDOW_BYTES - windowAt);
      System.arraycopy(window, 0, all, WINDOW_BYTES - windowAt, windowAt);
      inflater.setDictionary(all);
    } else if (windowAt > 0) {
      inflater.setDictionary(window, 0, windowAt);
    }
    inflater.setInput(in);
  }

  private void remember(int size) {
    if (window.length == 0) {
      window = new byte[WINDOW_BYTES];
    }
    int first = Math.min(size, WINDOW_BYTES - windowAt);
    System.arraycopy(buffer, 0, window, windowAt, first);
    System.arraycopy(buffer, first, window, 0, size - first);
    windowFull |= windowAt + size >= WINDOW_BYTES;
    windowAt = (windowAt + size) % WINDOW_BYTES;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    inflater.end();
  }
}
