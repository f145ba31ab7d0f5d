package dev.aioli.http.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.aioli.http.Headers;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDateTest {
  private static final Instant TIME = Instant.parse("1994-11-06T08:49:37Z");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06-Nov-1994 08:49:37 GMT", // as cookies had it once
        "sun, 6 nov 1994 8:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:37 GMT  ",
        "06 Nov 1994 08:49:37 Z",
        "Mon, 06 Nov 1994 08:49:37 GMT", // it was a Sunday
      })
  void allFormatsOfHttpAreRead(String text) {
    assertThat(HttpDate.parse(text)).isEqualTo(TIME);
    assertThat(Headers.of("Date", text).getInstant("date")).isEqualTo(TIME);
    assertThat(HttpDate.parseLeniently(text)).isEqualTo(TIME);
  }

  @Test
  void twoDigitsOfAYearAreThoseOfTheLastCenturyFrom70On() {
    assertThat(HttpDate.parse("Monday, 30-Nov-26 17:56:07 GMT"))
        .isEqualTo(Instant.parse("2026-11-30T17:56:07Z"));
    assertThat(HttpDate.parse("Thursday, 01-Jan-70 00:00:00 GMT")).isEqualTo(Instant.EPOCH);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "0",
        "Sun, 06 Nov 1994 08:49:37 +0100", // another time than that of GMT
        "Sun, 06 Nov 1994 08:49:37 EST",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994",
        "Sun, 06 Xyz 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:99:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
        "Sun, \u0660\u0666 Nov 1994 08:49:37 GMT",
      })
  void whatIsNoDateOfHttpIsNone(String text) {
    assertThat(HttpDate.parse(text)).isNull();
  }

  @Test
  void whatIsWrittenIsRead() {
    assertThat(HttpDate.format(TIME)).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
    assertThat(HttpDate.parse(HttpDate.format(Instant.parse("2024-02-29T23:59:59Z"))))
        .isEqualTo("2024-02-29T23:59:59Z");
  }

  @Test
  void noTextMakesTheReaderThrow() {
    Random random = new Random(7);
    String[] pieces = {
      "Sun",
      ",",
      " ",
      "-",
      "06",
      "Nov",
      "1994",
      "08:49:37",
      "GMT",
      "99",
      "99999999999",
      ":",
      "\0",
      "\u00e9",
      "24:60:60",
      "31",
      "Feb",
      "0",
      "00",
      "0000",
      "9999",
      ";"
    };
    for (int i = 0; i < 5_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(10); n >= 0; n--) {
        text.append(pieces[random.nextInt(pieces.length)]).append(random.nextBoolean() ? " " : "");
      }
      assertThatCode(() -> HttpDate.parse(text.toString())).doesNotThrowAnyException();
      assertThatCode(() -> HttpDate.parseLeniently(text.toString())).doesNotThrowAnyException();
    }
  }
}
