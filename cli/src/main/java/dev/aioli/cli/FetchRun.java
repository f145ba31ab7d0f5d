package dev.aioli.cli;

import static dev.aioli.Asyncio.taskGroup;
import static dev.aioli.Asyncio.timeout;

import dev.aioli.EventLoop;
import dev.aioli.Suspends;
import dev.aioli.TaskGroup;
import dev.aioli.TimeoutException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;

/**
 * Fetches all that a {@link ReadAhead} gives, with so many requests in flight at most. Whatever
 * becomes of a URL is a result; none ends the run.
 *
 * <p>Cancellation: cancels the requests in flight, which give no result. Those that were complete
 * have gone to the {@link ResultWriter}.
 */
final class FetchRun {
  private final Settings settings;
  private final ReadAhead entries;
  private final Fetcher fetcher;
  private final ResultWriter results;
  private final Tally tally;
  private final EventLoop loop = EventLoop.getRunningLoop();

  /** Workers that were started, and those of them that wait for an entry. */
  private int workers;

  private int idle;

  /**
   * How to run.
   *
   * @param limit the largest number of requests in flight, at least 1
   * @param timeout how long a request may take
   */
  record Settings(int limit, Duration timeout) {}

  FetchRun(
      Settings settings, ReadAhead entries, Fetcher fetcher, ResultWriter results, Tally tally) {
    this.settings = settings;
    this.entries = entries;
    this.fetcher = fetcher;
    this.results = results;
    this.tally = tally;
  }

  /** Runs to the end of the entries. */
  @Suspends
  void run() {
    entries.start();
    taskGroup(group -> {
      boolean more;
      do {
        more = entries.awaitMore();
        hire(group);
      } while (more);
    });
  }

  /** Starts workers as there is work for them: a limit of a million costs nothing by itself. */
  private void hire(TaskGroup group) {
    int wanted = Math.min(settings.limit() - workers, entries.waiting() - idle);
    for (int i = 0; i < wanted; i++) {
      workers++;
      idle++;
      group.createTask(this::work);
    }
  }

  private void work() {
    Entry entry;
    while ((entry = entries.take()) != null) {
      idle--;
      FetchResult result =
          switch (entry) {
            case FetchRequest request -> fetch(request);
            case BadLine line -> FetchResult.of(line);
          };
      tally.add(result);
      results.write(result);
      idle++;
    }
    idle--;
  }

  private FetchResult fetch(FetchRequest request) {
    tally.started();
    long start = loop.timeNanos();
    try {
      Fetcher.Response response = timeout(settings.timeout(), () -> fetcher.fetch(request));
      return FetchResult.of(request, response, loop.timeNanos() - start);
    } catch (Exception e) {
      return FetchResult.failed(request, describe(e), loop.timeNanos() - start);
    } finally {
      tally.ended();
    }
  }

  private String describe(Exception e) {
    String message = e.getMessage() == null ? "" : e.getMessage();
    return switch (e) {
      case TimeoutException _ -> "timed out after " + Summary.time(settings.timeout());
      case UnknownHostException _ -> "unknown host " + message;
      case IOException _ when !message.isEmpty() -> message;
      case IllegalArgumentException _ when !message.isEmpty() -> message;
      default -> e.toString();
    };
  }
}
