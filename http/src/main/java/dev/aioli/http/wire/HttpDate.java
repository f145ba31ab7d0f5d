package dev.aioli.http.wire;

import io.netty.handler.codec.DateFormatter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Date;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Times as they stand in header fields, with a resolution of a second: the one reader of them.
 * Years of two digits are those from 1970 to 2069.
 */
public final class HttpDate {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private static final String TIME = "\\d{1,2}:\\d{2}:\\d{2}";

  /**
   * What Netty's reader must not be given: it takes a time of any zone for one of GMT. The formats
   * are {@code Sun, 06 Nov 1994 08:49:37 GMT}, {@code Sunday, 06-Nov-94 08:49:37 GMT} and {@code
   * Sun Nov 6 08:49:37 1994}; the day of the week may be missing, or wrong.
   */
  private static final Pattern HTTP_DATE =
      Pattern.compile(
          "(?:[A-Z]+, *)?\\d{1,2}(?:-[A-Z]{3}-| +[A-Z]{3} +)(?:\\d{4}|\\d{2}) +"
              + TIME
              + " +(?:GMT|UTC|UT|Z)"
              + "|[A-Z]+ +[A-Z]{3} +\\d{1,2} +"
              + TIME
              + " +\\d{4}",
          Pattern.CASE_INSENSITIVE);

  private static final int MAX_LENGTH = 64; // Netty's reader throws at more

  private HttpDate() {}

  /** As it is written: {@code Sun, 06 Nov 1994 08:49:37 GMT}. */
  public static String format(Instant time) {
    return FORMAT.format(time);
  }

  /**
   * A date in one of the three formats of RFC 9110, 5.6.7; {@code UTC} may stand for {@code GMT}.
   *
   * @return null if it is none: who sends such a thing is treated as if it had sent nothing
   */
  public static @Nullable Instant parse(@Nullable String text) {
    String stripped = text == null ? "" : text.strip();
    return HTTP_DATE.matcher(stripped).matches() ? parseLeniently(stripped) : null;
  }

  /**
   * A date as cookies have it: anything with a time, a day, a month and a year (RFC 6265, 5.1.1).
   *
   * @return null if it is none
   */
  public static @Nullable Instant parseLeniently(String text) {
    Date date = text.length() > MAX_LENGTH ? null : DateFormatter.parseHttpDate(text);
    return date == null ? null : date.toInstant();
  }
}
