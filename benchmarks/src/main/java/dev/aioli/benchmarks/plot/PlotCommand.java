package dev.aioli.benchmarks.plot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command {@code benchmarks/plot}. */
@Command(
    name = "plot",
    mixinStandardHelpOptions = true,
    description = {
      "Draws the cost of an operation against the number of tasks, as SVG.",
      "",
      "Takes what `benchmarks/run --json FILE` has written. Only the rows that have a number of"
          + " tasks in their name, such as yield@1000, are drawn.",
      ""
    })
public final class PlotCommand implements Callable<Integer> {
  private static final Pattern SCALED = Pattern.compile("([\\w-]+)@(\\d+)");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RESULTS", description = "The lines of JSON.")
  private @Nullable Path results;

  @Parameters(index = "1", paramLabel = "SVG", description = "The file to write.")
  private @Nullable Path target;

  /** Runs the command and ends the JVM. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new PlotCommand()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
    Path source = Objects.requireNonNull(results);
    if (!Files.isReadable(source)) {
      throw new CommandLine.ParameterException(
          commandLine,
          "expected a file that `benchmarks/run --json` has written, found no " + source);
    }
    List<LogLogChart.Panel> panels = panels(Files.readAllLines(source));
    if (panels.isEmpty()) {
      throw new CommandLine.ParameterException(
          commandLine,
          source
              + " has no row such as yield@1000; run `benchmarks/run 'yield@*' --json "
              + source
              + "`");
    }
    String svg = new LogLogChart("number of tasks", "nanoseconds per operation", panels).toSvg();
    Files.writeString(Objects.requireNonNull(target), svg, StandardCharsets.UTF_8);
    return CommandLine.ExitCode.OK;
  }

  /** A panel for each workload, a line for each system. */
  static List<LogLogChart.Panel> panels(List<String> lines) throws IOException {
    Map<String, Map<String, SortedMap<Double, Double>>> costs = new LinkedHashMap<>();
    for (String line : lines) {
      JsonNode result = parse(line);
      Matcher scaled = SCALED.matcher(result.path("workload").asString(""));
      if (scaled.matches()) {
        costs
            .computeIfAbsent(scaled.group(1), workload -> new LinkedHashMap<>())
            .computeIfAbsent(result.path("system").asString("?"), system -> new TreeMap<>())
            .put(Double.parseDouble(scaled.group(2)), result.path("ns_per_op").asDouble());
      }
    }
    List<LogLogChart.Panel> panels = new ArrayList<>();
    costs.forEach((workload, systems) -> panels.add(panel(workload, systems)));
    return panels;
  }

  private static JsonNode parse(String line) throws IOException {
    try {
      return JSON.readTree(line);
    } catch (JacksonException e) {
      throw new IOException("expected a line of JSON, found '" + line + "'", e);
    }
  }

  private static LogLogChart.Panel panel(
      String workload, Map<String, SortedMap<Double, Double>> systems) {
    List<Series> lines = new ArrayList<>();
    systems.forEach((system, costs) ->
        lines.add(
            new Series(
                system,
                costs.entrySet().stream()
                    .map(cost -> new Series.Point(cost.getKey(), cost.getValue()))
                    .toList())));
    return new LogLogChart.Panel(workload, lines);
  }
}
