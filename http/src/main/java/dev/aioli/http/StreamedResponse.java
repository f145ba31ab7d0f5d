package dev.aioli.http;

import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.TimerHandle;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A response whose body is read piece by piece: what {@link HttpClient#stream} gives. Close it:
 * until its end has been read it holds its connection and its place in the pool.
 *
 * <pre>{@code
 * try (var response = http.stream(HttpRequest.get(url))) {
 *   for (byte[] chunk = response.read(); chunk != null; chunk = response.read()) {
 *     file.write(chunk);
 *   }
 * }
 * }</pre>
 *
 * <p>The server is read from no faster than the task reads: when 64 KiB wait, the socket is left
 * alone until half of them are gone.
 */
public final class StreamedResponse extends Exchange implements AutoCloseable {
  private static final int HIGH_WATER_BYTES = 64 * 1024;
  private static final int LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;

  private final EventLoop loop;
  private final Future<StreamedResponse> head;
  private final ArrayDeque<byte[]> chunks = new ArrayDeque<>();
  private int status;
  private Headers headers = Headers.EMPTY;
  private long received;
  private int buffered;
  private boolean ended;
  private boolean closed;
  private @Nullable HttpException failure;
  private @Nullable Future<@Nullable Void> arrival;
  private Pool.@Nullable Lease lease;
  private @Nullable TimerHandle deadline;

  StreamedResponse(EventLoop loop, HttpRequest request, Url url) {
    super(request, url);
    this.loop = loop;
    head = loop.createFuture();
  }

  /** The status code, 200 to 599. */
  public int status() {
    return status;
  }

  /** The header fields. */
  public Headers headers() {
    return headers;
  }

  /**
   * The next piece of the body; null at its end. Suspends if none has arrived. For one task at a
   * time.
   *
   * <p>Cancellation: nothing is lost; the next call gets the piece.
   *
   * @throws HttpException if the body is cut off, malformed, or takes too long
   * @throws IllegalStateException if this is closed, or another task is reading
   */
  @Suspends
  public byte @Nullable [] read() {
    while (true) {
      byte[] chunk = chunks.poll();
      if (chunk != null) {
        buffered -= chunk.length;
        resumeReading();
        return chunk;
      }
      if (failure != null) {
        throw failure;
      }
      if (ended) {
        return null;
      }
      if (closed) {
        throw new IllegalStateException("the response is closed: " + this);
      }
      awaitArrival();
    }
  }

  @Suspends
  private void awaitArrival() {
    if (arrival != null) {
      throw new IllegalStateException("another task is reading " + this);
    }
    Future<@Nullable Void> next = loop.createFuture();
    arrival = next;
    try {
      next.await();
    } finally {
      arrival = null;
    }
  }

  /**
   * Ends it: a connection whose response has not arrived in full is closed. Does not suspend.
   * Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    chunks.clear();
    release();
    wakeReader();
  }

  /** Takes over the place in the pool. In the task that made the request. */
  void keep(Pool.Lease held, @Nullable TimerHandle timer) {
    lease = held;
    deadline = timer;
    if (ended || failure != null) {
      release();
    }
  }

  private void release() {
    if (deadline != null) {
      deadline.cancel();
      deadline = null;
    }
    Pool.Lease held = lease;
    if (held != null) {
      lease = null;
      held.close();
    }
  }

  private void resumeReading() {
    ClientConnection connection = lease == null ? null : lease.connection();
    if (connection != null && buffered < LOW_WATER_BYTES) {
      connection.resumeReading();
    }
  }

  private void wakeReader() {
    if (arrival != null && !arrival.done()) {
      arrival.setResult(null);
    }
  }

  /** The number of bytes that wait to be read. */
  int buffered() {
    return buffered;
  }

  /** Whether the socket should be left alone for now. */
  boolean full() {
    return buffered >= HIGH_WATER_BYTES && !closed;
  }

  @Override
  Future<StreamedResponse> outcome() {
    return head;
  }

  @Override
  void onHead(int newStatus, Headers newHeaders, long length) {
    status = newStatus;
    headers = newHeaders;
    if (!head.done()) {
      head.setResult(this);
    }
  }

  @Override
  void onChunk(ByteBuf chunk) {
    byte[] bytes = ByteBufUtil.getBytes(chunk);
    received += bytes.length;
    if (!closed && bytes.length > 0) {
      buffered += bytes.length;
      chunks.add(bytes);
      wakeReader();
    }
  }

  @Override
  void onEnd() {
    ended = true;
    release();
    wakeReader();
  }

  @Override
  void onError(HttpException error) {
    if (ended || failure != null) {
      return;
    }
    failure = error;
    if (!head.done()) {
      head.setException(error);
    }
    release();
    wakeReader();
  }

  @Override
  long received() {
    return received;
  }
}
