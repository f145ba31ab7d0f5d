package dev.aioli.http;

import dev.aioli.EventLoop;
import dev.aioli.Future;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** An exchange whose response is collected in memory, up to a limit. */
final class FullExchange extends Exchange {
  private static final byte[] EMPTY = {};
  private static final int FIRST_CAPACITY = 8192;

  private final Future<HttpResponse> response;
  private final long maxBodyBytes;
  private int status;
  private Headers headers = Headers.EMPTY;
  private byte[] body = EMPTY;
  private int length;

  FullExchange(EventLoop loop, HttpRequest request, Url url, long maxBodyBytes) {
    super(request, url);
    this.response = loop.createFuture();
    this.maxBodyBytes = maxBodyBytes;
  }

  @Override
  Future<HttpResponse> outcome() {
    return response;
  }

  @Override
  void onHead(int newStatus, Headers newHeaders, long announced) {
    status = newStatus;
    headers = newHeaders;
    if (announced > maxBodyBytes && !request().method().equals("HEAD")) {
      throw tooLarge(announced + " bytes are announced");
    }
    if (announced > 0) {
      body = new byte[(int) Math.min(announced, FIRST_CAPACITY)]; // a promise, not yet a fact
    }
  }

  @Override
  void onChunk(ByteBuf chunk) {
    int size = chunk.readableBytes();
    if (length + (long) size > maxBodyBytes) {
      throw tooLarge("there is more");
    }
    if (length + size > body.length) {
      body =
          Arrays.copyOf(
              body, (int) Math.min(maxBodyBytes, Math.max(length + (long) size, body.length * 2L)));
    }
    chunk.readBytes(body, length, size);
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
    if (!response.done()) {
      byte[] bytes = length == body.length ? body : Arrays.copyOf(body, length);
      response.setResult(new HttpResponse(status, headers, bytes));
    }
  }

  @Override
  void onError(HttpException error) {
    if (!response.done()) {
      response.setException(error);
    }
  }

  @Override
  long received() {
    return length;
  }
}
