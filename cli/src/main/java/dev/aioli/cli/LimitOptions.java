package dev.aioli.cli;

import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much at a time, how fast, and how often again. */
final class LimitOptions {
  @Option(
      names = "--limit",
      paramLabel = "N",
      order = 1,
      converter = Converters.Positive.class,
      description = "At most N requests in flight (default: 64).")
  int limit = 64;

  @Option(
      names = "--per-host",
      paramLabel = "N",
      order = 2,
      converter = Converters.Positive.class,
      description = "At most N of them to one host and port; URLs of other hosts overtake.")
  @Nullable Integer perHost;

  @Option(
      names = "--rate",
      paramLabel = "N/s",
      order = 3,
      converter = Converters.RateOf.class,
      description = "Begin at most N requests a second (N/m: a minute, N/h: an hour), evenly.")
  @Nullable Rate rate;

  @Option(
      names = "--retries",
      paramLabel = "N",
      order = 4,
      converter = Converters.NotNegative.class,
      description = {
        "Ask again up to N times after 429, 502, 503, 504, no connection, a lost connection or a"
            + " timeout (default: 0). It waits as Retry-After says, else a random time of up to"
            + " 0.5 s, 1 s, 2 s and so on, in which others go."
      })
  int retries;

  @Option(
      names = "--max-delay",
      paramLabel = "SECONDS",
      order = 5,
      converter = Converters.Seconds.class,
      description = "Wait no longer than that before asking again (default: 60).")
  Duration maxDelay = Duration.ofSeconds(60);

  @Option(
      names = "--retry-any-method",
      order = 6,
      description = {
        "Ask again by POST and PATCH, too; else only by methods that do no harm when done twice."
      })
  boolean retryAnyMethod;

  @Option(
      names = "--fail-fast",
      order = 7,
      description = "End with the first failure; what is in flight is cancelled.")
  boolean failFast;

  Backlog.Limits limits() {
    return new Backlog.Limits(perHost == null ? 0 : perHost, rate);
  }

  RetryPolicy retryPolicy() {
    return new RetryPolicy(
        retries, maxDelay, retryAnyMethod, RandomGenerator.getDefault(), InstantSource.system());
  }
}
