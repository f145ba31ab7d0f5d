package dev.aioli.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2FrameTypes;

/**
 * Limits the time that a head may take: from the first byte of a HEADERS frame to the end of its
 * last CONTINUATION. Nothing else can come on the connection meanwhile, and Netty tells nothing of
 * it. Looks at the borders of frames as they pass by, before Netty's HTTP/2 in the pipeline.
 */
public final class Http2HeadWatch extends ChannelInboundHandlerAdapter {
  private static final int END_HEADERS = 4;

  private final Deadline deadline;
  private final long limitNanos;

  /** Still to come of the preface or of the payload of a frame. */
  private long skip;

  // The frame header that is arriving.
  private int headerBytes;
  private int length;
  private int type;

  private boolean headOpen;
  private boolean inHead;

  /**
   * A watch of a connection of which nothing has been seen, not even the preface.
   *
   * @param deadline what is set while a head arrives; this is all who uses it
   */
  public Http2HeadWatch(Deadline deadline, long limitNanos) {
    this.deadline = deadline;
    this.limitNanos = limitNanos;
    skip = Http2CodecUtil.connectionPrefaceBuf().readableBytes();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf bytes) {
      look(bytes);
    }
    context.fireChannelRead(message);
  }

  private void look(ByteBuf bytes) {
    int at = bytes.readerIndex();
    while (at < bytes.writerIndex()) {
      if (skip > 0) {
        int size = (int) Math.min(skip, bytes.writerIndex() - at);
        skip -= size;
        at += size;
      } else {
        header(bytes.getUnsignedByte(at++));
      }
      set();
    }
  }

  /**
   * One more byte of a frame's header: three of length, its type, its flags, four of its stream.
   */
  private void header(int next) {
    headerBytes++;
    if (headerBytes <= 3) {
      length = headerBytes == 1 ? next : length << 8 | next;
    } else if (headerBytes == 4) {
      type = next;
    } else if (headerBytes == 5) {
      boolean head =
          type == Http2FrameTypes.HEADERS || (headOpen && type == Http2FrameTypes.CONTINUATION);
      headOpen = head && (next & END_HEADERS) == 0;
      inHead = head;
    } else if (headerBytes == Http2CodecUtil.FRAME_HEADER_LENGTH) {
      headerBytes = 0;
      skip = length;
    }
  }

  /** A head arrives while its last frame has not been seen, or not to its end. */
  private void set() {
    boolean arriving = headOpen || (inHead && (skip > 0 || headerBytes >= 5));
    if (!arriving) {
      deadline.clear();
    } else if (!deadline.isSet()) {
      deadline.set(limitNanos);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    deadline.close();
    context.fireChannelInactive();
  }
}
