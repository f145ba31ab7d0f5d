package dev.aioli;

import java.lang.System.Logger.Level;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Counts, in debug mode, the steps that hold the turn for long, and tells at the end. */
final class SlowSteps {
  private static final System.Logger LOG = System.getLogger("dev.aioli");
  private static final long LIMIT_NANOS = Duration.ofMillis(50).toNanos();

  // Touched in the turn only.
  private long count;
  private long longestNanos;
  private String longest = "";

  /**
   * A step has ended.
   *
   * @param seen what the watchdog saw of it; null if it has not looked
   */
  void add(Ready entry, long nanos, @Nullable BlockedStep seen) {
    if (nanos <= LIMIT_NANOS) {
      return;
    }
    count++;
    if (nanos > longestNanos) {
      longestNanos = nanos;
      longest = describe(entry, seen);
    }
  }

  private static String describe(Ready entry, @Nullable BlockedStep seen) {
    String place = seen == null ? null : Place.of(seen.stack().toArray(StackTraceElement[]::new));
    return switch (entry) {
      case Handle handle -> handle.describe() + (place == null ? "" : " " + place);
      case Task<?> task -> Texts.of(task) + (place == null ? afterwards(task) : " " + place);
    };
  }

  private static String afterwards(Task<?> task) {
    String place = Place.of(task.getStack());
    return place == null ? "" : ", afterwards " + place;
  }

  /** Tells what there is to tell; nothing if no step was slow. */
  void report() {
    if (count > 0) {
      LOG.log(
          Level.WARNING,
          count
              + (count == 1 ? " step" : " steps")
              + " held the turn for more than "
              + Nanos.text(LIMIT_NANOS)
              + ", the longest "
              + longestNanos / 1_000_000
              + " ms: "
              + longest);
      count = 0;
    }
  }
}
