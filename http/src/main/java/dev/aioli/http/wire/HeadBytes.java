package dev.aioli.http.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;

/**
 * Puts a message of HTTP/1.1 together: in an array, where single small writes are quick, and from
 * there into a buffer in one go. One for a connection or a server; on the loop's thread only.
 */
public final class HeadBytes {
  private static final int FIRST_CAPACITY = 512;
  private static final int MAX_KEPT = 16 * 1024;

  private byte[] bytes = new byte[FIRST_CAPACITY];
  private int length;

  /** An empty one. */
  public HeadBytes() {}

  /** Forgets what is in it. */
  public HeadBytes begin() {
    length = 0;
    return this;
  }

  /** Adds bytes as they are. */
  public HeadBytes add(byte[] piece) {
    makeRoom(piece.length);
    System.arraycopy(piece, 0, bytes, length, piece.length);
    length += piece.length;
    return this;
  }

  /** Adds characters up to U+00FF, a byte each. */
  public HeadBytes add(CharSequence text) {
    int size = text.length();
    makeRoom(size);
    if (text instanceof String string) {
      addLatin1(string, size);
    } else {
      for (int i = 0; i < size; i++) {
        bytes[length + i] = (byte) text.charAt(i);
      }
    }
    length += size;
    return this;
  }

  @SuppressWarnings("deprecation") // drops the high bytes, which is what is wanted here
  private void addLatin1(String text, int size) {
    text.getBytes(0, size, bytes, length);
  }

  /** Adds a number that is not negative, in decimal digits. */
  public HeadBytes add(int number) {
    int digits = 1;
    for (int rest = number; rest >= 10; rest /= 10) {
      digits++;
    }
    makeRoom(digits);
    int rest = number;
    for (int i = length + digits - 1; i >= length; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
    return this;
  }

  private void makeRoom(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  /** All of it, and a body behind it. */
  public ByteBuf toBuffer(ByteBufAllocator allocator, byte[] body) {
    ByteBuf buffer = allocator.ioBuffer(length + body.length).writeBytes(bytes, 0, length);
    if (bytes.length > MAX_KEPT) {
      bytes = new byte[FIRST_CAPACITY]; // one large head is not kept for ever
    }
    return body.length == 0 ? buffer : buffer.writeBytes(body);
  }
}
