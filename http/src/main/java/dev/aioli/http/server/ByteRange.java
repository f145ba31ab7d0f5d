package dev.aioli.http.server;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of something: what a Range field asks for (RFC 9110, section 14).
 *
 * @param first the first byte, from 0
 * @param last the last byte; before the first if the part is empty
 * @param size of the whole
 */
record ByteRange(long first, long last, long size) {
  private static final Pattern SINGLE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

  /**
   * Reads a field.
   *
   * @return null if it is malformed or names several parts: then the whole is sent, which is
   *     allowed
   */
  static @Nullable ByteRange parse(String field, long size) {
    Matcher matcher = SINGLE.matcher(field.replace(" ", ""));
    if (!matcher.matches()) {
      return null;
    }
    String from = matcher.group(1);
    String to = matcher.group(2);
    if (from.isEmpty()) {
      return to.isEmpty() ? null : suffix(Long.parseLong(to), size);
    }
    long first = Long.parseLong(from);
    long last = to.isEmpty() ? size - 1 : Long.parseLong(to);
    return last < first && !to.isEmpty()
        ? null
        : new ByteRange(first, Math.min(last, size - 1), size);
  }

  private static ByteRange suffix(long length, long size) {
    return length == 0
        ? new ByteRange(size, size - 1, size)
        : new ByteRange(Math.max(0, size - length), size - 1, size);
  }

  boolean satisfiable() {
    return first <= last;
  }

  long length() {
    return last - first + 1;
  }

  /** What the answer says. */
  String contentRange() {
    return "bytes " + first + "-" + last + "/" + size;
  }
}
