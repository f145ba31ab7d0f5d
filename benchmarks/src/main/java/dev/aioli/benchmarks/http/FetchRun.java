package dev.aioli.benchmarks.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The command {@code aioli fetch}, which writes a line of JSON for each request. */
final class FetchRun {
  private static final int FEW = 100;

  private final Path program;

  /** The program {@code aioli}. */
  FetchRun(Path program) {
    this.program = program;
  }

  /** Fetches so many and so many more: the difference is without the start of the JVM. */
  Reading run(String url, int inFlight, int requests) throws IOException, InterruptedException {
    double start = seconds(url, inFlight, FEW);
    double all = seconds(url, inFlight, FEW + requests);
    return new Reading(requests / (all - start), Double.NaN, Double.NaN, Double.NaN);
  }

  /** Builds the command, if need be. */
  void prepare() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(program.toString(), "version")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.waitFor() != 0) {
      throw new IOException(program + " version failed");
    }
  }

  private double seconds(String url, int inFlight, int requests)
      throws IOException, InterruptedException {
    Path results = Files.createTempFile("aioli-fetch", ".jsonl");
    try {
      long start = System.nanoTime();
      Process process =
          new ProcessBuilder(
                  program.toString(),
                  "fetch",
                  "--quiet",
                  "--limit",
                  Integer.toString(inFlight),
                  url + "?a={1.." + requests + "}")
              .redirectOutput(results.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      process.getOutputStream().close();
      int status = process.waitFor();
      double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
      long lines;
      try (var all = Files.lines(results)) {
        lines = all.filter(line -> line.contains("\"status\":200")).count();
      }
      if (status != 0 || lines != requests) {
        throw new IOException(
            "aioli fetch: expected " + requests + " answers, found " + lines + ", exit " + status);
      }
      return seconds;
    } finally {
      Files.delete(results);
    }
  }
}
