package dev.aioli.benchmarks.fetchers;

import dev.aioli.benchmarks.compare.RowNames;
import dev.aioli.benchmarks.http.NginxProcess;
import dev.aioli.benchmarks.http.Programs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command {@code benchmarks/fetchers}. */
@Command(
    name = "fetchers",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares `aioli fetch` with other commands that fetch lists of URLs.",
      "",
      "All of them ask an nginx with one worker, on this machine, which notes every URL: each has to"
          + " come once. Every run is a new process; the fetchers of a row take turns, and medians"
          + " count.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all was measured",
      "1:a fetcher did not do what it was asked for, or there is no nginx",
      "2:wrong arguments"
    })
public final class FetchersCommand implements Callable<Integer> {
  private static final int LIMIT_MINUTES = 5;
  private static final double KIB = 1024;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "NAME",
      arity = "0..*",
      description = "Rows ('large*' means all that begin so) and fetchers; all, if none is named.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Measure each N times (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--list", description = "List the rows and fetchers, and measure nothing.")
  private boolean list;

  @Option(names = "--json", paramLabel = "FILE", description = "Write lines of JSON there.")
  private @Nullable Path json;

  private final Path home = Path.of(System.getProperty("benchmarks.home", "benchmarks"));
  private final Runs runs = new Runs();

  /** Runs the command and ends the JVM. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new FetchersCommand()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException, GeneralSecurityException {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    PrintWriter out = line.getOut();
    if (list) {
      Row.ALL.forEach(row -> out.println("row      " + row.name()));
      Arrays.stream(Fetcher.values()).forEach(fetcher -> out.println("fetcher  " + fetcher));
      return 0;
    }
    if (rounds < 1) {
      throw new ParameterException(line, "--rounds expects 1 or more, found " + rounds);
    }
    List<Row> rows = chosenRows(line);
    List<Fetcher> chosen = chosenFetchers();
    Optional<Path> nginx = NginxProcess.find();
    if (nginx.isEmpty()) {
      err()
          .println(
              "expected nginx on the PATH or in /usr/sbin, found none; install it (Debian: apt"
                  + " install nginx-light)");
      return 1;
    }
    Map<Fetcher, String> programs = programs(chosen);
    String aioli = programs.get(Fetcher.AIOLI);
    if (aioli != null) {
      Programs.build(Path.of(aioli));
    }
    try (Origin origin = Origin.start(nginx.get())) {
      for (Row row : rows) {
        measure(row, origin, programs);
        err().println("measured " + row.name());
      }
    }
    out.println(runs.toTables());
    if (json == null) {
      out.print(runs.toJsonLines());
    } else {
      Files.writeString(json, runs.toJsonLines());
    }
    out.flush();
    return runs.allWell() ? 0 : 1;
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }

  // ---- what is chosen

  private List<Row> chosenRows(CommandLine line) {
    List<Row> rows =
        Row.ALL.stream()
            .filter(row -> names.stream().anyMatch(name -> RowNames.matches(row.name(), name)))
            .toList();
    for (String name : names) {
      if (rows.stream().noneMatch(row -> RowNames.matches(row.name(), name))
          && !fetcherNames().contains(name)) {
        throw new ParameterException(
            line, "expected a row or a fetcher, found '" + name + "'; see --list");
      }
    }
    return rows.isEmpty() ? Row.ALL : rows;
  }

  private List<Fetcher> chosenFetchers() {
    List<Fetcher> all = List.of(Fetcher.values());
    List<Fetcher> named =
        all.stream().filter(fetcher -> names.contains(fetcher.toString())).toList();
    return named.isEmpty() ? all : named;
  }

  private static List<String> fetcherNames() {
    return Arrays.stream(Fetcher.values()).map(Fetcher::toString).toList();
  }

  private Map<Fetcher, String> programs(List<Fetcher> chosen) {
    Map<Fetcher, String> programs = new LinkedHashMap<>();
    for (Fetcher fetcher : chosen) {
      Optional<String> program = fetcher.find(home);
      if (program.isPresent()) {
        programs.put(fetcher, program.get());
      } else {
        err().println(fetcher + ": left out, not on this machine");
      }
    }
    return programs;
  }

  // ---- measuring

  private void measure(Row row, Origin origin, Map<Fetcher, String> programs)
      throws IOException, InterruptedException {
    List<Fetcher> taking =
        programs.keySet().stream().filter(fetcher -> fetcher.isGiven(row)).toList();
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < taking.size(); i++) {
        Fetcher fetcher = taking.get((i + round) % taking.size());
        runs.add(row, fetcher, run(row, fetcher, programs.get(fetcher), origin));
      }
    }
  }

  private Run run(Row row, Fetcher fetcher, @Nullable String program, Origin origin)
      throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("aioli-fetchers");
    try {
      Path urls = work.resolve("urls");
      origin.writeUrls(row, urls);
      Path folder = Files.createDirectory(work.resolve("bodies"));
      Path result = work.resolve("result");
      List<String> command =
          new ArrayList<>(
              List.of("python3", home.resolve("python/measure.py").toString(), result.toString()));
      command.addAll(fetcher.command(Objects.requireNonNull(program), home, row, urls, folder));
      origin.forget();
      Path said = work.resolve("stderr");
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(work.resolve("stdout").toFile())
              .redirectError(said.toFile())
              .start();
      if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        return new Run(Double.NaN, Double.NaN, Double.NaN, "took " + LIMIT_MINUTES + " minutes");
      }
      String complaint = origin.complaint(row);
      if (process.exitValue() != 0) {
        complaint = (complaint + " exit " + process.exitValue() + " " + firstLine(said)).strip();
      } else if (row.stores() && count(folder) != row.urls()) {
        complaint = (complaint + " stored " + count(folder) + " files").strip();
      }
      JsonNode took = JsonMapper.shared().readTree(Files.readString(result));
      return new Run(
          took.path("wall").asDouble(),
          took.path("cpu").asDouble(),
          took.path("kib").asDouble() / KIB,
          complaint);
    } finally {
      delete(work);
    }
  }

  private static String firstLine(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      return lines.limit(1).collect(Collectors.joining());
    }
  }

  private static long count(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
