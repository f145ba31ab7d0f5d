package dev.aioli.benchmarks.http;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** How long requests took. From any thread. */
final class Latencies {
  private static final long HIGHEST = TimeUnit.MINUTES.toNanos(1);
  private static final int DIGITS = 3;

  private final Histogram histogram = new ConcurrentHistogram(HIGHEST, DIGITS);

  /** Adds a request that began at a time of {@link System#nanoTime}. */
  void addSince(long startNanos) {
    histogram.recordValue(Math.min(HIGHEST, System.nanoTime() - startNanos));
  }

  long count() {
    return histogram.getTotalCount();
  }

  long percentileNanos(double percentile) {
    return histogram.getValueAtPercentile(percentile);
  }
}
