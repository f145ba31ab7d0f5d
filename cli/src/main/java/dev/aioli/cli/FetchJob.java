package dev.aioli.cli;

import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Runner;
import dev.aioli.Suspends;
import dev.aioli.Task;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One {@code aioli fetch} from start to exit code: builds a loop, runs a {@link FetchRun} on it
 * with its reader, writer and progress bar, and tells how it went.
 */
final class FetchJob {
  private final Options options;
  private final UrlSource source;
  private final OutputStream out;
  private final Supplier<Fetcher> fetchers;
  private final Tally tally = new Tally();

  // Touched in the loop's turn only.
  private @Nullable Task<?> task;
  private boolean cancelled;
  private long elapsedNanos;
  private String remark = "";

  /**
   * What to do, and what to show.
   *
   * @param limit the largest number of requests in flight, at least 1
   * @param timeout how long a request may take
   * @param readAhead how many URLs are read in advance at most, at least 1
   * @param progress whether to show a progress bar
   * @param summary whether to show the summary
   */
  record Options(int limit, Duration timeout, int readAhead, boolean progress, boolean summary) {}

  /**
   * A job that has not begun.
   *
   * @param fetchers makes what fetches, in the loop's turn; the job closes it
   */
  FetchJob(Options options, UrlSource source, OutputStream out, Supplier<Fetcher> fetchers) {
    this.options = options;
    this.source = source;
    this.out = out;
    this.fetchers = fetchers;
  }

  /**
   * Runs to the end, or to the first signal.
   *
   * @return the exit code
   */
  int run() throws InterruptedException {
    try (Runner runner = new Runner().handleSignals(false)) { // Interrupts does, and SIGTERM
      EventLoop loop = runner.getLoop();
      try (Interrupts interrupts = new Interrupts(() -> cancelFromOutside(loop))) {
        IOException readFailure = null;
        ResultWriter results = new ResultWriter(loop, out, e -> cancel());
        try (results) {
          readFailure = runner.<@Nullable IOException>run(() -> fetchAll(loop, results));
        } catch (CancelledError e) {
          // By cancel(): what is complete is written now.
        }
        return report(interrupts.interrupted(), readFailure, results.failure());
      }
    }
  }

  /** Gives what kept it from reading all the input, if anything did. */
  @Suspends
  private @Nullable IOException fetchAll(EventLoop loop, ResultWriter results) {
    task = loop.currentTask();
    if (cancelled) {
      return null;
    }
    try (Fetcher fetcher = fetchers.get();
        ReadAhead entries = new ReadAhead(loop, source, options.readAhead())) {
      long startNanos = System.nanoTime();
      try (var progress = options.progress() ? progress(loop, entries) : null) {
        var settings = new FetchRun.Settings(options.limit(), options.timeout());
        try {
          new FetchRun(settings, entries, fetcher, results, tally).run();
        } finally {
          elapsedNanos = System.nanoTime() - startNanos;
          remark = fetcher.remark();
        }
      }
      return entries.failure();
    }
  }

  private Progress progress(EventLoop loop, ReadAhead entries) {
    return new Progress(loop, tally, entries::total, System.err, Stderr.isTerminal());
  }

  private void cancelFromOutside(EventLoop loop) {
    try {
      loop.callSoonThreadsafe(this::cancel);
    } catch (IllegalStateException loopIsClosed) {
      // The run has just ended by itself.
    }
  }

  private void cancel() {
    cancelled = true;
    if (task != null) {
      task.cancel();
    }
  }

  private int report(
      boolean interrupted, @Nullable IOException readFailure, @Nullable IOException writeFailure) {
    boolean failed = tally.failed() > 0;
    if (readFailure != null) {
      Stderr.println("aioli: error: cannot read on: " + readFailure.getMessage());
      failed = true;
    }
    // Who reads may have had enough, as `head` has: no reason to complain.
    if (writeFailure != null && !isBrokenPipe(writeFailure)) {
      Stderr.println("aioli: error: cannot write the results: " + writeFailure.getMessage());
      failed = true;
    }
    if (options.summary()) {
      Stderr.println(
          tally.summary(Duration.ofNanos(elapsedNanos))
              + (remark.isEmpty() ? "" : " | " + remark)
              + (interrupted ? " | interrupted" : ""));
    }
    if (interrupted) {
      return ExitCodes.INTERRUPTED; // for Main; the JVM exits with the signal's own
    }
    return failed ? ExitCodes.FAILED : ExitCodes.OK;
  }

  private static boolean isBrokenPipe(IOException e) {
    String message = e.getMessage();
    return message != null && message.toLowerCase(Locale.ROOT).contains("broken pipe");
  }
}
