package dev.aioli.http.wire;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of a body that wait for their reader. Small ones that nobody has taken yet become one: a
 * peer that sends a byte at a time would else cost many times what it sends.
 */
public final class Pieces {
  /** Up to here pieces are put together. */
  private static final int SMALL_BYTES = 4 * 1024;

  private final ArrayDeque<byte[]> whole = new ArrayDeque<>(0);
  private byte[] tail = {};
  private int tailLength;
  private int bytes;

  /** Adds what a buffer has to read, which stays the caller's. */
  public void add(ByteBuf content) {
    int size = content.readableBytes();
    if (size == 0) {
      return;
    }
    bytes += size;
    if (tailLength + size > SMALL_BYTES) {
      endTail();
    }
    if ((tailLength == 0 && whole.isEmpty()) || size > SMALL_BYTES) {
      byte[] piece = new byte[size];
      content.getBytes(content.readerIndex(), piece);
      whole.add(piece); // most are taken before the next one comes
      return;
    }
    if (tailLength + size > tail.length) {
      tail = Arrays.copyOf(tail, Math.max(tailLength + size, 2 * tail.length));
    }
    content.getBytes(content.readerIndex(), tail, tailLength, size);
    tailLength += size;
  }

  private void endTail() {
    if (tailLength > 0) {
      whole.add(tailLength == tail.length ? tail : Arrays.copyOf(tail, tailLength));
      tail = new byte[0];
      tailLength = 0;
    }
  }

  /** Takes the oldest; null if there is none. */
  public byte @Nullable [] poll() {
    if (whole.isEmpty()) {
      endTail();
    }
    byte[] piece = whole.poll();
    if (piece != null) {
      bytes -= piece.length;
    }
    return piece;
  }

  public boolean isEmpty() {
    return bytes == 0;
  }

  /** How much waits. */
  public int bytes() {
    return bytes;
  }

  public void clear() {
    whole.clear();
    tail = new byte[0];
    tailLength = 0;
    bytes = 0;
  }
}
