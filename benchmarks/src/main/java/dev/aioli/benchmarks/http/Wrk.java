package dev.aioli.benchmarks.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** wrk: a load generator in C, the limit of what a client can be. */
final class Wrk {
  private static final Pattern LATENCY = Pattern.compile("(?m)^\\s+(50|99)%\\s+([\\d.]+)(us|ms|s)");
  private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in");
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([\\d.]+)");
  private static final Pattern CPU = Pattern.compile("(?m)^cpu ([\\d.]+) ([\\d.]+)$");
  private static final Pattern ERRORS =
      Pattern.compile("(?m)^\\s*(Socket errors|Non-2xx or 3xx responses):.*$");

  private final Path program;

  private Wrk(Path program) {
    this.program = program;
  }

  /** On the PATH, if it is there. */
  static Optional<Wrk> find() {
    return Programs.find("wrk", List.of()).map(Wrk::new);
  }

  /** Loads a server from one thread. Whole seconds: it knows no others. */
  Reading run(String url, int inFlight, int seconds) throws IOException, InterruptedException {
    // Only a shell tells what a process has used when it is gone.
    Process process =
        new ProcessBuilder(
                "bash",
                "-c",
                "TIMEFORMAT='cpu %3U %3S'; time \"$0\" -t1 -c\"$1\" -d\"$2s\" --timeout 30s --latency \"$3\"",
                program.toString(),
                Integer.toString(inFlight),
                Integer.toString(seconds),
                url)
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("wrk failed: " + output.strip());
    }
    return parse(output);
  }

  static Reading parse(String output) throws IOException {
    Matcher errors = ERRORS.matcher(output);
    if (errors.find()) {
      throw new IOException("wrk got wrong answers: " + errors.group().strip());
    }
    MatchResult cpu = find(CPU, output);
    double cpuSeconds = Double.parseDouble(cpu.group(1)) + Double.parseDouble(cpu.group(2));
    double requests = Double.parseDouble(find(REQUESTS, output).group(1));
    return new Reading(
        requests,
        Double.parseDouble(find(RATE, output).group(1)),
        cpuSeconds / requests * 100_000,
        latencyMillis(output, "50"),
        latencyMillis(output, "99"));
  }

  private static double latencyMillis(String output, String percentile) throws IOException {
    Matcher matcher = LATENCY.matcher(output);
    while (matcher.find()) {
      if (matcher.group(1).equals(percentile)) {
        double value = Double.parseDouble(matcher.group(2));
        return switch (matcher.group(3)) {
          case "us" -> value / 1000;
          case "ms" -> value;
          default -> value * 1000;
        };
      }
    }
    throw new IOException("expected a latency at " + percentile + "%, found: " + output);
  }

  private static MatchResult find(Pattern pattern, String output) throws IOException {
    Matcher matcher = pattern.matcher(output);
    if (!matcher.find()) {
      throw new IOException("expected " + pattern + " in what wrk says, found: " + output);
    }
    return matcher.toMatchResult();
  }
}
