package dev.aioli.cli;

import dev.aioli.cli.plot.Timeline;
import java.time.Duration;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Counts what a run has done so far. Touched in the loop's turn, and by anyone when the loop has
 * ended.
 */
final class Tally {
  /** Significant digits: what is shown. */
  private static final int DIGITS = 3;

  private final Histogram micros = new Histogram(DIGITS);
  private final TreeMap<String, Long> outcomes = new TreeMap<>();
  private long done;
  private long failed;
  private long retries;
  private long bytes;
  private int inFlight;
  private int mostInFlight;
  private @Nullable Timeline timeline;
  private LongSupplier nanos = () -> 0;

  /**
   * From now on, keeps a record of the course of the run.
   *
   * @param nanoTime the time
   */
  void record(Timeline newTimeline, LongSupplier nanoTime) {
    timeline = newTimeline;
    nanos = nanoTime;
  }

  /** A request goes out. */
  void started() {
    inFlight++;
    mostInFlight = Math.max(mostInFlight, inFlight);
    if (timeline != null) {
      timeline.inFlight(nanos.getAsLong(), inFlight);
    }
  }

  /** A request is over, with a result or cancelled. */
  void ended() {
    inFlight--;
    if (timeline != null) {
      timeline.inFlight(nanos.getAsLong(), inFlight);
    }
  }

  /** A request has failed and will be tried again. */
  void retried() {
    retries++;
  }

  /** There is a result. */
  void add(FetchResult result) {
    done++;
    if (result.isFailure()) {
      failed++;
    }
    outcomes.merge(result.outcome(), 1L, Long::sum);
    Fetcher.Response response = result.response();
    if (response != null) {
      bytes += response.bytes();
      micros.recordValue(result.nanos() / 1_000);
    }
    if (timeline != null) {
      timeline.done(
          nanos.getAsLong(),
          result.outcome(),
          result.isFailure(),
          response != null ? result.nanos() / 1_000 : -1);
    }
  }

  /** The number of results. */
  long done() {
    return done;
  }

  /** How many of them are failures. */
  long failed() {
    return failed;
  }

  /** The number of requests that wait for their answers. */
  int inFlight() {
    return inFlight;
  }

  /** A snapshot, for the end. */
  Summary summary(Duration elapsed) {
    return new Summary(
        done,
        failed,
        retries,
        new TreeMap<>(outcomes),
        bytes,
        mostInFlight,
        elapsed,
        micros.getTotalCount(),
        percentile(50),
        percentile(99));
  }

  private Duration percentile(double percent) {
    return Duration.ofNanos(1_000 * micros.getValueAtPercentile(percent));
  }
}
