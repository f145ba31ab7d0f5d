package dev.aioli.http;

import dev.aioli.Future;
import io.netty.buffer.ByteBuf;

/**
 * One request on its way and what becomes of its response. The connection calls the {@code on...}
 * methods on the loop's thread, in this order: head, any number of chunks, end; or an error at any
 * time, and then nothing more.
 */
abstract sealed class Exchange permits FullExchange, StreamedResponse {
  private final HttpRequest request;
  private final Url url;
  private boolean sent;
  private boolean answered;

  Exchange(HttpRequest request, Url url) {
    this.request = request;
    this.url = url;
  }

  final HttpRequest request() {
    return request;
  }

  final Url url() {
    return url;
  }

  /** Whether the request has been handed to the socket. */
  final boolean sent() {
    return sent;
  }

  final void markSent() {
    sent = true;
  }

  /** Whether something of the response has arrived. */
  final boolean answered() {
    return answered;
  }

  final void markAnswered() {
    answered = true;
  }

  /** What the task that made the request waits for: the whole response, or its head. */
  abstract Future<?> outcome();

  /**
   * The head has arrived.
   *
   * @param length the length of the body as announced; negative if unknown
   */
  abstract void onHead(int status, Headers headers, long length);

  /** A part of the body has arrived. It is the caller's, who releases it. */
  abstract void onChunk(ByteBuf chunk);

  /** The response is complete. */
  abstract void onEnd();

  /** There will be no complete response. */
  abstract void onError(HttpException error);

  /** How much of the body has arrived, in bytes. */
  abstract long received();

  @Override
  public final String toString() {
    return request.method() + " " + url;
  }
}
