package dev.aioli.benchmarks.builds;

import dev.aioli.benchmarks.compare.Build;
import dev.aioli.benchmarks.compare.OperationPairs;
import dev.aioli.benchmarks.compare.Pairs;
import dev.aioli.benchmarks.compare.RowNames;
import dev.aioli.benchmarks.http.HttpPairs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

/** The command {@code benchmarks/builds}. */
@Command(
    name = "builds",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares what operations cost in another source tree of Aioli, before a change for instance,"
          + " and in this one.",
      "",
      "Starts a process of each build, measures them in turn, and does that several times: JVMs"
          + " differ from run to run. The median of the ratios counts. Builds both trees if need"
          + " be.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:no row costs more than the bound",
      "1:one does, or could not be measured",
      "2:wrong arguments"
    },
    footer = {
      "",
      "Examples:",
      "  git worktree add ../before v0.1.0",
      "  benchmarks/builds ../before                  the usual rows",
      "  benchmarks/builds ../before client 'yield*'  some",
    })
public final class BuildsCommand implements Callable<Integer> {
  private static final List<String> USUAL =
      List.of(
          "yield-1",
          "yield-2",
          "spawn-many",
          "semaphore",
          "lock",
          "queue-1",
          "queue-1024",
          "timers",
          "posts",
          "client",
          "server",
          "fetch");

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "BEFORE", description = "The folder of the other tree.")
  private @Nullable Path before;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "ROW",
      description =
          "Rows of benchmarks/run (but for those of a million tasks), client, client-http2, server"
              + " and fetch; a row may end in *. Without one, the usual ones.")
  private List<String> names = List.of();

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "5",
      description = "So many processes of each build (default: ${DEFAULT-VALUE}).")
  private int pairs;

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      defaultValue = "loop-scheduled",
      description =
          "The engine for the rows of benchmarks/run: loop-scheduled, hand-over or bare (default:"
              + " ${DEFAULT-VALUE}).")
  private String engine = "";

  @Option(
      names = "--within",
      paramLabel = "RATIO",
      defaultValue = "1.03",
      description =
          "How much this tree may cost, in ratios to the other (default: ${DEFAULT-VALUE}).")
  private double within;

  @Option(names = "--tiny", description = "So little that it only shows that it works.")
  private boolean tiny;

  /** Runs the command and ends the JVM. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new BuildsCommand()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    PrintWriter out = line.getOut();
    PrintWriter err = line.getErr();
    if (pairs < 1 || !(within > 0)) {
      throw new ParameterException(line, "--pairs and --within expect more than zero");
    }
    if (!List.of("loop-scheduled", "hand-over", "bare").contains(engine)) {
      throw new ParameterException(
          line, "--engine expected loop-scheduled, hand-over or bare, found '" + engine + "'");
    }
    List<String> rows = rows(line);
    Build here = Build.ofThisProgram("after", Path.of(System.getProperty("benchmarks.home", ".")));
    Build there;
    try {
      there = Build.of("before", Objects.requireNonNull(before));
    } catch (IOException e) {
      throw new ParameterException(line, "BEFORE: " + e.getMessage());
    }
    List<String> failures = new ArrayList<>();
    Pairs results = measure(there, here, rows, failures, err);
    out.println(results.toTable());
    List<String> above = results.above(within);
    if (!above.isEmpty()) {
      out.println("Above " + within + ": " + String.join("; ", above));
    }
    out.flush();
    failures.forEach(failure -> err.println("failed: " + failure));
    return above.isEmpty() && failures.isEmpty() ? CommandLine.ExitCode.OK : 1;
  }

  private Pairs measure(
      Build there, Build here, List<String> rows, List<String> failures, PrintWriter err)
      throws InterruptedException {
    List<String> httpRows = rows.stream().filter(HttpPairs.ROWS::contains).toList();
    List<String> operations = rows.stream().filter(row -> !httpRows.contains(row)).toList();
    Pairs results = new Pairs();
    OperationPairs operationPairs = new OperationPairs(there, here, tiny);
    for (int pair = 0; pair < pairs; pair++) {
      boolean hereFirst = pair % 2 == 1;
      if (!operations.isEmpty()) {
        operationPairs.measure(engine, operations, hereFirst, results, failures::add);
      }
      if (!httpRows.isEmpty()) {
        measureHttp(there, here, httpRows, hereFirst, results, failures);
      }
      err.println("measured pair " + (pair + 1) + " of " + pairs);
    }
    return results;
  }

  private static void measureHttp(
      Build there,
      Build here,
      List<String> rows,
      boolean hereFirst,
      Pairs results,
      List<String> failures)
      throws InterruptedException {
    try (HttpPairs http = HttpPairs.start(there, here)) {
      for (String row : rows) {
        try {
          http.measure(row, hereFirst, results);
        } catch (IOException e) {
          failures.add(row + ": " + e.getMessage());
        }
      }
    } catch (IOException e) {
      failures.add(e.getMessage());
    }
  }

  private List<String> rows(CommandLine line) {
    List<String> known = Stream.concat(OperationPairs.rows(), HttpPairs.ROWS.stream()).toList();
    List<String> chosen = new ArrayList<>();
    for (String name : names.isEmpty() ? USUAL : names) {
      List<String> found = known.stream().filter(row -> RowNames.matches(row, name)).toList();
      if (found.isEmpty()) {
        throw new ParameterException(
            line, "expected a row, found '" + name + "'; known are " + String.join(", ", known));
      }
      chosen.addAll(found);
    }
    return chosen.stream().distinct().toList();
  }
}
