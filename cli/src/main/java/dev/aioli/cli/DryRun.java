package dev.aioli.cli;

import dev.aioli.Suspends;

/**
 * Writes what a {@link FetchRun} would ask for, in its order.
 *
 * <p>Bad lines become failed results, as they would.
 */
final class DryRun {
  private final ReadAhead entries;
  private final ResultWriter results;

  DryRun(ReadAhead entries, ResultWriter results) {
    this.entries = entries;
    this.results = results;
  }

  /** Runs to the end of the entries. */
  @Suspends
  void run() {
    entries.start();
    Backlog backlog = entries.backlog();
    Backlog.Job job;
    while ((job = backlog.take()) != null) {
      results.write(
          switch (job.entry()) {
            case FetchRequest request -> new PlannedRequest(request);
            case BadLine line -> new ResultJson(FetchResult.of(line), false);
          });
      backlog.done(job);
    }
  }
}
