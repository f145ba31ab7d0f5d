package dev.aioli.http.server;

import dev.aioli.http.wire.Tokens;
import java.util.List;
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
  private static final String UNIT = "bytes=";
  private static final Pattern RANGE = Pattern.compile("([0-9]*)-([0-9]*)");
  private static final int LONG_DIGITS = 18; // so many always fit

  /**
   * Reads a field.
   *
   * @return null if it is malformed or names several parts: then the whole is sent, which is
   *     allowed
   */
  static @Nullable ByteRange parse(String field, long size) {
    if (!field.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
      return null;
    }
    List<String> ranges =
        Tokens.elements(List.of(field.substring(UNIT.length())))
            .filter(range -> !range.isEmpty())
            .toList();
    Matcher matcher = RANGE.matcher(ranges.size() == 1 ? ranges.getFirst() : "");
    if (!matcher.matches()) {
      return null;
    }
    String from = matcher.group(1);
    String to = matcher.group(2);
    if (from.isEmpty()) {
      return to.isEmpty() ? null : suffix(number(to), size);
    }
    long first = number(from);
    long last = to.isEmpty() ? Long.MAX_VALUE : number(to);
    return last < first ? null : new ByteRange(first, Math.min(last, size - 1), size);
  }

  /** A number of any length: beyond what can be counted one is as good as another. */
  private static long number(String digits) {
    int zeros = 0;
    while (zeros < digits.length() - 1 && digits.charAt(zeros) == '0') {
      zeros++;
    }
    return digits.length() - zeros > LONG_DIGITS
        ? Long.MAX_VALUE
        : Long.parseLong(digits, zeros, digits.length(), 10);
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
