package dev.aioli.net;

import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that come in from a connection, or from a subprocess. As {@code asyncio.StreamReader}.
 *
 * <pre>{@code
 * for (byte[] line : reader) {
 *   ...
 * }
 * }</pre>
 *
 * <p>One task reads at a time. It holds at most about twice its limit: above that it stops the
 * sender, until half of it is read. The limit is also that of a line, so that a peer who never ends
 * his line cannot fill the memory.
 *
 * <p>What is said once for all reads:
 *
 * <ul>
 *   <li><b>Suspends</b> only if what is asked for is not there yet.
 *   <li><b>Cancellation</b> of a read loses nothing: the bytes stay for the next one.
 *   <li><b>Errors.</b> Once the connection is lost, every read throws what it was lost by, even if
 *       there are bytes left. {@code IllegalStateException} if another task is reading.
 * </ul>
 */
public final class StreamReader implements Iterable<byte[]> {
  /** How many bytes a line may have unless options say otherwise: 64 KiB. */
  public static final int DEFAULT_LIMIT = 64 * 1024;

  private static final byte[] NOTHING = {};
  private static final byte[] NEWLINE = {'\n'};

  private final EventLoop loop;
  private final int limit;
  private final StreamBuffer buffer = new StreamBuffer();
  private @Nullable Pausable transport;
  private @Nullable Future<@Nullable IOException> waiter; // its result is an error, or null
  private @Nullable IOException exception;
  private boolean eof;
  private boolean paused;
  private int handOvers;

  StreamReader(EventLoop loop, int limit) {
    this.loop = loop;
    this.limit = limit;
  }

  // ---- reading

  /**
   * Reads to the end. Beyond the limit, too: until then it holds all that has come.
   *
   * @throws IOException if the connection is lost
   */
  @Suspends
  public byte[] read() throws IOException {
    awaitEof();
    return taken(buffer.takeAll());
  }

  /** Waits for the end, and lets come what comes before it. */
  @Suspends
  void awaitEof() throws IOException {
    check();
    while (!eof) {
      waitForData("read");
    }
  }

  /**
   * Reads what is there, at least one byte and at most {@code n}; an empty array at the end. 0
   * gives an empty array at once, a negative number reads to the end.
   *
   * @throws IOException if the connection is lost
   */
  @Suspends
  public byte[] read(int n) throws IOException {
    check();
    if (n == 0) {
      return NOTHING;
    }
    if (n < 0) {
      return read();
    }
    while (buffer.isEmpty() && !eof) {
      waitForData("read");
    }
    return taken(buffer.take(Math.min(n, buffer.size())));
  }

  /**
   * Reads a line with its {@code \n}. The last one may lack it; at the end the array is empty.
   *
   * @throws LimitOverrunException if the line is longer than the limit: it is dropped, or what is
   *     there of it
   * @throws IOException if the connection is lost
   */
  @Suspends
  public byte[] readline() throws IOException {
    try {
      return readUntil(NEWLINE);
    } catch (IncompleteReadException e) {
      return e.partial();
    } catch (LimitOverrunException e) {
      if (buffer.startsWith(NEWLINE, e.consumed())) {
        buffer.drop(e.consumed() + 1);
      } else {
        buffer.clear();
      }
      maybeResume();
      throw e;
    }
  }

  /**
   * Reads exactly {@code n} bytes. Beyond the limit, too.
   *
   * @throws IncompleteReadException if the end comes before; it has what was there
   * @throws IOException if the connection is lost
   */
  @Suspends
  public byte[] readExactly(int n) throws IOException {
    if (n < 0) {
      throw new IllegalArgumentException("expected a number >= 0, found " + n);
    }
    check();
    while (buffer.size() < n) {
      if (eof) {
        throw new IncompleteReadException(buffer.takeAll(), n);
      }
      waitForData("readExactly");
    }
    return n == 0 ? NOTHING : taken(buffer.take(n));
  }

  /**
   * Reads up to a separator, which is part of the result. Of several separators the one counts that
   * gives the shortest result.
   *
   * @param separators at least one, none of them empty
   * @throws IncompleteReadException if the end comes before; it has what was there
   * @throws LimitOverrunException if there are more bytes than the limit before the separator; they
   *     stay where they are
   * @throws IOException if the connection is lost
   */
  @Suspends
  public byte[] readUntil(byte[]... separators) throws IOException {
    byte[][] sorted = sortedByLength(separators);
    int shortest = sorted[0].length;
    int longest = sorted[sorted.length - 1].length;
    check();

    // Before `offset` no separator begins, so each byte is looked at once, but for the last ones.
    int offset = 0;
    while (true) {
      if (buffer.size() - offset >= shortest) {
        Match match = find(sorted, offset);
        if (match != null) {
          if (match.start > limit) {
            throw new LimitOverrunException(
                "Separator is found, but chunk is longer than limit", match.start);
          }
          return taken(buffer.take(match.end));
        }
        offset = Math.max(0, buffer.size() + 1 - longest);
        if (offset > limit) {
          throw new LimitOverrunException(
              "Separator is not found, and chunk exceed the limit", offset);
        }
      }
      if (eof) {
        throw new IncompleteReadException(buffer.takeAll(), -1);
      }
      int handOversBefore = handOvers;
      waitForData("readUntil");
      if (handOvers != handOversBefore) {
        offset = 0; // what was looked at is gone
      }
    }
  }

