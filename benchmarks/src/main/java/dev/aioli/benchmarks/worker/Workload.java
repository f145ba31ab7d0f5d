package dev.aioli.benchmarks.worker;

/** Something to measure. It keeps the time itself, since not all that it does counts. */
public interface Workload {
  /** Runs it once. */
  Sample run(Load load) throws Exception;
}
