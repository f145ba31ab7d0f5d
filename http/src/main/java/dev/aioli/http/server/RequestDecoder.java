package dev.aioli.http.server;

import dev.aioli.http.wire.Reading;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Netty's decoder of requests, made strict: what two parties could understand differently is an
 * error. See also {@link RequestCheck}.
 */
final class RequestDecoder extends HttpRequestDecoder {
  private static final int MAX_CHUNK_BYTES = 64 * 1024;
  private static final byte[] HTTP = {'H', 'T', 'T', 'P', '/'};

  /** So much is read behind a request for a WebSocket that is not answered yet. */
  private static final int HIGH_WATER_BYTES = 64 * 1024;

  private boolean inHead = true;
  private boolean headBegun;
  private @Nullable String wrong;

  /** The request that is being read asks for a WebSocket. */
  private boolean asksForWebSocket;

  /** It is complete: what is behind it may be frames. */
  private boolean stopped;

  /** What has told, while it was stopped, that no more will come. */
  private @Nullable Object inputEnd;

  private @Nullable Reading reading;

  /** A decoder for one connection. */
  RequestDecoder(int maxHeaderBytes) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(maxHeaderBytes)
            .setMaxHeaderSize(maxHeaderBytes)
            .setMaxChunkSize(MAX_CHUNK_BYTES)
            .setStrictLineParsing(true)
            .setUseRfc9112TransferEncoding(true)
            .setAllowDuplicateContentLengths(false)
            .setHeadersFactory(DefaultHttpHeadersFactory.headersFactory())
            .setTrailersFactory(DefaultHttpHeadersFactory.trailersFactory()));
  }

  /**
   * Netty is lenient with blanks in the request line. And it joins a field that goes on in the next
   * line; others take that line for a field of its own, or for nothing. While a head is read, one
   * call consumes whole lines of it and nothing else.
   */
  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (stopped) {
      if (reading != null && in.readableBytes() >= HIGH_WATER_BYTES) {
        reading.pause();
      }
      return;
    }
    int begin = in.readerIndex();
    int outBefore = out.size();
    super.decode(context, in, out);
    if (!inHead) {
      boolean decoded = out.size() > outBefore;
      if (!decoded || !hasBytes(out.getLast())) {
        checkLines(in, begin, in.readerIndex());
      }
      inHead = decoded && out.getLast() instanceof LastHttpContent;
      stopped = inHead && asksForWebSocket;
      if (inHead && wrong != null) {
        refuseLast(out);
      }
      return;
    }
    check(in, begin, in.readerIndex());
    if (out.size() > outBefore && out.get(outBefore) instanceof HttpRequest request) {
      if (wrong != null && request.decoderResult().isSuccess()) {
        request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException(wrong)));
      }
      wrong = null;
      headBegun = false;
      asksForWebSocket = WebSocketUpgrade.isAskedFor(request.headers());
      inHead = out.getLast() instanceof LastHttpContent;
      stopped = inHead && asksForWebSocket;
    }
  }

  private static boolean hasBytes(Object decoded) {
    return decoded instanceof HttpContent content && content.content().isReadable();
  }

  /**
   * The same for a chunked body. Where no bytes of it come out, what has been consumed are lines:
   * of sizes of chunks, and of the fields behind them.
   */
  private void checkLines(ByteBuf in, int begin, int end) {
    int lineBegin = begin;
    while (lineBegin < end) {
      if (isBlank(in.getByte(lineBegin))) {
        wrong = "expected each trailer field on one line";
      }
      int lineEnd = in.indexOf(lineBegin, end, (byte) '\n');
      lineBegin = lineEnd < 0 ? end : lineEnd + 1;
    }
  }

  /** Puts an error in the place of the end of the body, which may be an object for all. */
  private void refuseLast(List<Object> out) {
    LastHttpContent last = (LastHttpContent) out.removeLast();
    LastHttpContent refused = new DefaultLastHttpContent();
    refused.setDecoderResult(
        last.decoderResult().isSuccess()
            ? DecoderResult.failure(new IllegalArgumentException(wrong))
            : last.decoderResult());
    last.release();
    out.add(refused);
    wrong = null;
  }

  /** Looks at whole lines of a head that have been consumed. */
  private void check(ByteBuf in, int begin, int end) {
    int lineBegin = begin;
    while (lineBegin < end) {
      int lineEnd = in.indexOf(lineBegin, end, (byte) '\n');
      if (lineEnd < 0) {
        return;
      }
      if (headBegun) {
        if (isBlank(in.getByte(lineBegin))) {
          wrong = "expected each header field on one line";
        }
      } else if (lineEnd > lineBegin + 1) { // empty lines may come before a request
        headBegun = true;
        if (!hasTwoBlanks(in, lineBegin, lineEnd - 1)) {
          wrong = "expected a method, a target and a version with one space between";
        } else if (!namesHttp(in, lineBegin, lineEnd)) {
          wrong = "expected a version that begins with HTTP/, in capitals";
        }
      }
      lineBegin = lineEnd + 1;
    }
  }

  private static boolean hasTwoBlanks(ByteBuf in, int begin, int end) {
    int blanks = 0;
    for (int i = begin; i < end; i++) {
      byte b = in.getByte(i);
      if (b == ' ') {
        blanks++;
      } else if (b >= 0 && b < ' ') {
        return false;
      }
    }
    return blanks == 2;
  }

  /** Netty takes small letters for capitals. */
  private static boolean namesHttp(ByteBuf in, int begin, int end) {
    int version = in.indexOf(end, begin, (byte) ' ') + 1; // from behind
    for (int i = 0; i < HTTP.length; i++) {
      if (version + i >= end || in.getByte(version + i) != HTTP[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  /** Netty would believe the transfer coding; whoever stands before us may believe the length. */
  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException(
        "expected either Content-Length or Transfer-Encoding, found both");
  }

  // ---- for the connection, on the loop's thread

  /** What is to be left alone when too much has come. */
  void reading(Reading newReading) {
    reading = newReading;
  }

  /** Whether something of a head has come that is not complete. Empty lines are no part of it. */
  boolean headBegun() {
    return !stopped
        && inHead
        && (headBegun || internalBuffer().forEachByte(b -> b == '\r' || b == '\n') >= 0);
  }

  /** Goes on: the request for a WebSocket was answered, but not by one. */
  void resume(ChannelHandlerContext context) throws Exception {
    if (stopped) {
      stopped = false;
      channelRead(context, Unpooled.EMPTY_BUFFER);
      channelReadComplete(context);
      if (!stopped && inputEnd != null) {
        super.userEventTriggered(context, inputEnd);
      }
    }
  }

  /** At the end of the input Netty decodes what is left, or drops it: not before its time. */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (stopped && event instanceof ChannelInputShutdownEvent) {
      inputEnd = event;
      context.fireUserEventTriggered(event); // the connection has to know
    } else {
      super.userEventTriggered(context, event);
    }
  }

  /** Takes what has come behind a request for a WebSocket. */
  ByteBuf takeRest() {
    ByteBuf buffer = internalBuffer();
    return buffer.readRetainedSlice(buffer.readableBytes());
  }

  /** Netty would read on if nothing came out, whatever we think of it. */
  @Override
  public void channelReadComplete(ChannelHandlerContext context) throws Exception {
    if (stopped) {
      context.fireChannelReadComplete();
    } else {
      super.channelReadComplete(context);
    }
  }
}