  private static byte[][] sortedByLength(byte[][] separators) {
    byte[][] sorted = separators.clone();
    Arrays.sort(sorted, Comparator.comparingInt(separator -> separator.length));
    if (sorted.length == 0 || sorted[0].length == 0) {
      throw new IllegalArgumentException(
          "expected at least one separator, each of at least one byte");
    }
    return sorted;
  }

  private record Match(int start, int end) {}

  private @Nullable Match find(byte[][] separators, int from) {
    Match best = null;
    for (byte[] separator : separators) {
      int start = buffer.indexOf(separator, from);
      if (start >= 0 && (best == null || start + separator.length < best.end)) {
        best = new Match(start, start + separator.length);
      }
    }
    return best;
  }

  /**
   * The lines that are still to come, as {@link #readline} gives them: {@code hasNext} suspends
   * until there is one or the end. An I/O error comes as an {@link UncheckedIOException}. As {@code
   * async for}.
   */
  @Override
  public Iterator<byte[]> iterator() {
    return new Iterator<>() {
      private byte @Nullable [] next;

      @Override
      public boolean hasNext() {
        if (next == null) {
          try {
            next = readline();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
        return next.length > 0;
      }

      @Override
      public byte[] next() {
        if (!hasNext()) {
          throw new NoSuchElementException("end of stream");
        }
        byte[] line = Objects.requireNonNull(next);
        next = null;
        return line;
      }
    };
  }

  /** Whether the end has come and everything is read. Does not suspend. */
  public boolean atEof() {
    loop.checkTurn();
    return eof && buffer.isEmpty();
  }

  /** What the connection was lost by; null while it is not. Does not suspend. */
  public @Nullable IOException exception() {
    loop.checkTurn();
    return exception;
  }

  /** The limit in bytes. */
  public int limit() {
    return limit;
  }

  private void check() throws IOException {
    loop.checkTurn();
    if (exception != null) {
      throw exception;
    }
  }

  private byte[] taken(byte[] bytes) {
    maybeResume();
    return bytes;
  }

  private void maybeResume() {
    if (paused && buffer.size() <= limit) {
      resume();
    }
  }

  private void resume() {
    if (paused && transport != null) {
      paused = false;
      transport.resumeReading();
    }
  }

  @Suspends
  private void waitForData(String name) throws IOException {
    if (waiter != null) {
      throw new IllegalStateException(
          name + "() called while another coroutine is already waiting for incoming data");
    }
    resume(); // or who asks for more than the limit would wait for ever
    Future<@Nullable IOException> arrival = loop.createFuture();
    waiter = arrival;
    IOException failure;
    try {
      failure = arrival.await();
    } finally {
      if (waiter == arrival) {
        waiter = null;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  // ---- fed by the transport, in the turn

  void setTransport(Pausable newTransport) {
    transport = newTransport;
  }

  /** Whether it has asked its transport to pause. */
  boolean isPaused() {
    return paused;
  }

  void feed(ByteBuf bytes) {
    if (bytes.isReadable()) {
      buffer.append(bytes);
      fed();
    }
  }

  void feed(byte[] bytes, int count) {
    buffer.append(bytes, 0, count);
    fed();
  }

  /**
   * Gives up what nobody has read, to who shall make something else of it: TLS. Whoever is reading
   * goes on with what comes from then on.
   */
  byte[] handOver() {
    handOvers++;
    byte[] unread = buffer.takeAll();
    resume();
    return unread;
  }

  private void fed() {
    wakeUp(null);
    if (!paused && transport != null && buffer.size() > 2L * limit) {
      paused = true;
      transport.pauseReading();
    }
  }

  void feedEof() {
    eof = true;
    wakeUp(null);
  }

  void setException(IOException cause) {
    exception = cause;
    wakeUp(cause);
  }

  private void wakeUp(@Nullable IOException failure) {
    Future<@Nullable IOException> arrival = waiter;
    waiter = null;
    if (arrival != null && !arrival.done()) {
      arrival.setResult(failure);
    }
  }

  @Override
  public String toString() {
    return "StreamReader["
        + buffer.size()
        + " bytes"
        + (eof ? ", eof" : "")
        + (limit == DEFAULT_LIMIT ? "" : ", limit=" + limit)
        + (waiter == null ? "" : ", awaited")
        + (exception == null ? "" : ", exception=" + exception)
        + (paused ? ", paused" : "")
        + "]";
  }
}
