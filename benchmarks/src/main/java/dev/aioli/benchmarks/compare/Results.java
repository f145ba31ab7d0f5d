package dev.aioli.benchmarks.compare;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** What was measured. */
final class Results {
  /**
   * A system's result in a row: medians.
   *
   * @param nanos the time of an operation
   * @param bytes the memory of an operation; 0 where that was not looked at
   * @param samples all the times, in the order in which they were measured
   */
  record Cell(
      String system,
      String column,
      Row row,
      double nanos,
      double bytes,
      List<Double> samples,
      String note) {
    /** What the row is about. */
    double value() {
      return row.measuresBytes() ? bytes : nanos;
    }
  }

  private final Map<String, Cell> cells = new LinkedHashMap<>();
  private final List<String> failures = new ArrayList<>();

  void add(Cell cell) {
    cells.put(cell.row().name() + " " + cell.system(), cell);
  }

  void addAll(Results others) {
    others.cells().forEach(this::add);
    failures.addAll(others.failures());
  }

  void addFailure(String failure) {
    failures.add(failure);
  }

  Collection<Cell> cells() {
    return cells.values();
  }

  List<String> failures() {
    return failures;
  }

  /** The rows that have a result, in the order of the table. */
  List<Row> rows() {
    return cells.values().stream().map(Cell::row).distinct().toList();
  }

  /** The best of the systems that share a column. */
  Optional<Cell> best(Row row, String column) {
    return cells.values().stream()
        .filter(cell -> cell.row().equals(row) && cell.column().equals(column))
        .min(Comparator.comparingDouble(Cell::value));
  }

  /** How many times as much one column costs as another. */
  OptionalDouble ratio(Row row, String column, String other) {
    Optional<Cell> dividend = best(row, column);
    Optional<Cell> divisor = best(row, other);
    return dividend.isPresent() && divisor.isPresent()
        ? OptionalDouble.of(dividend.get().value() / divisor.get().value())
        : OptionalDouble.empty();
  }

  static double median(List<Double> values) {
    return Median.of(values, Double::doubleValue);
  }
}
