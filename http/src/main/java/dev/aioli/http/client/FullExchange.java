package dev.aioli.http.client;

import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.http.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An exchange whose response is collected in memory, up to a limit. */
final class FullExchange extends Exchange {
  private static final byte[] EMPTY = {};
  private static final int FIRST_CAPACITY = 8192;

  private final Future<HttpResponse> response;
  private final RedirectTrail trail;
  private final boolean decoding;
  private long maxBodyBytes;
  private int status;
  private Headers headers = Headers.EMPTY;
  private boolean redirect;
  private @Nullable ContentDecoder decoder;
  private long received;
  private byte[] body = EMPTY;
  private int length;

  FullExchange(
      EventLoop loop,
      RedirectTrail trail,
      HttpHeaders fields,
      HttpClientBuilder settings,
      boolean decoding) {
    super(trail.request(), trail.url(), fields, settings.json);
    this.response = loop.createFuture();
    this.trail = trail;
    this.decoding = decoding;
    maxBodyBytes = settings.maxBodyBytes;
  }

  @Override
  Headers headers() {
    return headers;
  }

  @Override
  Future<HttpResponse> outcome() {
    return response;
  }

  @Override
  void onHead(int newStatus, Headers newHeaders, long announced) {
    status = newStatus;
    headers = newHeaders;
    redirect = trail.goesOn(status, headers);
    if (redirect) {
      maxBodyBytes = Math.min(maxBodyBytes, Redirects.MAX_BODY_BYTES);
      if (endsWithConnection()) {
        complete(EMPTY); // whoever waits for that may wait for long
        return;
      }
    }
    if (bodiless(status)) {
      return;
    }
    try {
      expectBody(newHeaders, announced);
    } catch (HttpException e) {
      forgive(e);
    }
  }

  private void expectBody(Headers newHeaders, long announced) {
    decoder = decoding ? ContentDecoder.of(newHeaders, this) : null;
    if ((decoder == null || redirect) && announced > maxBodyBytes) {
      throw tooLarge(announced + " bytes are announced");
    }
    if (announced > 0) {
      body = new byte[(int) Math.min(announced, FIRST_CAPACITY)]; // a promise, not yet a fact
    }
  }

  /** A redirect counts by its head: it is complete without a body that cannot be had. */
  private void forgive(HttpException error) {
    if (!redirect || !Redirects.forgives(error)) {
      throw error;
    }
    complete(EMPTY);
  }

  @Override
  void onChunk(ByteBuf chunk) {
    received += chunk.readableBytes();
    if (response.done()) {
      return;
    }
    try {
      take(chunk);
    } catch (HttpException e) {
      forgive(e);
    }
  }

  private void take(ByteBuf chunk) {
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
    if (response.done()) {
      return;
    }
    try {
      if (decoder != null) {
        decoder.end();
        appendDecoded(decoder);
      }
    } catch (HttpException e) {
      closeDecoder();
      forgive(e);
    }
    complete(length == body.length ? body : Arrays.copyOf(body, length));
  }

  private void complete(byte[] bytes) {
    closeDecoder();
    if (!response.done()) {
      response.setResult(new HttpResponse(this, status, headers, bytes, trail.history()));
    }
  }

  @Override
  void onError(HttpException error) {
    closeDecoder();
    if (response.done()) {
      return;
    }
    if (redirect && Redirects.forgives(error)) {
      complete(EMPTY);
    } else {
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
