package dev.aioli.cli.plot;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.HdrHistogram.IntCountsHistogram;
import org.jspecify.annotations.Nullable;

/** What happened in a short time. */
final class Slice {
  /** Significant digits: what can be seen. */
  private static final int DIGITS = 2;

  private int mostInFlight;
  private int lastInFlight;
  private long done;
  private long failed;
  private final Map<String, Long> outcomes = new HashMap<>();
  private @Nullable IntCountsHistogram micros;

  /** A slice that begins with so many requests in flight. */
  Slice(int inFlight) {
    inFlight(inFlight);
  }

  void inFlight(int count) {
    mostInFlight = Math.max(mostInFlight, count);
    lastInFlight = count;
  }

  void done(String outcome, boolean isFailure, long latencyMicros) {
    done++;
    outcomes.merge(outcome, 1L, Long::sum);
    if (isFailure) {
      failed++;
    }
    if (latencyMicros >= 0) {
      histogram().recordValue(latencyMicros);
    }
  }

  private IntCountsHistogram histogram() {
    IntCountsHistogram present = micros;
    if (present == null) {
      present = new IntCountsHistogram(DIGITS);
      present.setAutoResize(true);
      micros = present;
    }
    return present;
  }

  /** Takes in the slice that follows. */
  void append(Slice next) {
    mostInFlight = Math.max(mostInFlight, next.mostInFlight);
    lastInFlight = next.lastInFlight;
    done += next.done;
    failed += next.failed;
    next.outcomes.forEach((outcome, count) -> outcomes.merge(outcome, count, Long::sum));
    if (next.micros != null) {
      histogram().add(next.micros);
    }
  }

  int mostInFlight() {
    return mostInFlight;
  }

  int lastInFlight() {
    return lastInFlight;
  }

  long done() {
    return done;
  }

  long failed() {
    return failed;
  }

  /** The number of results by outcome. */
  Map<String, Long> outcomes() {
    return Collections.unmodifiableMap(outcomes);
  }

  /** The number of results with this outcome. */
  long outcome(String outcome) {
    return outcomes.getOrDefault(outcome, 0L);
  }

  /** The time in milliseconds within which so many percent were answered; NaN if none was. */
  double millis(double percent) {
    return micros == null ? Double.NaN : micros.getValueAtPercentile(percent) / 1e3;
  }

  /** An independent one with the same content. */
  Slice copy() {
    Slice copy = new Slice(0);
    copy.append(this);
    return copy;
  }
}
