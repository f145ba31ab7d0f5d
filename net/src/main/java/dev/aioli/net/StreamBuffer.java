package dev.aioli.net;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * The bytes that a {@link StreamReader} has and nobody has read: appended behind, taken in front.
 */
final class StreamBuffer {
  private static final byte[] NOTHING = {};

  /** A larger array is given back when it is empty, so that idle streams hold little. */
  private static final int KEEP = 8192;

  private byte[] bytes = NOTHING;
  private int start;
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void append(ByteBuf more) {
    int count = more.readableBytes();
    makeRoom(count);
    more.readBytes(bytes, start + size, count);
    size += count;
  }

  void append(byte[] more, int offset, int count) {
    makeRoom(count);
    System.arraycopy(more, offset, bytes, start + size, count);
    size += count;
  }

  private void makeRoom(int count) {
    int needed = Math.addExact(size, count);
    if (start + needed <= bytes.length) {
      return;
    }
    byte[] target = bytes;
    if (needed > bytes.length) {
      long twice = Math.min(2L * bytes.length, Integer.MAX_VALUE - 8);
      target = new byte[Math.max(needed, (int) twice)];
    }
    System.arraycopy(bytes, start, target, 0, size);
    bytes = target;
    start = 0;
  }

  /** Takes bytes off the front. */
  byte[] take(int count) {
    byte[] taken = Arrays.copyOfRange(bytes, start, start + count);
    drop(count);
    return taken;
  }

  byte[] takeAll() {
    return take(size);
  }

  void drop(int count) {
    start += count;
    size -= count;
    if (size == 0) {
      clear();
    }
  }

  void clear() {
    start = 0;
    size = 0;
    if (bytes.length > KEEP) {
      bytes = NOTHING;
    }
  }

  /** Whether the bytes at an index are these. */
  boolean startsWith(byte[] prefix, int index) {
    return index + prefix.length <= size
        && Arrays.equals(
            bytes, start + index, start + index + prefix.length, prefix, 0, prefix.length);
  }

  /** The first index from which on the bytes are these; -1 if there is none. */
  int indexOf(byte[] wanted, int from) {
    byte first = wanted[0];
    int last = start + size - wanted.length;
    for (int i = start + from; i <= last; i++) {
      if (bytes[i] == first
          && (wanted.length == 1
              || Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length))) {
        return i - start;
      }
    }
    return -1;
  }
}
