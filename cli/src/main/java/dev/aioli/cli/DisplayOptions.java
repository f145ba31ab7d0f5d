package dev.aioli.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is shown on stderr. */
final class DisplayOptions {
  @Option(
      names = "--progress",
      negatable = true,
      order = 1,
      description = "Show a progress bar, or none, wherever stderr goes.")
  @Nullable Boolean progress;

  @Option(
      names = {"-q", "--quiet"},
      order = 2,
      description = "No progress bar, no summary.")
  boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      order = 3,
      description = "Show what is going on, and stacks of errors.")
  boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      order = 4,
      description = "Show this text.")
  private boolean unusedHelp; // picocli acts on it

  boolean showProgress() {
    return progress == null ? !quiet && Stderr.canShowBar() : progress;
  }
}
