package dev.aioli.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where results and bodies go. */
final class OutputOptions {
  @Option(
      names = "--body",
      order = 1,
      description = {
        "Write the body into each result: as \"body\" if it is text, else as \"body_base64\"."
      })
  boolean body;

  @Option(
      names = {"-i", "--include-headers"},
      order = 2,
      description = "Write the headers of the answer into each result.")
  boolean includeHeaders;

  @Option(
      names = {"-o", "--output-dir"},
      paramLabel = "DIR",
      order = 3,
      converter = Converters.FileName.class,
      description = {
        "Store the body of each success as a file in DIR, named after the URL and numbered where"
            + " that is taken; the result names the \"file\"."
      })
  @Nullable Path outputDir;

  @Option(
      names = "--resume",
      paramLabel = "FILE",
      order = 4,
      converter = Converters.FileName.class,
      description = {
        "Append the results to FILE instead of stdout, and skip what it holds: go on where an"
            + " earlier run ended, however that was; not even kill -9 makes it ask again for more than"
            + " what was in flight."
      })
  @Nullable Path resume;

  @Option(
      names = "--retry-failed",
      order = 5,
      description = "With --resume: fetch again what has failed.")
  boolean retryFailed;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      order = 6,
      converter = Converters.FileName.class,
      description = {
        "Draw the run into FILE.svg or FILE.html: requests in flight, rate, statuses and"
            + " latency over time."
      })
  @Nullable Path plot;

  @Option(
      names = "--dry-run",
      order = 7,
      description = "Ask nobody; write the requests as JSON, a line each, in their order.")
  boolean dryRun;
}
