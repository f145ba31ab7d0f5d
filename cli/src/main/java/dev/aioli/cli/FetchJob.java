package dev.aioli.cli;

import dev.aioli.CancelledError;
import dev.aioli.EventLoop;
import dev.aioli.Runner;
import dev.aioli.Suspends;
import dev.aioli.Task;
import dev.aioli.cli.plot.RunPlot;
import dev.aioli.cli.plot.Timeline;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
  private final @Nullable ResumeFile resume;
  private final Supplier<Fetcher> fetchers;
  private final Tally tally = new Tally();

  // Touched in the loop's turn only.
  private @Nullable Task<?> task;
  private boolean cancelled;
  private @Nullable Stopwatch time;
  private String remark = "";
  private @Nullable Timeline timeline;
  private boolean stopped;

  /**
   * What to do, and what to show.
   *
   * @param run how to fetch
   * @param limits what else bounds the run
   * @param readAhead how many URLs are read in advance at most, at least 1
   * @param dryRun whether to write the requests instead of making them
   * @param plot where to draw the run; null for nowhere
   * @param progress whether to show a progress bar
   * @param summary whether to show the summary
   */
  record Options(
      FetchRun.Settings run,
      Backlog.Limits limits,
      int readAhead,
      boolean dryRun,
      @Nullable Path plot,
      boolean progress,
      boolean summary) {}

  /**
   * A job that has not begun.
   *
   * @param resume what the results are appended to; null if they are not; the job closes it
   * @param fetchers makes what fetches, in the loop's turn; the job closes it
   */
  FetchJob(
      Options options,
      UrlSource source,
      OutputStream out,
      @Nullable ResumeFile resume,
      Supplier<Fetcher> fetchers) {
    this.options = options;
    this.source = source;
    this.out = out;
    this.resume = resume;
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
      if (!isWatched(loop)) {
        loop.setBlockedLoopDuration(null);
      }
      try (Interrupts interrupts = new Interrupts(() -> cancelFromOutside(loop))) {
        IOException readFailure = null;
        ResultWriter results = new ResultWriter(loop, out, e -> cancel());
        try (results) {
          readFailure = runner.<@Nullable IOException>run(() -> runAll(loop, results));
        } catch (CancelledError e) {
          // By cancel(): what is complete is written now.
        }
        closeResume();
        return report(interrupts.interrupted(), readFailure, results.failure());
      }
    }
  }

  /**
   * Whether it matters that a step of ours takes long: to those who look for faults, not to those
   * who fetch on a busy machine.
   */
  private static boolean isWatched(EventLoop loop) {
    return loop.isDebug() || System.getProperty("dev.aioli.blockedLoopMillis") != null;
  }

  private void closeResume() {
    if (resume != null) {
      try {
        resume.close();
      } catch (IOException e) {
        Stderr.println("aioli: error: cannot close the file of --resume: " + e.getMessage());
      }
    }
  }

  /** Gives what kept it from reading all the input, if anything did. */
  @Suspends
  private @Nullable IOException runAll(EventLoop loop, ResultWriter results) {
    task = loop.currentTask();
    if (cancelled) {
      return null;
    }
    try (var posts = loop.outside().hold("the threads that read the list and write the results");
        ReadAhead entries = new ReadAhead(loop, source, options.readAhead(), options.limits())) {
      if (options.dryRun()) {
        new DryRun(entries, results).run();
      } else {
        fetchAll(loop, entries, results);
      }
      return entries.failure();
    }
  }

  @Suspends
  private void fetchAll(EventLoop loop, ReadAhead entries, ResultWriter results) {
    try (Fetcher fetcher = fetchers.get()) {
      Stopwatch stopwatch = new Stopwatch(System::nanoTime);
      time = stopwatch;
      if (options.plot() != null) {
        timeline = new Timeline(stopwatch.startNanos());
        tally.record(timeline, System::nanoTime);
      }
      FetchRun run = new FetchRun(options.run(), entries, fetcher, results, tally);
      try (var progress = options.progress() ? progress(loop, entries, stopwatch) : null) {
        try {
          run.run();
        } finally {
          stopwatch
              .stop(); // before the bar shows its last state, so that the summary says the same
        }
      } finally {
        remark = fetcher.remark();
        stopped = run.stopped();
      }
    }
  }

  private Progress progress(EventLoop loop, ReadAhead entries, Stopwatch stopwatch) {
    return new Progress(loop, tally, entries::total, stopwatch, System.err, Stderr.isTerminal());
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
    if (!options.dryRun()) {
      String summary = TextLines.wrapped(summary(interrupted));
      failed |= !plot(summary);
      if (options.summary()) {
        Stderr.println(summary);
      }
    }
    if (interrupted) {
      return ExitCodes.INTERRUPTED; // for Main; the JVM exits with the signal's own
    }
    return failed ? ExitCodes.FAILED : ExitCodes.OK;
  }

  private List<String> summary(boolean interrupted) {
    List<String> parts = tally.summary(time == null ? Duration.ZERO : time.elapsed()).parts();
    if (source.skipped() > 0) {
      parts.add(source.skipped() + " skipped");
    }
    if (!remark.isEmpty()) {
      parts.add(remark);
    }
    if (stopped) {
      parts.add("ended by --fail-fast");
    }
    if (interrupted) {
      parts.add("interrupted");
    }
    return parts;
  }

  private boolean plot(String summary) {
    Path file = options.plot();
    if (file == null || timeline == null) {
      return true;
    }
    try {
      new RunPlot(timeline, "aioli fetch", summary).write(file);
      return true;
    } catch (IOException e) {
      Stderr.println("aioli: error: cannot draw to " + e.getMessage());
      return false;
    }
  }

  private static boolean isBrokenPipe(IOException e) {
    String message = e.getMessage();
    return message != null && message.toLowerCase(Locale.ROOT).contains("broken pipe");
  }
}
