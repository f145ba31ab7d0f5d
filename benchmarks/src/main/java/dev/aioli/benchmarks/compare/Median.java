package dev.aioli.benchmarks.compare;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** The middle one of some numbers, or what is between the two in the middle. */
public final class Median {
  private Median() {}

  /** That of one number of each; of at least one. */
  public static <T> double of(List<T> all, ToDoubleFunction<T> number) {
    double[] sorted = all.stream().mapToDouble(number).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
