package dev.aioli.http.server;

import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.http.wire.Pieces;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request while it arrives: filled by the connection, read by the handler, both in
 * the loop's turn. Holds no more than the high-water mark and one read of the socket.
 */
final class IncomingBody {
  private static final int HIGH_WATER_BYTES = 64 * 1024;
  private static final int LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;

  /** The largest body that fits into an array. */
  static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  private final EventLoop loop;
  private final Source source;
  private final long announced;
  private final Pieces pieces = new Pieces();
  private long received;
  private boolean asked;
  private boolean ended;
  private boolean discarding;
  private @Nullable HttpStatusException failure;
  private @Nullable Future<@Nullable Void> arrival;

  /** The connection that it comes from. */
  interface Source {
    /** Somebody wants the body, for the first time: a client that waits may go on. */
    void wanted();

    /** There is room again. */
    void resume();
  }

  /**
   * A body of which nothing has arrived.
   *
   * @param announced its length; -1 if that is not known
   */
  IncomingBody(EventLoop loop, Source source, long announced) {
    this.loop = loop;
    this.source = source;
    this.announced = announced;
  }

  // ---- the handler's side

  /** The next piece; null at the end. */
  @Suspends
  byte @Nullable [] read() {
    while (true) {
      boolean wasFull = pieces.bytes() >= LOW_WATER_BYTES;
      byte[] piece = pieces.poll();
      if (piece != null) {
        if (wasFull && pieces.bytes() < LOW_WATER_BYTES) {
          source.resume();
        }
        return piece;
      }
      if (failure != null) {
        throw failure;
      }
      if (ended || discarding) {
        return null;
      }
      if (!asked) {
        asked = true;
        source.wanted();
      }
      awaitArrival();
    }
  }

  @Suspends
  private void awaitArrival() {
    if (arrival != null) {
      throw new IllegalStateException("another task is reading the body of this request");
    }
    Future<@Nullable Void> next = loop.createFuture();
    arrival = next;
    try {
      next.await();
    } finally {
      arrival = null;
    }
  }

  /** All of it that has not been read yet. */
  @Suspends
  byte[] readAll(long limit) {
    long most = Math.min(limit, MAX_BYTES);
    if (announced > most) {
      throw tooLarge(most);
    }
    byte[] all = {};
    int length = 0;
    for (byte[] next = read(); next != null; next = read()) {
      if (next.length > most - length) {
        throw tooLarge(most);
      }
      if (length == 0) {
        all = next; // often it is all there is
      } else {
        if (next.length > all.length - length) {
          all = Arrays.copyOf(all, room(all.length, length + next.length, announced));
        }
        System.arraycopy(next, 0, all, length, next.length);
      }
      length += next.length;
    }
    return length == all.length ? all : Arrays.copyOf(all, length);
  }

  /**
   * How large the array for a body should be. It grows with what has come: a client that announces
   * much and sends little must not cost more than it sends.
   */
  static int room(int present, int needed, long announced) {
    long room = Math.max(needed, 2L * present);
    if (announced >= 0) {
      room = Math.min(room, Math.max(announced, needed));
    }
    return (int) Math.min(room, MAX_BYTES);
  }

  static HttpStatusException tooLarge(long limit) {
    return new HttpStatusException(413, "expected a body of at most " + limit + " bytes");
  }

  // ---- the connection's side

  void add(ByteBuf content) {
    int size = content.readableBytes();
    received += size;
    if (size > 0 && !discarding) {
      pieces.add(content);
      wakeReader();
    }
  }

  void end() {
    ended = true;
    wakeReader();
  }

  void fail(HttpStatusException error) {
    if (!ended && failure == null) {
      failure = error;
      wakeReader();
    }
  }

  /** Nobody wants the rest any more. */
  void discard() {
    discarding = true;
    pieces.clear();
    wakeReader();
  }

  private void wakeReader() {
    if (arrival != null && !arrival.done()) {
      arrival.setResult(null);
    }
  }

  /** Whether the socket should be left alone for now. */
  boolean full() {
    return pieces.bytes() >= HIGH_WATER_BYTES;
  }

  boolean ended() {
    return ended;
  }

  long received() {
    return received;
  }

  /** How many bytes are still to come; the most possible if that is not known. */
  long remaining() {
    return ended ? 0 : announced < 0 ? Long.MAX_VALUE : announced - received;
  }

  @Override
  public String toString() {
    return announced < 0 ? received + " bytes so far" : received + " of " + announced + " bytes";
  }
}
