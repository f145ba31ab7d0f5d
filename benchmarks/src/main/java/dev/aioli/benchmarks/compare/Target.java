package dev.aioli.benchmarks.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What Aioli wants to reach in comparison with another system.
 *
 * @param against the other system: the heading
 * @param rows for which rows
 * @param measure the ratio in a row
 * @param limit where the ratio must lie
 */
record Target(String against, Predicate<Row> rows, Measure measure, Limit limit) {
  /** Gives the ratio; empty if one of its sides was not measured. */
  interface Measure {
    OptionalDouble ratio(Results results, Row row);
  }

  /** A bound on a ratio. */
  record Limit(double value, boolean atLeast) {
    static Limit atLeast(double value) {
      return new Limit(value, true);
    }

    static Limit atMost(double value) {
      return new Limit(value, false);
    }

    boolean admits(double ratio) {
      return atLeast ? ratio >= value : ratio <= value;
    }

    @Override
    public String toString() {
      return (atLeast ? "≥" : "≤") + Table.number(value) + "x";
    }
  }

  /** The outcome in one row. */
  record Verdict(double ratio, Limit limit) {
    boolean reached() {
      return limit.admits(ratio);
    }

    @Override
    public String toString() {
      String word = reached() ? "yes" : "NO";
      return String.format(Locale.ROOT, "%sx (%s) %s", Table.number(ratio), limit, word);
    }
  }

  private static final Set<String> CONTENDED =
      Set.of("semaphore", "lock", "condition", "event", "queue-1");

  /** All targets, in the order of the table; docs/performance.md says why these. */
  static final List<Target> ALL = all();

  private static List<Target> all() {
    Predicate<Row> every = row -> !row.measuresBytes();
    List<Target> targets = new ArrayList<>();
    targets.add(faster(Column.CPYTHON, every, 8));
    targets.add(faster(Column.UVLOOP, every, 3));
    targets.add(
        faster(Column.THREADS, in("yield-1", "yield-2", "spawn-many").or(named(CONTENDED)), 2));
    targets.add(within(Column.AIOLI, Column.LIMIT, in("yield-1", "yield-2"), 1.25));
    targets.add(
        faster(
            Column.KOTLIN,
            in("uncontended", "queue-1024", "priority-queue", "posts", "timers", "spawn-cancel"),
            1));
    targets.add(within(Column.AIOLI, Column.KOTLIN, in("spawn-many").or(named(CONTENDED)), 2));
    targets.add(within(Column.AIOLI, Column.KOTLIN, in("parked"), 2.5));
    targets.add(faster(Column.JOX, in("posts"), 1));
    targets.add(within(Column.HAND_OVER, Column.AIOLI, named(CONTENDED), 6));
    targets.add(
        within(
            Column.AIOLI_BARE,
            Column.AIOLI,
            in("yield-1", "yield-2", "spawn-many", "parked").or(named(CONTENDED)),
            0.9));
    targets.add(
        within(Column.AIOLI_BARE, Column.KOTLIN, in("spawn-many").or(named(CONTENDED)), 1.25));
    targets.add(
        new Target(
            "vs 10 tasks", row -> true, Target::growth, Limit.atMost(2))); // flat, but for caches
    return List.copyOf(targets);
  }

  private static Target faster(String other, Predicate<Row> rows, double times) {
    return new Target(
        "vs " + other,
        rows,
        (results, row) -> results.ratio(row, other, Column.AIOLI),
        Limit.atLeast(times));
  }

  private static Target within(String column, String other, Predicate<Row> rows, double times) {
    String against = column.equals(Column.AIOLI) ? "vs " + other : column + " vs " + other;
    return new Target(
        against, rows, (results, row) -> results.ratio(row, column, other), Limit.atMost(times));
  }

  /** How many times as much an operation costs on Aioli with more than ten tasks as with ten. */
  private static OptionalDouble growth(Results results, Row row) {
    int at = row.name().indexOf('@');
    Optional<Row> few =
        results.rows().stream()
            .filter(candidate -> at > 0 && !candidate.equals(row))
            .filter(candidate -> candidate.name().equals(row.name().substring(0, at) + "@10"))
            .findFirst();
    Optional<Results.Cell> here = results.best(row, Column.AIOLI);
    Optional<Results.Cell> there = few.flatMap(found -> results.best(found, Column.AIOLI));
    return here.isPresent() && there.isPresent()
        ? OptionalDouble.of(here.get().value() / there.get().value())
        : OptionalDouble.empty();
  }

  private static Predicate<Row> in(String... names) {
    return named(Set.of(names));
  }

  private static Predicate<Row> named(Set<String> names) {
    return row -> names.contains(row.name());
  }

  /** The headings of all targets. */
  static List<String> headings() {
    return ALL.stream().map(Target::against).distinct().toList();
  }

  /** What became of the target of a heading in a row; empty if there is none, or no result. */
  static Optional<Verdict> verdict(String heading, Results results, Row row) {
    for (Target target : ALL) {
      if (target.against.equals(heading) && target.rows.test(row)) {
        OptionalDouble ratio = target.measure.ratio(results, row);
        if (ratio.isPresent()) {
          return Optional.of(new Verdict(ratio.getAsDouble(), target.limit));
        }
      }
    }
    return Optional.empty();
  }
}
