package dev.aioli.cli.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The course of a run in at most {@value #MAX_SLICES} slices of equal length: however long it takes
 * and however much is done, this takes a few megabytes at most. When the slices do not suffice any
 * more, two become one.
 *
 * <p>Used by one thread at a time; the times it is given do not decrease.
 */
public final class Timeline {
  static final int MAX_SLICES = 240;
  private static final long FIRST_WIDTH_NANOS = 10_000_000;

  private final long startNanos;
  private final List<Slice> slices = new ArrayList<>();
  private long widthNanos = FIRST_WIDTH_NANOS;
  private long lastNanos;

  /** One that begins at this time. */
  public Timeline(long startNanos) {
    this.startNanos = startNanos;
    lastNanos = startNanos;
    slices.add(new Slice(0));
  }

  /** The number of requests in flight is now this. */
  public void inFlight(long nanos, int count) {
    slice(nanos).inFlight(count);
  }

  /**
   * A request has a result.
   *
   * @param outcome the status, or the type of error
   * @param isFailure whether it has failed
   * @param latencyMicros how long the answer took; below 0 if there was none
   */
  public void done(long nanos, String outcome, boolean isFailure, long latencyMicros) {
    slice(nanos).done(outcome, isFailure, latencyMicros);
  }

  private Slice slice(long nanos) {
    lastNanos = Math.max(lastNanos, nanos);
    long elapsed = lastNanos - startNanos;
    while (elapsed / widthNanos >= MAX_SLICES) {
      mergePairs(slices);
      widthNanos *= 2;
    }
    int index = (int) (elapsed / widthNanos);
    while (slices.size() <= index) {
      slices.add(new Slice(slices.getLast().lastInFlight()));
    }
    return slices.get(index);
  }

  private static void mergePairs(List<Slice> slices) {
    List<Slice> merged = new ArrayList<>();
    for (int i = 0; i < slices.size(); i++) {
      if (i % 2 == 0) {
        merged.add(slices.get(i));
      } else {
        merged.getLast().append(slices.get(i));
      }
    }
    slices.clear();
    slices.addAll(merged);
  }

  /**
   * The slices, made coarser until each has enough in it to be worth a point.
   *
   * @param most how many there may be
   * @param perSlice how many results a slice should have, on the average
   * @param least how many slices are kept all the same
   */
  Snapshot snapshot(int most, int perSlice, int least) {
    List<Slice> copy = new ArrayList<>();
    Slice whole = new Slice(0);
    for (Slice slice : slices) {
      copy.add(slice.copy());
      whole.append(slice);
    }
    long done = whole.done();
    long width = widthNanos;
    while (copy.size() > most || (copy.size() / 2 >= least && done / copy.size() < perSlice)) {
      mergePairs(copy);
      width *= 2;
    }
    return new Snapshot(copy, whole, width / 1e9, (lastNanos - startNanos) / 1e9);
  }

  /**
   * A run.
   *
   * @param slices what happened, in order
   * @param whole what happened in all
   * @param widthSeconds the length of each slice; that of the last may be cut off by the end
   * @param seconds the length of the run
   */
  record Snapshot(List<Slice> slices, Slice whole, double widthSeconds, double seconds) {
    /** Latencies that a rate is taken over: in fewer it is the rhythm of requests that one sees. */
    private static final int LATENCIES_PER_RATE = 10;

    double begin(int index) {
      return index * widthSeconds;
    }

    double end(int index) {
      return Math.min(seconds, begin(index) + widthSeconds);
    }

    /** The time that a rate is taken over. */
    double window() {
      double median = whole.millis(50) / 1e3;
      return Double.isNaN(median)
          ? widthSeconds
          : Math.max(widthSeconds, LATENCIES_PER_RATE * median);
    }

    /**
     * How many in a second: the average of the {@link #window()} around a slice, or of as much of
     * it as belongs to the run. Steady work with a latency of some slices would saw-tooth
     * otherwise.
     */
    double rate(int index, ToLongFunction<Slice> count) {
      int around = (int) Math.ceil((window() / widthSeconds - 1) / 2 - 1e-9);
      int first = Math.max(0, index - around);
      int last = Math.min(slices.size() - 1, index + around);
      long sum = 0;
      for (Slice slice : slices.subList(first, last + 1)) {
        sum += count.applyAsLong(slice);
      }
      double length = end(last) - begin(first);
      // The last one may be as good as empty, and a rate of it be anything.
      return sum / Math.max(length, widthSeconds / 2);
    }
  }
}
