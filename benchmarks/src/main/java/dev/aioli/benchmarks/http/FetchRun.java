package dev.aioli.benchmarks.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The command {@code aioli fetch}, which writes a line of JSON for each request. */
final class FetchRun {
  private static final int FEW = 100;
  private static final double CPU_REQUESTS = 100_000;
  private static final Pattern TIMES = Pattern.compile("(?m)^times ([\\d.]+) ([\\d.]+) ([\\d.]+)$");

  private final Path program;

  /** How long a run took, and how much processor time. */
  private record Times(double seconds, double cpuSeconds) {}

  /** The program {@code aioli}. */
  FetchRun(Path program) {
    this.program = program;
  }

  /** Fetches so many and so many more: the difference is without the start of the JVM. */
  Reading run(String url, int inFlight, int requests) throws IOException, InterruptedException {
    Times few = times(url, inFlight, FEW);
    Times all = times(url, inFlight, FEW + requests);
    double cpuSeconds = (all.cpuSeconds - few.cpuSeconds) / requests * CPU_REQUESTS;
    return new Reading(
        requests, requests / (all.seconds - few.seconds), cpuSeconds, Double.NaN, Double.NaN);
  }

  /** Builds the command, if need be. */
  void prepare() throws IOException, InterruptedException {
    Programs.build(program);
  }

  private Times times(String url, int inFlight, int requests)
      throws IOException, InterruptedException {
    Path results = Files.createTempFile("aioli-fetch", ".jsonl");
    try {
      // Only a shell tells what a process has used when it is gone.
      Process process =
          new ProcessBuilder(
                  "bash",
                  "-c",
                  "TIMEFORMAT='times %3R %3U %3S'; time \"$0\" fetch --quiet --limit \"$1\" \"$2\"",
                  program.toString(),
                  Integer.toString(inFlight),
                  url + "?a={1.." + requests + "}")
              .redirectOutput(results.toFile())
              .start();
      process.getOutputStream().close();
      String told = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      long lines;
      try (var all = Files.lines(results)) {
        lines = all.filter(line -> line.contains("\"status\":200")).count();
      }
      Matcher times = TIMES.matcher(told);
      if (status != 0 || lines != requests || !times.find()) {
        throw new IOException(
            "aioli fetch: expected "
                + requests
                + " answers, found "
                + lines
                + ", exit "
                + status
                + ": "
                + told.strip());
      }
      return new Times(
          Double.parseDouble(times.group(1)),
          Double.parseDouble(times.group(2)) + Double.parseDouble(times.group(3)));
    } finally {
      Files.delete(results);
    }
  }
}
