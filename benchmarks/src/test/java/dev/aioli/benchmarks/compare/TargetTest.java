package dev.aioli.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.benchmarks.compare.Target.Verdict;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TargetTest {
  private final Results results = new Results();

  private static Row row(String name) {
    return Row.all().stream().filter(row -> row.name().equals(name)).findFirst().orElseThrow();
  }

  private void measured(String row, String system, String column, double value) {
    results.add(new Results.Cell(system, column, row(row), value, value, List.of(value), "a note"));
  }

  private void measured(String row, String system, double value) {
    measured(row, system, system, value);
  }

  private String verdict(String heading, String row) {
    return Target.verdict(heading, results, row(row)).map(Verdict::toString).orElse("none");
  }

  @Test
  void fasterIsReachedFromTheFactorOn() {
    measured("lock", Column.AIOLI, 100);
    measured("lock", Column.CPYTHON, 800);
    measured("event", Column.AIOLI, 100);
    measured("event", Column.CPYTHON, 790);

    assertThat(verdict("vs cpython", "lock")).isEqualTo("8x (≥8x) yes");
    assertThat(verdict("vs cpython", "event")).isEqualTo("7.9x (≥8x) NO");
  }

  @Test
  void withinIsReachedUpToTheFactor() {
    measured("yield-1", Column.AIOLI, 125);
    measured("yield-1", Column.LIMIT, 100);
    measured("yield-2", Column.AIOLI, 130);
    measured("yield-2", Column.LIMIT, 100);

    assertThat(verdict("vs limit", "yield-1")).isEqualTo("1.25x (≤1.25x) yes");
    assertThat(verdict("vs limit", "yield-2")).isEqualTo("1.3x (≤1.25x) NO");
  }

  @Test
  void engineForFewMustBeWorthIt() {
    measured("yield-1", Column.AIOLI, 100);
    measured("yield-1", Column.AIOLI_BARE, 81);
    measured("spawn-many", Column.AIOLI, 100);
    measured("spawn-many", Column.AIOLI_BARE, 91);

    assertThat(verdict("aioli-bare vs aioli", "yield-1")).isEqualTo("0.81x (≤0.9x) yes");
    assertThat(verdict("aioli-bare vs aioli", "spawn-many")).isEqualTo("0.91x (≤0.9x) NO");
  }

  @Test
  void fastestSystemOfAColumnCounts() {
    measured("posts", Column.AIOLI, 100);
    measured("posts", "kotlin-default", Column.KOTLIN, 300);
    measured("posts", "kotlin-run-blocking", Column.KOTLIN, 50);

    assertThat(verdict("vs kotlin", "posts")).isEqualTo("0.5x (≥1x) NO");
  }

  @Test
  void memoryIsComparedInBytes() {
    results.add(
        new Results.Cell("aioli", Column.AIOLI, row("parked"), 1, 1000, List.of(1.0), "a note"));
    results.add(
        new Results.Cell(
            "kotlin-default", Column.KOTLIN, row("parked"), 1000, 500, List.of(1.0), "a note"));

    assertThat(verdict("vs kotlin", "parked")).isEqualTo("2x (≤2.5x) yes");
    assertThat(verdict("vs cpython", "parked")).isEqualTo("none");
  }

  @Test
  void growthIsThatFromTenTasks() {
    measured("yield@10", Column.AIOLI, 100);
    measured("yield@1000", Column.AIOLI, 150);
    measured("semaphore@1000", Column.AIOLI, 500);

    assertThat(verdict("vs 10 tasks", "yield@1000")).isEqualTo("1.5x (≤2x) yes");
    assertThat(verdict("vs 10 tasks", "yield@10")).isEqualTo("none");
    assertThat(verdict("vs 10 tasks", "semaphore@1000")).isEqualTo("none");
  }

  @Test
  void noVerdictWithoutBothSides() {
    measured("lock", Column.AIOLI, 100);

    assertThat(Target.verdict("vs cpython", results, row("lock"))).isEqualTo(Optional.empty());
  }

  @Test
  void medianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
    assertThat(Results.median(List.of(9.0, 1.0, 3.0))).isEqualTo(3.0);
    assertThat(Results.median(List.of(9.0, 1.0, 3.0, 5.0))).isEqualTo(4.0);
  }

  @Test
  void tableShowsCostsAndVerdicts() {
    measured("lock", Column.AIOLI, 123.4);
    measured("lock", Column.CPYTHON, 1234.5);

    assertThat(Table.of(results))
        .contains("| row  | aioli | cpython | reached |")
        .contains("| lock |   123 |   1,235 |     yes |")
        .contains("10x (≥8x) yes");
  }

  @Test
  void tableNamesWhatARowDoesNotReach() {
    measured("lock", Column.AIOLI, 100);
    measured("lock", Column.CPYTHON, 700);
    measured("lock", Column.UVLOOP, 700);
    measured("deep-lock", Column.LIMIT, 100);

    assertThat(Table.of(results))
        .contains("|    700 | NO: vs cpython |")
        .contains("| deep-lock |   100 |         |");
  }

  @Test
  void lineOfJsonHasWhatOtherProgramsNeed() {
    measured("lock", Column.AIOLI, 123.5);

    assertThat(results.cells())
        .extracting(JsonLines::of)
        .containsExactly(
            """
            {"system":"aioli","workload":"lock","ns_per_op":123.5,"bytes":123.5,"note":"a note","tasks":10,"samples":[123.5]}\
            """);
  }
}
