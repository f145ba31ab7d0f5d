package dev.aioli.benchmarks.worker;

/**
 * How much of a workload to run.
 *
 * @param tasks how many tasks take part (for some workloads: items), at least 1
 * @param rounds how often each of them does its work, at least 1
 * @param depth how many frames lie between a task's start and its work
 */
public record Load(int tasks, int rounds, int depth) {
  /** So many operations, if each task does one a round. */
  public long operations() {
    return (long) tasks * rounds;
  }
}
