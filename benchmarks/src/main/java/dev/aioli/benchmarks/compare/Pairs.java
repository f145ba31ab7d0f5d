package dev.aioli.benchmarks.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What two builds cost, measured in turn by pairs of processes. The ratio of a pair is what counts:
 * both have seen the same weather. Several pairs show how much of it is luck, since two JVMs
 * compile the same program differently.
 */
public final class Pairs {
  /**
   * One pair's result.
   *
   * @param before the cost in the build before
   * @param after the cost in the build after
   */
  record Pair(double before, double after) {
    double ratio() {
      return after / before;
    }
  }

  private final Map<String, List<Pair>> rows = new LinkedHashMap<>();

  /** Adds a pair's costs in a row: time, memory, whatever is better when it is less. */
  public void add(String row, double before, double after) {
    rows.computeIfAbsent(row, name -> new ArrayList<>()).add(new Pair(before, after));
  }

  /** The rows whose median ratio is above a bound, 1.03 for instance. */
  public List<String> above(double bound) {
    return rows.keySet().stream().filter(row -> !(ratio(row) <= bound)).toList();
  }

  /** The median ratio of a row. */
  double ratio(String row) {
    return Results.median(rows.getOrDefault(row, List.of()).stream().map(Pair::ratio).toList());
  }

  /** The medians, and the least and the greatest ratio, in Markdown. */
  public String toTable() {
    Table table =
        new Table(List.of("row", "before", "after", "after / before", "least", "greatest"));
    rows.forEach((row, pairs) -> {
      List<Double> ratios = pairs.stream().map(Pair::ratio).sorted().toList();
      table.add(
          List.of(
              row,
              Table.number(Results.median(pairs.stream().map(Pair::before).toList())),
              Table.number(Results.median(pairs.stream().map(Pair::after).toList())),
              ratioText(ratio(row)),
              ratioText(ratios.getFirst()),
              ratioText(ratios.getLast())));
    });
    return table.toString();
  }

  private static String ratioText(double ratio) {
    return String.format(Locale.ROOT, "%.3f", ratio);
  }
}
