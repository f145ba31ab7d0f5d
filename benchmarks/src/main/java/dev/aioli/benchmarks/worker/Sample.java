package dev.aioli.benchmarks.worker;

/**
 * One run of a workload.
 *
 * @param operations how many were done
 * @param nanos how long they took together
 * @param bytes the memory that they held together; 0 if that was not looked at
 */
public record Sample(long operations, long nanos, long bytes) {
  /** So many operations, from a time of {@link System#nanoTime} until now. */
  public static Sample since(long startNanos, long operations) {
    return new Sample(operations, System.nanoTime() - startNanos, 0);
  }
}
