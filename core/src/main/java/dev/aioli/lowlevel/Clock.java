package dev.aioli.lowlevel;

/**
 * Where an event loop gets its time. The test kit puts a virtual one in its place.
 *
 * <p>{@link #SYSTEM} is {@link System#nanoTime}. An implementation must be monotonic; its epoch is
 * arbitrary.
 */
@FunctionalInterface
public interface Clock {
  /** The JVM's monotonic clock. */
  Clock SYSTEM = System::nanoTime;

  /**
   * The time now, in nanoseconds since an arbitrary epoch. Called on the thread that has the turn.
   */
  long nanoTime();
}
