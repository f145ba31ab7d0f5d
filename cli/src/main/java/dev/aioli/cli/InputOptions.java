package dev.aioli.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where URLs come from. */
final class InputOptions {
  @Option(
      names = "--from",
      paramLabel = "FILE",
      order = 1,
      description = {
        "Read more URLs from FILE, or from stdin if it is -. A line is URL, PRIORITY URL, or a"
            + " request as JSON (see below). No braces. Blank lines and # comments are skipped; a"
            + " bad line is a failed result."
      })
  @Nullable String from;

  @Option(
      names = "--priority",
      paramLabel = "N",
      order = 2,
      converter = Converters.Whole.class,
      description = {
        "The priority of URLs that are given none (default: 0). The smallest number goes first;"
            + " equal ones keep their order."
      })
  long priority = FetchRequest.DEFAULT_PRIORITY;

  @Option(
      names = "--read-ahead",
      paramLabel = "N",
      order = 3,
      converter = Converters.Positive.class,
      description = "Read at most N URLs in advance; priorities apply among these (default: 4096).")
  int readAhead = 4_096;
}
