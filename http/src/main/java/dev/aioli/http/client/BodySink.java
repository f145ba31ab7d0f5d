package dev.aioli.http.client;

import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.http.wire.Utf8;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@link RequestBody} is written: the connection to the server. For the task that it was
 * given to, one at a time.
 */
public final class BodySink {
  private static final int HIGH_WATER_BYTES = 64 * 1024;
  private static final int LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;

  private final EventLoop loop;
  private final Upload upload;
  private final long length;
  private long written;
  private int pending;
  private @Nullable HttpException failure;
  private @Nullable Future<@Nullable Void> drained;

  BodySink(EventLoop loop, Upload upload, long length) {
    this.loop = loop;
    this.upload = upload;
    this.length = length;
  }

  /**
   * Sends a copy of some bytes. Suspends while more than 64 KiB wait for the server.
   *
   * <p>Cancellation: the bytes are sent nevertheless.
   *
   * @throws HttpException.Disconnected if the connection has ended
   * @throws HttpException.BodyFailed if this is more than the length that the body promised
   */
  @Suspends
  public void write(byte[] bytes) {
    writeOwned(bytes.clone());
  }

  /**
   * Sends text, in UTF-8. As {@link #write(byte[])}.
   *
   * @throws IllegalArgumentException if it has half of a surrogate pair, which UTF-8 cannot have
   */
  @Suspends
  public void write(String text) {
    writeOwned(Utf8.bytes(text));
  }

  /** How many bytes have been written so far. */
  public long written() {
    return written;
  }

  /** As {@link #write(byte[])}, without a copy. */
  @Suspends
  void writeOwned(byte[] bytes) {
    checkOpen();
    if (bytes.length == 0) {
      return; // an empty chunk would end the body
    }
    if (length >= 0 && written + bytes.length > length) {
      throw new HttpException.BodyFailed(
          "expected a body of " + length + " bytes, there is more: " + upload, null);
    }
    written += bytes.length;
    pending += bytes.length;
    upload.write(bytes, written == length);
    if (pending > HIGH_WATER_BYTES) {
      awaitDrained();
    }
  }

  private void checkOpen() {
    if (failure != null) {
      throw failure;
    }
    if (drained != null) {
      throw new IllegalStateException("another task is writing " + upload);
    }
  }

  @Suspends
  private void awaitDrained() {
    Future<@Nullable Void> next = loop.createFuture();
    drained = next;
    try {
      next.await();
    } finally {
      drained = null;
    }
    checkOpen();
  }

  /** Some bytes have been handed to the system. On the loop's thread. */
  void sent(int bytes) {
    pending -= bytes;
    if (pending <= LOW_WATER_BYTES) {
      wake();
    }
  }

  /** The server takes no more. On the loop's thread. */
  void fail(HttpException error) {
    if (failure == null) {
      failure = Objects.requireNonNull(error);
    }
    wake();
  }

  private void wake() {
    if (drained != null && !drained.done()) {
      drained.setResult(null);
    }
  }
}
