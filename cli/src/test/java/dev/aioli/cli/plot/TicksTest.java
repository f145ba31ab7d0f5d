package dev.aioli.cli.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TicksTest {
  private static String labels(Ticks ticks) {
    return IntStream.range(0, ticks.count())
        .mapToObj(ticks::label)
        .collect(Collectors.joining(" "));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 0.2 0.4 0.6 0.8 1",
    "1, 0 0.2 0.4 0.6 0.8 1",
    "7.3, 0 2 4 6 8",
    "12, 0 2.5 5 7.5 10 12.5",
    "0.0031, 0 0.001 0.002 0.003 0.004",
    "99.9, 0 20 40 60 80 100",
    "45000, 0 10k 20k 30k 40k 50k",
    "3e7, 0 10M 20M 30M",
  })
  void areRoundNumbers(double largest, String labels) {
    assertThat(labels(Ticks.of(largest, 5))).isEqualTo(labels);
  }

  @ParameterizedTest
  @CsvSource({"1, 0 1", "3, 0 1 2 3", "6, 0 2 4 6", "12, 0 3 6 9 12", "64, 0 20 40 60 80"})
  void areWholeWhereValuesAre(double largest, String labels) {
    assertThat(labels(Ticks.ofWhole(largest, 5))).isEqualTo(labels);
  }
}
