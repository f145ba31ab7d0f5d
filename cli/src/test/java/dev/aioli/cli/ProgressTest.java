package dev.aioli.cli;

import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.run;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressTest {
  private final Tally tally = new Tally();
  private long nanos;
  private final Stopwatch time = new Stopwatch(() -> nanos);

  /** The last state of a bar during which this was done. */
  private String bar(long total) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, UTF_8);
    run(() -> {
      try (Progress progress =
          new Progress(getRunningLoop(), tally, () -> total, time, out, false)) {
        tally.started();
        FetchRequest request = new FetchRequest("http://a");
        tally.add(FetchResult.of(request, new Fetcher.Response(200, 0), 1, 1));
        FetchError error = new FetchError(ErrorType.OTHER, "no");
        tally.add(FetchResult.failed(request, error, 1, 1));
        nanos += 400_000_000;
        time.stop();
      }
    });
    String[] states = bytes.toString(UTF_8).split("\r");
    return states[states.length - 1];
  }

  @ParameterizedTest
  @ValueSource(longs = {8, UrlSource.UNKNOWN})
  void itsRateIsThatOfTheSummaryInARunOfLessThanASecond(long total) {
    assertThat(bar(total)).contains(" 5.00/s, 1 in flight");
    nanos += 900_000_000; // what the last line takes
    assertThat(tally.summary(time.elapsed()).parts()).contains("400 ms, 5.00/s");
  }

  @Test
  void showsHowFarItIs() {
    assertThat(bar(8)).startsWith("fetch").contains("25%", "2/8", "1 in flight, 1 failed", "/s");
  }

  @Test
  void showsNoPercentageOfWhatIsUnknown() {
    assertThat(bar(UrlSource.UNKNOWN))
        .contains("2/?", "1 in flight, 1 failed")
        .startsWith("fetch  ? %");
  }
}
