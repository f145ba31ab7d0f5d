package dev.aioli.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
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

  private boolean inHead = true;
  private boolean headBegun;
  private @Nullable String wrong;

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
    if (!inHead) {
      super.decode(context, in, out);
      inHead = !out.isEmpty() && out.getLast() instanceof LastHttpContent;
      return;
    }
    int begin = in.readerIndex();
    int outBefore = out.size();
    super.decode(context, in, out);
    check(in, begin, in.readerIndex());
    if (out.size() > outBefore && out.get(outBefore) instanceof HttpRequest request) {
      if (wrong != null && request.decoderResult().isSuccess()) {
        request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException(wrong)));
      }
      wrong = null;
      headBegun = false;
      inHead = out.getLast() instanceof LastHttpContent;
    }
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

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  /** Netty would believe the transfer coding; whoever stands before us may believe the length. */
  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    throw new IllegalArgumentException(
        "expected either Content-Length or Transfer-Encoding, found both");
  }
}
