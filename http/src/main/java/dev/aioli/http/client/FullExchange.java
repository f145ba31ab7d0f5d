package dev.aioli.http.client;

import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.http.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An exchange whose response is collected in memory, up to a limit. */
final class FullExchange extends Exchange {
  private static final byte[] EMPTY = {};
  private static final int FIRST_CAPACITY = 8192;

  private final Future<HttpResponse> response;
  private final long maxBodyBytes;
  private final boolean decoding;
  private final List<HttpResponse> history;
  private int status;
  private Headers headers = Headers.EMPTY;
  private @Nullable ContentDecoder decoder;
  private long received;
  private byte[] body = EMPTY;
  private int length;

  FullExchange(
      EventLoop loop,
      HttpRequest request,
      Url url,
      HttpHeaders fields,
      long maxBodyBytes,
      boolean decoding,
      List<HttpResponse> history) {
    super(request, url, fields);
    this.response = loop.createFuture();
    this.maxBodyBytes = maxBodyBytes;
    this.decoding = decoding;
    this.history = history;
  }

  @Override
  Future<HttpResponse> outcome() {
    return response;
  }

  @Override
  void onHead(int newStatus, Headers newHeaders, long announced) {
    status = newStatus;
    headers = newHeaders;
    if (bodiless(status)) {
      return;
    }
    decoder = decoding ? ContentDecoder.of(newHeaders, this) : null;
    if (decoder == null && announced > maxBodyBytes) {
      throw tooLarge(announced + " bytes are announced");
    }
    if (announced > 0) {
      body = new byte[(int) Math.min(announced, FIRST_CAPACITY)]; // a promise, not yet a fact
    }
  }

  @Override
  void onChunk(ByteBuf chunk) {
    received += chunk.readableBytes();
    ContentDecoder decoding = decoder;
    if (decoding == null) {
      append(chunk);
      return;
    }
    decoding.feed(chunk.retain());
    appendDecoded(decoding);
  }

  private void appendDecoded(ContentDecoder decoding) {
    for (ByteBuf piece = decoding.next(); piece != null; piece = decoding.next()) {
      try {
        append(piece);
      } finally {
        piece.release();
      }
    }
  }

  private void append(ByteBuf piece) {
    int size = piece.readableBytes();
    if (length + (long) size > maxBodyBytes) {
      throw tooLarge("there is more");
    }
    if (length + size > body.length) {
      body =
          Arrays.copyOf(
              body, (int) Math.min(maxBodyBytes, Math.max(length + (long) size, body.length * 2L)));
    }
    piece.readBytes(body, length, size);
    length += size;
  }

  private HttpException.BodyTooLarge tooLarge(String found) {
    return new HttpException.BodyTooLarge(
        "expected a body of at most "
            + maxBodyBytes
            + " bytes, "
            + found
            + "; read it as a stream, or raise maxBodyBytes: "
            + this);
  }

  @Override
  void onEnd() {
    try {
      if (decoder != null) {
        decoder.end();
        appendDecoded(decoder);
      }
    } finally {
      closeDecoder();
    }
    if (!response.done()) {
      byte[] bytes = length == body.length ? body : Arrays.copyOf(body, length);
      response.setResult(new HttpResponse(this, status, headers, bytes, history));
    }
  }

  @Override
  void onError(HttpException error) {
    closeDecoder();
    if (!response.done()) {
      response.setException(error);
    }
  }

  private void closeDecoder() {
    if (decoder != null) {
      decoder.close();
      decoder = null;
    }
  }

  @Override
  long received() {
    return received;
  }
}
