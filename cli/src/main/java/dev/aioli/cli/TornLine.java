package dev.aioli.cli;

import java.io.IOException;
import java.io.InputStream;

/**
 * The end of a file to which somebody wrote lines when his process was killed, or the whole system
 * went down: at most a line without its end, then at most NULs, which file systems leave where data
 * has not reached the disk.
 */
final class TornLine {
  /** What {@link #nuls} says of anything else. */
  static final int OTHER = -1;

  private TornLine() {}

  /**
   * Reads the rest of a file.
   *
   * @param begin how each line begins
   * @return how many NULs are at its end; negative if it is anything but a line that is torn
   */
  static long nuls(InputStream rest, byte[] begin) throws IOException {
    int next = rest.read();
    while (next == '\n' || next == '\r') {
      next = rest.read();
    }
    for (int length = 0; next > 0; length++, next = rest.read()) {
      if (next == '\n' || (length < begin.length && next != begin[length])) {
        return OTHER;
      }
    }
    long nuls = 0;
    for (; next == 0; next = rest.read()) {
      nuls++;
    }
    return next < 0 ? nuls : OTHER;
  }
}
