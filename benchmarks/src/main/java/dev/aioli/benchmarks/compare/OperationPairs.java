package dev.aioli.benchmarks.compare;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Measures rows of {@code benchmarks/run} on two builds, in turn. */
public final class OperationPairs {
  private static final List<String> JVM_OPTIONS = List.of("-Xms1g", "-Xmx4g", "-Xmn600m");
  private static final Effort EFFORT = new Effort(1000, 150, 7, false);

  private final Build before;
  private final Build after;
  private final Effort effort;

  /** Measures for as long as it takes to see a few hundredths. */
  public OperationPairs(Build before, Build after, boolean tiny) {
    this.before = before;
    this.after = after;
    this.effort = tiny ? Effort.TINY : EFFORT;
  }

  /** The rows that can be named: all but those of a million tasks. */
  public static Stream<String> rows() {
    return Row.all().stream().filter(row -> row.kind() != Row.Kind.MILLION).map(Row::name);
  }

  /**
   * Measures one pair of processes in some rows.
   *
   * @param engine such as {@code loop-scheduled}
   * @param names of the rows
   * @param afterFirst whether the build after comes first
   * @param failures gets what went wrong
   */
  public void measure(
      String engine,
      List<String> names,
      boolean afterFirst,
      Pairs results,
      Consumer<String> failures) {
    List<Build> order = afterFirst ? List.of(after, before) : List.of(before, after);
    List<Subject> subjects = order.stream().map(build -> subject(build, engine)).toList();
    List<Row> rows = Row.all().stream().filter(row -> names.contains(row.name())).toList();
    try (Comparison comparison = new Comparison(subjects, effort)) {
      Results costs = comparison.run(rows);
      costs.failures().forEach(failures);
      for (Row row : costs.rows()) {
        Optional<Results.Cell> old = costs.best(row, before.name());
        Optional<Results.Cell> young = costs.best(row, after.name());
        if (old.isPresent() && young.isPresent()) {
          results.add(row.name() + ", ns", old.get().nanos(), young.get().nanos());
        }
      }
    }
  }

  private static Subject subject(Build build, String engine) {
    Subject worker =
        build.systems(JVM_OPTIONS).all().stream()
            .filter(system -> system.command().contains("-Ddev.aioli.engine=" + engine))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("expected an engine, found " + engine));
    return Subject.jvm(build.name(), build.name(), worker.command());
  }
}
