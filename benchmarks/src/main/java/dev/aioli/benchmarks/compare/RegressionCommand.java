package dev.aioli.benchmarks.compare;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code benchmarks/regression}. */
@Command(
    name = "regression",
    mixinStandardHelpOptions = true,
    description = {
      "Fails if an operation costs several times what it should.",
      "",
      "What it should cost is said as a multiple of what a bare switch between two virtual threads"
          + " on one thread costs in the same run, so the speed of the machine does not matter. The"
          + " bounds are two to three times what is usual: they find accidents, not drifts. A row"
          + " that is over its bound is measured once more before it counts.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:all rows are within their bounds", "1:one is not", "2:wrong arguments"})
public final class RegressionCommand implements Callable<Integer> {
  private static final Effort SHORT = new Effort(400, 60, 5, false);
  private static final String UNIT_ROW = "yield-2";

  /** What an operation may cost, in bare switches. */
  static final Map<String, Double> BOUNDS = bounds();

  private final Effort effort;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--tighten",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Divide the bounds by this (default: ${DEFAULT-VALUE}): to see that it can fail.")
  private double tighten;

  RegressionCommand(Effort effort) {
    this.effort = effort;
  }

  private static Map<String, Double> bounds() {
    Map<String, Double> bounds = new LinkedHashMap<>();
    bounds.put("yield-1", 3.0);
    bounds.put("yield-2", 3.0);
    bounds.put("spawn-await", 15.0);
    bounds.put("uncontended", 0.5);
    bounds.put("semaphore", 8.0);
    bounds.put("lock", 8.0);
    bounds.put("condition", 8.0);
    bounds.put("queue-1", 10.0);
    bounds.put("queue-1024", 1.0);
    bounds.put("posts", 3.0);
    return bounds;
  }

  /** Runs the command and ends the JVM. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new RegressionCommand(SHORT)).execute(args));
  }

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    Path home = Path.of(System.getProperty("benchmarks.home", "benchmarks"));
    List<Subject> subjects =
        new Systems(home, List.of("-Xmx1g"))
            .all().stream()
                .filter(system -> List.of(Column.AIOLI, Column.LIMIT).contains(system.name()))
                .toList();
    List<String> over = overBound(subjects, List.copyOf(BOUNDS.keySet()), out);
    if (!over.isEmpty()) {
      out.println("Over the bound: " + String.join(", ", over) + ". Measuring again.");
      over = overBound(subjects, over, out);
    }
    if (over.isEmpty()) {
      return CommandLine.ExitCode.OK;
    }
    out.println("Twice over the bound: " + String.join(", ", over));
    out.println("See benchmarks/README.md, \"Regressions\".");
    return 1;
  }

  /** Measures rows and names those that cost too much. */
  private List<String> overBound(List<Subject> subjects, List<String> names, PrintWriter out) {
    List<Row> rows =
        Row.all().stream()
            .filter(row -> names.contains(row.name()) || row.name().equals(UNIT_ROW))
            .toList();
    List<String> over = new ArrayList<>();
    try (Comparison comparison = new Comparison(subjects, effort)) {
      Results results = comparison.run(rows);
      results.failures().forEach(out::println);
      double unit = cost(results, UNIT_ROW, Column.LIMIT).orElse(Double.NaN);
      Table table = new Table(List.of("row", "ns", "bare switches", "bound"));
      for (String name : names) {
        double nanos = cost(results, name, Column.AIOLI).orElse(Double.NaN);
        double bound = Objects.requireNonNull(BOUNDS.get(name)) / tighten;
        table.add(
            List.of(name, Table.number(nanos), Table.number(nanos / unit), Table.number(bound)));
        if (!(nanos / unit <= bound)) { // also if one was not measured
          over.add(name);
        }
      }
      out.println(table);
      out.flush();
    }
    return over;
  }

  private static Optional<Double> cost(Results results, String row, String column) {
    return results.rows().stream()
        .filter(candidate -> candidate.name().equals(row))
        .findFirst()
        .flatMap(found -> results.best(found, column))
        .map(Results.Cell::nanos);
  }
}
