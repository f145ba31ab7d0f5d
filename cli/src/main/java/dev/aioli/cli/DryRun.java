package dev.aioli.cli;

import dev.aioli.Future;
import dev.aioli.Suspends;

/**
 * Writes what a {@link FetchRun} would ask for, in its order.
 *
 * <p>Bad lines become failed results, as they would.
 */
final class DryRun {
  /** How many lines may wait to be written. */
  private static final int MAX_UNWRITTEN = 1024;

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
    int unwritten = 0;
    while ((job = backlog.take()) != null) {
      Future<?> written =
          results.write(
              switch (job.entry()) {
                case FetchRequest request -> new PlannedRequest(request);
                case BadLine line -> new ResultJson(FetchResult.of(line), false);
              });
      if (++unwritten == MAX_UNWRITTEN) {
        written.await();
        unwritten = 0;
      }
      backlog.done(job);
    }
  }
}
