package dev.aioli.cli;

import static dev.aioli.Asyncio.taskGroup;
import static dev.aioli.Asyncio.timeout;

import dev.aioli.EventLoop;
import dev.aioli.Future;
import dev.aioli.Suspends;
import dev.aioli.TaskGroup;
import dev.aioli.TimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Fetches all that a {@link ReadAhead} gives, with so many requests at most that are in flight or
 * whose result is not written yet. Whatever becomes of a URL is a result; none ends the run, unless
 * that is wanted.
 *
 * <p>Cancellation: cancels the requests in flight, which give no result. Those that were complete
 * have gone to the {@link ResultWriter}.
 */
final class FetchRun {
  private final Settings settings;
  private final ReadAhead entries;
  private final Backlog backlog;
  private final Fetcher fetcher;
  private final ResultWriter results;
  private final Tally tally;
  private final EventLoop loop = EventLoop.getRunningLoop();

  /** Workers that were started, and those of them that wait for an entry. */
  private int workers;

  private int idle;
  private boolean stopped;

  /**
   * How to run.
   *
   * @param limit the largest number of requests in flight, at least 1
   * @param timeout how long an attempt may take
   * @param retryPolicy which failures are tried again
   * @param failFast whether the first failure ends the run
   * @param withHeaders whether results show the header fields of the answer
   */
  record Settings(
      int limit, Duration timeout, RetryPolicy retryPolicy, boolean failFast, boolean withHeaders) {

    /** Just a limit and a time limit. */
    Settings(int limit, Duration timeout) {
      this(limit, timeout, RetryPolicy.NONE, false, false);
    }
  }

  FetchRun(
      Settings settings, ReadAhead entries, Fetcher fetcher, ResultWriter results, Tally tally) {
    this.settings = settings;
    this.entries = entries;
    this.backlog = entries.backlog();
    this.fetcher = fetcher;
    this.results = results;
    this.tally = tally;
  }

  /** Runs to the end of the entries, or to the first failure. */
  @Suspends
  void run() {
    entries.start();
    taskGroup(group -> {
      boolean more;
      do {
        more = backlog.awaitMore();
        hire(group);
      } while (more);
    });
  }

  /** Whether a failure has ended the run. */
  boolean stopped() {
    return stopped;
  }

  /** Starts workers as there is work for them: a limit of a million costs nothing by itself. */
  private void hire(TaskGroup group) {
    int wanted = Math.min(settings.limit() - workers, backlog.waiting() - idle);
    for (int i = 0; i < wanted; i++) {
      workers++;
      idle++;
      group.createTask(() -> work(group));
    }
  }

  @Suspends
  private void work(TaskGroup group) {
    Backlog.Job job;
    while ((job = backlog.take()) != null) {
      idle--;
      switch (job.entry()) {
        case FetchRequest request -> attempt(group, job, request);
        case BadLine line -> finish(group, job, FetchResult.of(line));
      }
      idle++;
    }
    idle--;
  }

  @Suspends
  private void attempt(TaskGroup group, Backlog.Job job, FetchRequest request) {
    FetchResult result = fetch(request, job.attempts());
    Duration delay = settings.retryPolicy().delay(request, result);
    if (delay == null) {
      finish(group, job, result);
    } else {
      tally.retried();
      backlog.retry(job, delay);
    }
  }

  @Suspends
  private void finish(TaskGroup group, Backlog.Job job, FetchResult result) {
    tally.add(result);
    if (settings.failFast() && result.isFailure()) {
      stopped = true;
    }
    Future<?> written = results.write(new ResultJson(result, settings.withHeaders()));
    if (stopped) {
      group.cancel();
    }
    // The request keeps its place until then: of those that kill -9 makes one repeat there are no
    // more than the limit. And a slow reader of the results slows the run down.
    written.await();
    backlog.done(job);
  }

  @Suspends
  private FetchResult fetch(FetchRequest request, int attempts) {
    tally.started();
    long start = loop.timeNanos();
    try {
      Fetcher.Response response = timeout(settings.timeout(), () -> fetcher.fetch(request));
      return FetchResult.of(request, response, loop.timeNanos() - start, attempts);
    } catch (Exception e) {
      FetchError error = new FetchError(ErrorType.of(e), describe(e));
      return FetchResult.failed(request, error, loop.timeNanos() - start, attempts);
    } finally {
      tally.ended();
    }
  }

  private String describe(Exception e) {
    @Nullable String message = e.getMessage();
    if (e instanceof TimeoutException) {
      return "timed out after " + Summary.time(settings.timeout());
    }
    boolean clear =
        ErrorType.of(e) != ErrorType.OTHER && !(e instanceof java.nio.file.FileSystemException);
    return clear && message != null && !message.isEmpty() ? message : e.toString();
  }
}
