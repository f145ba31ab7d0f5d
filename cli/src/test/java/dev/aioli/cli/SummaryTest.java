package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SummaryTest {
  private static FetchResult answer(int status, long millis) {
    return FetchResult.of(
        new FetchRequest("http://u"), new Fetcher.Response(status, 1_000), millis * 1_000_000, 1);
  }

  @Test
  void countsAndMeasures() {
    Tally tally = new Tally();
    tally.started();
    tally.started();
    tally.ended();
    tally.ended();
    for (int millis = 1; millis <= 100; millis++) {
      tally.add(answer(millis == 7 ? 404 : 200, millis));
    }
    tally.retried();
    FetchError error = new FetchError(ErrorType.TIMEOUT, "timed out");
    tally.add(FetchResult.failed(new FetchRequest("http://u"), error, 9_000_000_000L, 2));
    assertThat(tally.summary(Duration.ofMillis(2_500)).parts())
        .containsExactly(
            "101 done, 2 failed, 1 retried, at most 2 in flight",
            "200: 99, 404: 1, timeout: 1",
            "100 kB",
            "2.50 s, 40.4/s",
            "p50 50.0 ms, p99 99.0 ms");
  }

  @Test
  void saysNothingOfTimesWhenThereWasNoAnswer() {
    assertThat(new Tally().summary(Duration.ZERO).parts())
        .containsExactly("0 done, 0 failed, at most 0 in flight", "0 B", "0.00 ms, 0.00/s");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "999, 999 B",
    "1234, 1.23 kB",
    "999499, 999 kB",
    "999500, 1.00 MB",
    "12345678901, 12.3 GB"
  })
  void showsSizesInDecimalUnits(long bytes, String expected) {
    assertThat(Summary.size(bytes)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.00 ms",
    "1234, 1.23 ms",
    "99940, 99.9 ms",
    "203000, 203 ms",
    "1500000, 1.50 s",
    "119000000, 119 s",
    "3723000000, 1:02:03 h"
  })
  void showsThreeDigits(long micros, String expected) {
    assertThat(Summary.time(Duration.ofNanos(micros * 1_000))).isEqualTo(expected);
  }
}
