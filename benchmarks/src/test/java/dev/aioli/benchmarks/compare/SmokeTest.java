package dev.aioli.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every workload of every system that this machine has runs, in the processes that are measured.
 */
class SmokeTest {
  private static final Set<String> OF_JOX =
      Set.of(
          "spawn-await", "spawn-many", "spawn-cancel", "queue-1", "queue-1024", "posts", "parked");
  private static final Set<String> OF_LIMIT = Set.of("yield", "spawn-await", "spawn-many");

  @Test
  @Timeout(300)
  void everyWorkloadRuns() {
    List<Subject> present =
        new Systems(Path.of("").toAbsolutePath(), List.of("-Xmx512m"))
            .all().stream().filter(subject -> subject.missing() == null).toList();
    Results results;
    try (Comparison comparison = new Comparison(present, Effort.TINY)) {
      results = comparison.run(Row.all());
    }

    assertThat(results.failures()).isEmpty();
    assertThat(measured(results)).containsExactlyInAnyOrderElementsOf(expected(present));
    assertThat(results.cells())
        .allSatisfy(cell -> assertThat(cell.nanos()).as(cell.toString()).isPositive());
    assertThat(results.cells())
        .filteredOn(cell -> cell.row().name().equals("parked"))
        .filteredOn(cell -> cell.system().startsWith("aioli"))
        .allSatisfy(cell -> assertThat(cell.bytes()).isPositive());
  }

  private static List<String> measured(Results results) {
    return results.cells().stream()
        .map(cell -> cell.row().name() + " on " + cell.system())
        .toList();
  }

  private static List<String> expected(List<Subject> present) {
    List<String> expected = new ArrayList<>();
    for (Subject subject : present) {
      Row.all().stream()
          .filter(row -> has(subject.column(), row.workload()))
          .forEach(row -> expected.add(row.name() + " on " + subject.name()));
    }
    return expected;
  }

  private static boolean has(String column, String workload) {
    return switch (column) {
      case Column.JOX -> OF_JOX.contains(workload);
      case Column.LIMIT -> OF_LIMIT.contains(workload);
      case Column.AIOLI, Column.HAND_OVER, Column.AIOLI_BARE -> true;
      case Column.KOTLIN -> !Set.of("blocking", "short-timers").contains(workload);
      default -> !workload.equals("blocking");
    };
  }
}
