package dev.aioli.http.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Netty's decoder, told by its connection what was asked for, and made lenient: it reads what curl
 * and Go read. What others could read in another way it notes, as the next response might not begin
 * where this one seems to end.
 */
final class Http1Decoder extends HttpResponseDecoder {
  private static final int MAX_CONTENT_BYTES = 64 * 1024;

  private static final String LINE_END = "\r\n";
  private static final byte LF = '\n';

  private enum Part {
    HEAD,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    /** A body without chunks, or what comes behind the last one. */
    REST
  }

  private final Http1Connection connection;
  private final LenientFields.Notes notes;
  private Part part = Part.HEAD;
  private long chunkLeft;
  private boolean headBegun;
  private byte lastOfHead;
  private boolean cutOff;

  /** A decoder for one connection, of heads up to a size. */
  Http1Decoder(int maxHeaderBytes, Http1Connection connection) {
    this(maxHeaderBytes, connection, new LenientFields.Notes());
  }

  private Http1Decoder(
      int maxHeaderBytes, Http1Connection connection, LenientFields.Notes newNotes) {
    super(lenient(maxHeaderBytes, newNotes));
    this.connection = connection;
    notes = newNotes;
  }

  /** What Netty's decoders of responses need to be lenient. */
  static HttpDecoderConfig lenient(int maxHeaderBytes, LenientFields.Notes notes) {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(maxHeaderBytes)
        .setMaxHeaderSize(maxHeaderBytes)
        .setMaxChunkSize(MAX_CONTENT_BYTES)
        .setStrictLineParsing(false)
        .setUseRfc9112TransferEncoding(false)
        .setHeadersFactory(LenientFields.factory(notes))
        .setTrailersFactory(LenientFields.factory(notes));
  }

  /** Whether what has come so far could be read in one way only. */
  boolean trustworthy() {
    return !notes.odd();
  }

  /** Whether the connection ended within the first line of a response. */
  boolean cutOff() {
    return cutOff;
  }

  /** Whether bytes have arrived that belong to no message yet. */
  boolean leftover() {
    return actualReadableBytes() > 0;
  }

  /** The response to a HEAD has none, whatever it says of the length of its body. */
  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    boolean coded = message.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
    if (message instanceof HttpResponse head) {
      int status = head.status().code();
      boolean bodiless = status < 200 || status == 204;
      if (bodiless && (coded || HttpUtil.getContentLength(message, 0L) > 0)) {
        notes.add(); // such a body is forbidden (RFC 9110, 8.6), but may come
      }
    }
    if (coded && message.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0) {
      notes.add(); // RFC 9112, 6.1
    }
    Exchange exchange = connection.current();
    return super.isContentAlwaysEmpty(message)
        || (exchange != null && exchange.request().method().equals("HEAD"));
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    notes.add();
    super.handleTransferEncodingChunkedWithContentLength(message); // the chunks count
  }

  /** Netty is strict with the lines of chunks: those that are not as they should be are mended. */
  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    int before = out.size();
    switch (part) {
      case HEAD -> decodeHead(context, in, out);
      case CHUNK_SIZE -> decodeChunkSize(context, in, out);
      case CHUNK -> {
        int length = (int) Math.min(Math.min(chunkLeft, in.readableBytes()), MAX_CONTENT_BYTES);
        super.decode(context, in.readSlice(length), out);
        chunkLeft -= length;
        part = chunkLeft == 0 ? Part.CHUNK_END : Part.CHUNK;
      }
      case CHUNK_END -> decodeChunkEnd(context, in, out);
      case REST -> super.decode(context, in, out);
    }
    if (out.size() > before && out.getLast() instanceof LastHttpContent) {
      part = Part.HEAD;
    }
  }

  private void decodeHead(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    int begin = in.readerIndex();
    int before = out.size();
    if (!headBegun && TlsAlert.mayBegin(in)) {
      return; // Netty would skip it: a control character before a response
    }
    if (!headBegun && TlsAlert.begins(in)) {
      throw connection.speaksTls();
    }
    headBegun = true;
    super.decode(context, in, out);
    checkLineEnds(in, begin, in.readerIndex());
    if (out.size() > before
        && out.get(before) instanceof HttpResponse head
        && !(out.getLast() instanceof HttpContent)) {
      part = HttpUtil.isTransferEncodingChunked(head) ? Part.CHUNK_SIZE : Part.REST;
    }
  }

  /** Looks for lines that end with a line feed only, in what has been consumed of a head. */
  private void checkLineEnds(ByteBuf in, int begin, int end) {
    if (begin == end) {
      return;
    }
    for (int at = in.indexOf(begin, end, LF); at >= 0; at = in.indexOf(at + 1, end, LF)) {
      if ((at == begin ? lastOfHead : in.getByte(at - 1)) != '\r') {
        notes.add();
      }
    }
    lastOfHead = in.getByte(end - 1);
  }

  private void decodeChunkSize(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    int length = in.bytesBefore(LF) + 1;
    if (length == 0) {
      super.decode(context, in, out); // sees to it that it does not become too long
      return;
    }
    String line = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
    int semicolon = line.indexOf(';');
    boolean extended = semicolon >= 0;
    String size = (extended ? line.substring(0, semicolon) : line).strip();
    try {
      chunkLeft = Integer.parseUnsignedInt(size, 16);
    } catch (NumberFormatException e) {
      super.decode(context, in, out); // says what is wrong
      return;
    }
    part = chunkLeft == 0 ? Part.REST : Part.CHUNK;
    if (line.endsWith(LINE_END) && (extended || line.length() == size.length() + 2)) {
      super.decode(context, in.readSlice(length), out);
    } else {
      notes.add();
      in.skipBytes(length);
      super.decode(context, ascii(size + LINE_END), out);
    }
  }

  private void decodeChunkEnd(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (in.getByte(in.readerIndex()) == LF) {
      notes.add();
      in.skipBytes(1);
      super.decode(context, ascii(LINE_END), out);
    } else if (in.readableBytes() < 2) {
      return;
    } else {
      super.decode(context, in.readSlice(2), out);
    }
    part = Part.CHUNK_SIZE;
  }

  private static ByteBuf ascii(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  @Override
  protected void decodeLast(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    cutOff = part == Part.HEAD && in.isReadable();
    super.decodeLast(context, in, out);
  }
}
