package dev.aioli.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads lines of UTF-8 without ever holding more than one buffer: a line that does not fit into it
 * is cut, and says so, as does one that is not UTF-8. A line ends with LF or CR LF, the last one
 * also with the end of the stream.
 *
 * <p>Unlike {@code BufferedReader} it has a bound, and it tells when it is about to wait for input,
 * so that what was read before can go to work meanwhile.
 *
 * <p>Used by one thread.
 */
final class LineReader implements Closeable {
  /** The longest line in bytes that is taken as a whole: URLs are shorter, bodies should be. */
  static final int MAX_LINE = 64 * 1024;

  private final InputStream in;
  private final byte[] buffer = new byte[4 * MAX_LINE];
  private Runnable beforeWait = () -> {};
  private int start;
  private int end;
  private boolean atEnd;
  private boolean first = true;

  LineReader(InputStream in) {
    this.in = in;
  }

  /**
   * A line.
   *
   * @param text the line, or its beginning; what is not UTF-8 in it is U+FFFD
   * @param problem why it cannot be taken as it is; null if it can
   */
  record Line(String text, @Nullable String problem) {}

  /** Sets what to call whenever the next read may have to wait. */
  void beforeWait(Runnable action) {
    beforeWait = action;
  }

  /** The next line without its end; null after the last one. Blocks. */
  @Nullable Line next() throws IOException {
    int length = endOfLine();
    if (length < 0 && atEnd && start == end) {
      return null;
    }
    if (length < 0 && atEnd) {
      length = end - start;
    }
    if (length < 0 || length > MAX_LINE) {
      return cutLine();
    }
    Line line = decode(length);
    start = Math.min(end, start + length + 1);
    return line;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** How far the line feed is away, reading on as needed; -1 if there is none within the bound. */
  private int endOfLine() throws IOException {
    int scanned = 0;
    while (true) {
      for (; start + scanned < end; scanned++) {
        if (buffer[start + scanned] == '\n') {
          return scanned;
        }
      }
      if (scanned > MAX_LINE || !fill()) {
        return -1;
      }
    }
  }

  private Line cutLine() throws IOException {
    Line line = new Line(decode(MAX_LINE).text(), "expected at most " + MAX_LINE + " bytes");
    int length;
    while ((length = endOfLine()) < 0 && !atEnd) {
      start = end;
    }
    start = length < 0 ? end : start + length + 1;
    return line;
  }

  private Line decode(int length) {
    int from = start;
    int to = start + length;
    if (first && length >= 3 && isByteOrderMark(from)) {
      from += 3;
    }
    first = false;
    if (to > from && buffer[to - 1] == '\r') {
      to--;
    }
    String text = new String(buffer, from, to - from, StandardCharsets.UTF_8);
    return new Line(text, Utf8.problem(buffer, from, to - from, text));
  }

  private boolean isByteOrderMark(int at) {
    return buffer[at] == (byte) 0xEF
        && buffer[at + 1] == (byte) 0xBB
        && buffer[at + 2] == (byte) 0xBF;
  }

  /** Reads more behind what is there; false at the end of the stream. */
  private boolean fill() throws IOException {
    if (atEnd) {
      return false;
    }
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      end -= start;
      start = 0;
    }
    if (in.available() == 0) {
      beforeWait.run();
    }
    int count = in.read(buffer, end, buffer.length - end);
    if (count < 0) {
      atEnd = true;
      return false;
    }
    end += count;
    return true;
  }
}
