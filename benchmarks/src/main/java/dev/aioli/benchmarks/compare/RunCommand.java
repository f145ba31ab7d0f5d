package dev.aioli.benchmarks.compare;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code benchmarks/run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares what operations cost on Aioli and on other systems.",
      "",
      "Prints a table in Markdown and a line of JSON for each result. Each round measures every"
          + " system once; medians count. What a row measures is in benchmarks/README.md.",
      "",
      "Everything takes a quarter of an hour on two processors, and wants 8 GB of memory and the"
          + " machine for itself. A row with a million tasks is measured three times at most, what"
          + " is slow once; aioli-hand-over is left out there unless it is named.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:all was measured", "1:a system failed in a row", "2:wrong arguments"},
    footer = {
      "",
      "Examples:",
      "  benchmarks/run                        everything",
      "  benchmarks/run --quick aioli cpython  two systems, in short rounds",
      "  benchmarks/run semaphore 'yield*'     some rows on all systems"
    })
public final class RunCommand implements Callable<Integer> {
  private static final String TINY_HEAP = "-Xmx512m";

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "SYSTEM|ROW",
      arity = "0..*",
      description = "Only these systems and rows; a row may end in *. See --list.")
  private List<String> names = List.of();

  @Option(names = "--quick", description = "Short rounds, and no row with a million tasks.")
  private boolean quick;

  @Option(
      names = "--tiny",
      description = "So little of everything that it only shows that it works; small heaps.")
  private boolean tiny;

  @Option(names = "--rounds", paramLabel = "N", description = "Measure each N times (default: 3).")
  private int rounds;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the lines of JSON there and not to standard output.")
  private @Nullable Path json;

  @Option(
      names = "--jvm-options",
      paramLabel = "OPTIONS",
      defaultValue = "-Xms1g -Xmx4g -Xmn600m",
      description =
          "For each JVM that is measured, but for those of the next option. In place of the"
              + " default, ${DEFAULT-VALUE}; so repeat what you keep.")
  private String jvmOptions = "";

  @Option(
      names = "--million-jvm-options",
      paramLabel = "OPTIONS",
      defaultValue = "-Xms4g -Xmx4g -Xmn2g",
      description =
          "For each JVM that is measured with a million tasks, one at a time (default:"
              + " ${DEFAULT-VALUE}).")
  private String millionJvmOptions = "";

  @Option(names = "--list", description = "List the systems and rows.")
  private boolean list;

  /** Runs the command and ends the JVM. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new RunCommand()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = commandLine().getOut();
    PrintWriter err = commandLine().getErr();
    if (rounds < 0) {
      throw new ParameterException(commandLine(), "--rounds expected 1 or more, was " + rounds);
    }
    Path home = Path.of(System.getProperty("benchmarks.home", "benchmarks"));
    List<Subject> systems = systems(home, tiny ? TINY_HEAP : jvmOptions);
    if (list) {
      printList(out, systems);
      return CommandLine.ExitCode.OK;
    }
    Choice choice = choose(systems);
    choice.systems.stream()
        .filter(system -> system.missing() != null)
        .forEach(system -> err.println(system.name() + ": left out, " + system.missing()));
    Results results = new Results();
    try (PrintWriter lines = json == null ? null : openJson(json)) {
      for (boolean million : new boolean[] {false, true}) {
        List<Subject> present =
            (million && !tiny ? systems(home, millionJvmOptions) : systems)
                .stream()
                    .filter(system -> system.missing() == null && choice.has(system, million))
                    .toList();
        List<Row> rows =
            choice.rows.stream()
                .filter(row -> (row.kind() == Row.Kind.MILLION) == million)
                .toList();
        try (Comparison comparison =
            new Comparison(
                present,
                effort(),
                line -> err.println("measured " + line),
                cell -> {
                  if (lines != null) {
                    lines.println(JsonLines.of(cell));
                    lines.flush(); // what is measured stays, however the run ends
                  }
                })) {
          results.addAll(comparison.run(rows));
        }
      }
      if (lines != null && lines.checkError()) {
        throw new IOException("could not write all results to " + json);
      }
      out.println(Table.of(results));
      if (lines == null) {
        results.cells().forEach(cell -> out.println(JsonLines.of(cell)));
      }
      out.flush();
      results.failures().forEach(failure -> err.println("failed: " + failure));
      return results.failures().isEmpty() ? CommandLine.ExitCode.OK : 1;
    }
  }

  private static List<Subject> systems(Path home, String jvmOptions) {
    return new Systems(home, List.of(jvmOptions.strip().split("\\s+", -1))).all();
  }

  private PrintWriter openJson(Path file) {
    try {
      return new PrintWriter(Files.newBufferedWriter(file));
    } catch (IOException e) {
      throw new ParameterException(
          commandLine(), "--json expected a file that can be written, found " + file + ": " + e);
    }
  }

  private CommandLine commandLine() {
    return Objects.requireNonNull(spec).commandLine();
  }

  private Effort effort() {
    Effort effort = tiny ? Effort.TINY : quick ? Effort.QUICK : Effort.NORMAL;
    return rounds == 0
        ? effort
        : new Effort(effort.warmUpMillis(), effort.roundMillis(), rounds, effort.tiny());
  }

  private static void printList(PrintWriter out, List<Subject> systems) {
    out.println("Systems:");
    for (Subject system : systems) {
      String missing = system.missing();
      out.println("  " + system.name() + (missing == null ? "" : " (left out: " + missing + ")"));
    }
    for (Row.Kind kind : Row.Kind.values()) {
      out.println(kind.title() + ":");
      Row.all().stream()
          .filter(row -> row.kind() == kind)
          .forEach(row -> out.println("  " + row.name()));
    }
    out.flush();
  }

  /**
   * What to measure.
   *
   * @param named whether the user named the systems
   */
  private record Choice(List<Subject> systems, boolean named, List<Row> rows) {
    /** A million threads that hand over to each other take the time of ten other rows. */
    boolean has(Subject system, boolean million) {
      return systems.stream().anyMatch(other -> other.name().equals(system.name()))
          && (named || !million || !system.column().equals(Column.HAND_OVER));
    }
  }

  private Choice choose(List<Subject> systems) {
    Set<Subject> chosenSystems = new LinkedHashSet<>();
    Set<Row> chosenRows = new LinkedHashSet<>();
    for (String name : names) {
      List<Subject> namedSystems =
          systems.stream()
              .filter(system -> system.name().equals(name) || system.column().equals(name))
              .toList();
      List<Row> namedRows =
          Row.all().stream().filter(row -> RowNames.matches(row.name(), name)).toList();
      if (namedSystems.isEmpty() && namedRows.isEmpty()) {
        throw new ParameterException(
            commandLine(), "expected a system or a row, found '" + name + "'; see --list");
      }
      chosenSystems.addAll(namedSystems);
      chosenRows.addAll(namedRows);
    }
    List<Row> rows = new ArrayList<>(chosenRows);
    if (rows.isEmpty()) {
      Stream<Row> all = Row.all().stream();
      rows.addAll(all.filter(row -> !quick || row.kind() != Row.Kind.MILLION).toList());
    }
    return chosenSystems.isEmpty()
        ? new Choice(systems, false, rows)
        : new Choice(List.copyOf(chosenSystems), true, rows);
  }
}
