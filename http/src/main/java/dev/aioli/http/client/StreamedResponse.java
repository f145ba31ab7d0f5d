package dev.aioli.http.client;

import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.http.Headers;
import dev.aioli.http.wire.Pieces;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A response whose body is read piece by piece: what {@link HttpClient#stream} gives. Close it:
 * until its end has been read it holds its connection and its place in the pool.
 *
 * <pre>{@code
 * try (var response = http.stream(HttpRequest.get(url))) {
 *   for (byte[] chunk = response.read(); chunk != null; chunk = response.read()) {
 *     digest.update(chunk);
 *   }
 * }
 * }</pre>
 *
 * <p>The server is read from no faster than the task reads: when 64 KiB wait, the socket is left
 * alone until half of them are gone. A compressed body is decoded as it is read.
 */
public final class StreamedResponse extends Exchange implements AutoCloseable {
  private static final int HIGH_WATER_BYTES = 64 * 1024;
  private static final int BEGINNING_BYTES = 8 * 1024;
  private static final int LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;

  private final EventLoop loop;
  private final ClientConnection connection;
  private final Future<StreamedResponse> head;
  private final long maxBodyBytes;
  private final boolean decoding;
  private final List<HttpResponse> history;
  private int status;
  private Headers headers = Headers.EMPTY;
  private long announced = -1;
  private @Nullable ContentDecoder decoder;
  private final Pieces pieces = new Pieces();
  private long received;
  private boolean ended;
  private boolean closed;
  private @Nullable HttpException failure;
  private @Nullable Future<@Nullable Void> arrival;
  private @Nullable Call call;
  private @Nullable UnreadWatch unread;
  private long reads;

  StreamedResponse(
      EventLoop loop,
      ClientConnection connection,
      RedirectTrail trail,
      HttpHeaders fields,
      HttpClientBuilder settings,
      boolean decoding) {
    super(trail.request(), trail.url(), fields, settings.json);
    this.loop = loop;
    this.connection = connection;
    this.decoding = decoding;
    maxBodyBytes = settings.maxBodyBytes;
    history = trail.history();
    head = loop.createFuture();
  }

  /** Where it comes from: the URL that was asked, the last one if there were redirects. */
  public String url() {
    return asked().text();
  }

  /** The status code: three digits, 200 or more. Those above 599 are made up by some servers. */
  public int status() {
    return status;
  }

  /** The version of HTTP in which it comes: "HTTP/1.0", "HTTP/1.1" or "HTTP/2". */
  @Override
  public String version() {
    return super.version();
  }

  /** Whether the status is below 400. */
  public boolean ok() {
    return status < 400;
  }

  /**
   * Gives this response back, or if its status is 400 or more, reads the beginning of its body,
   * closes it and throws. As {@code ClientResponse.raise_for_status} of aiohttp.
   *
   * @throws HttpException.BadStatus if so; its response has up to 8 KiB of the body
   */
  @Suspends
  public StreamedResponse raiseForStatus() {
    if (ok()) {
      return this;
    }
    ByteArrayOutputStream beginning = new ByteArrayOutputStream();
    try (this) {
      for (byte[] chunk = read();
          chunk != null && beginning.size() < BEGINNING_BYTES;
          chunk = read()) {
        beginning.write(chunk, 0, Math.min(chunk.length, BEGINNING_BYTES - beginning.size()));
      }
    } catch (HttpException e) {
      // the status says enough
    }
    throw new HttpException.BadStatus(
        request().method(),
        new HttpResponse(this, status, headers, beginning.toByteArray(), history));
  }

  /** The header fields, as they came: a body that is decoded here still has its coding in them. */
  @Override
  public Headers headers() {
    return headers;
  }

  /** The redirects that led here, first to last. */
  public List<HttpResponse> history() {
    return history;
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
    ContentDecoder decoding = decoder;
    if (decoding == null) {
      return readRaw();
    }
    boolean atEnd = false;
    while (true) {
      ByteBuf piece = decoding.next();
      if (piece != null) {
        try {
          return ByteBufUtil.getBytes(piece);
        } finally {
          piece.release();
        }
      }
      if (atEnd) {
        closeDecoder();
        return null;
      }
      byte[] raw = readRaw();
      if (raw == null) {
        decoding.end();
        atEnd = true;
      } else {
        decoding.feed(Unpooled.wrappedBuffer(raw));
      }
    }
  }

  @Suspends
  private byte @Nullable [] readRaw() {
    reads++;
    while (true) {
      if (closed) {
        throw new IllegalStateException("the response is closed: " + this);
      }
      byte[] piece = pieces.poll();
      if (piece != null) {
        if (pieces.bytes() < LOW_WATER_BYTES) {
          resumeReading();
        }
        return piece;
      }
      if (failure != null) {
        throw failure;
      }
      if (ended) {
        return null;
      }
      awaitArrival();
    }
  }

  private void resumeReading() {
    if (!ended && failure == null) {
      connection.resumeReading(this);
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
   * Reads what is left of the body, and closes this: from here on it is like any response.
   *
   * @throws HttpException as {@link #read}
   * @throws HttpException.BodyTooLarge if the client does not hold that much
   */
  @Suspends
  public HttpResponse readAll() {
    try (this) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (byte[] chunk = read(); chunk != null; chunk = read()) {
        if (all.size() + (long) chunk.length > maxBodyBytes) {
          throw new HttpException.BodyTooLarge(
              "expected a body of at most " + maxBodyBytes + " bytes, there is more: " + this);
        }
        all.writeBytes(chunk);
      }
      return new HttpResponse(this, status, headers, all.toByteArray(), history);
    }
  }

  /**
   * Writes what is left of the body to a file, which is made or replaced, and closes this. A worker
   * thread writes.
   *
   * <p>Cancellation: leaves the file with what had arrived.
   *
   * @return the number of bytes
   * @throws HttpException as {@link #read}
   * @throws IOException if the file cannot be written
   */
  @Suspends
  public long saveTo(Path file) throws IOException {
    try (this;
        OutputStream out = Workers.call(() -> Files.newOutputStream(file))) {
      long length = 0;
      for (byte[] chunk = read(); chunk != null; chunk = read()) {
        byte[] piece = chunk;
        length += piece.length;
        Workers.call(() -> {
          out.write(piece);
          return piece;
        });
      }
      return length;
    }
  }

  /** Reads a body that is of no interest, so that its connection can be used again. */
  @Suspends
  HttpResponse readRedirect() {
    try (this) {
      boolean worthIt = !endsWithConnection() && announced <= Redirects.MAX_BODY_BYTES;
      long length = 0;
      while (worthIt && length <= Redirects.MAX_BODY_BYTES) {
        byte[] chunk = readRaw();
        if (chunk == null) {
          break;
        }
        length += chunk.length;
      }
    } catch (HttpException e) {
      if (!Redirects.forgives(e)) {
        throw e;
      }
    }
    return new HttpResponse(this, status, headers, new byte[0], history);
  }

  /**
   * Ends it: a connection whose response has not arrived in full is closed. Does not suspend.
   * Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    pieces.clear();
    closeDecoder();
    release();
    wakeReader();
  }

  /**
   * Takes over the place in the pool. In the task that made the request.
   *
   * @param unreadLimits how long it may be left unread without a word
   */
  void keep(Call owner, DeadlineQueue unreadLimits) {
    call = owner;
    if (ended || failure != null) {
      release();
    } else {
      unread = new UnreadWatch(this, unreadLimits, loop);
    }
  }

  /** How often it has been read; more than before also while somebody waits to. */
  long reads() {
    if (arrival != null) {
      reads++;
    }
    return reads;
  }

  private void release() {
    if (unread != null) {
      unread.stop();
      unread = null;
    }
    Call held = call;
    if (held != null) {
      call = null;
      held.close();
    }
  }

  private void closeDecoder() {
    if (decoder != null) {
      decoder.close();
      decoder = null;
    }
  }

  private void wakeReader() {
    if (arrival != null && !arrival.done()) {
      arrival.setResult(null);
    }
  }

  /** The number of bytes that wait to be read. */
  int buffered() {
    return pieces.bytes();
  }

  @Override
  boolean full() {
    return pieces.bytes() >= HIGH_WATER_BYTES && !closed;
  }

  @Override
  Future<StreamedResponse> outcome() {
    return head;
  }

  @Override
  void onHead(int newStatus, Headers newHeaders, long length) {
    status = newStatus;
    headers = newHeaders;
    announced = length;
    if (decoding && !bodiless(newStatus)) {
      decoder = ContentDecoder.of(newHeaders, this);
    }
    if (!head.done()) {
      head.setResult(this);
    }
  }

  @Override
  void onChunk(ByteBuf chunk) {
    received += chunk.readableBytes();
    if (!closed && chunk.isReadable()) {
      pieces.add(chunk);
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
