package dev.aioli.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PairsTest {
  @Test
  void medianOfTheRatiosCountsNotTheRatioOfTheMedians() {
    Pairs pairs = new Pairs();
    pairs.add("row", 100, 110); // 1.1
    pairs.add("row", 400, 400); // a busy machine, for both
    pairs.add("row", 50, 60); // 1.2

    assertThat(pairs.ratio("row")).isEqualTo(1.1);
    assertThat(pairs.above(1.11)).isEmpty();
    assertThat(pairs.above(1.09)).containsExactly("row");
    assertThat(pairs.toTable()).contains("1.100").contains("1.000").contains("1.200");
  }

  @Test
  void rowWithoutNumbersIsAboveEveryBound() {
    Pairs pairs = new Pairs();
    pairs.add("row", 0, 0);

    assertThat(pairs.above(10)).containsExactly("row");
  }

  @Test
  @Timeout(120)
  void bothBuildsAreMeasuredOnTheEngine() {
    Path home = Path.of("").toAbsolutePath();
    List<String> failures = new ArrayList<>();
    Pairs pairs = new Pairs();

    new OperationPairs(
            Build.ofThisProgram("before", home), Build.ofThisProgram("after", home), true)
        .measure("hand-over", List.of("yield-1"), true, pairs, failures::add);

    assertThat(failures).isEmpty();
    assertThat(pairs.ratio("yield-1, ns")).isPositive();
  }
}
