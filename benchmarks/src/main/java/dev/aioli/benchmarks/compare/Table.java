package dev.aioli.benchmarks.compare;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Shows results as tables in Markdown whose columns are aligned, too. */
public final class Table {
  private final List<List<String>> lines = new ArrayList<>();

  /** A table without lines. */
  public Table(List<String> headings) {
    lines.add(List.copyOf(headings));
  }

  /** Adds a line: a cell for each heading. */
  public void add(List<String> cells) {
    if (cells.size() != lines.getFirst().size()) {
      throw new IllegalArgumentException(
          "expected " + lines.getFirst().size() + " cells, found " + cells);
    }
    lines.add(List.copyOf(cells));
  }

  /** The costs, then the ratios of which the targets speak. */
  static String of(Results results) {
    StringBuilder text = new StringBuilder();
    for (Row.Kind kind : Row.Kind.values()) {
      List<Row> rows = results.rows().stream().filter(row -> row.kind() == kind).toList();
      if (!rows.isEmpty()) {
        text.append(kind.title()).append(": nanoseconds (or bytes) per operation\n\n");
        text.append(costs(results, rows)).append('\n');
      }
    }
    text.append("Targets: ratios of the costs above, and whether they are reached\n\n");
    return text.append(targets(results)).toString();
  }

  private static Table costs(Results results, List<Row> rows) {
    List<String> columns =
        Column.ALL.stream()
            .filter(column -> rows.stream().anyMatch(row -> results.best(row, column).isPresent()))
            .toList();
    List<String> headings = new ArrayList<>(List.of("row"));
    headings.addAll(columns);
    headings.add("reached");
    Table table = new Table(headings);
    for (Row row : rows) {
      List<String> cells = new ArrayList<>(List.of(row.name()));
      for (String column : columns) {
        Optional<Results.Cell> cell = results.best(row, column);
        String unit = row.measuresBytes() ? " B" : "";
        cells.add(cell.map(best -> number(best.value()) + unit).orElse("n/a"));
      }
      cells.add(reached(results, row));
      table.add(cells);
    }
    return table;
  }

  /** Whether a row reaches all of its targets, and which it does not; empty if it has none. */
  private static String reached(Results results, Row row) {
    List<String> missed = new ArrayList<>();
    int all = 0;
    for (String heading : Target.headings()) {
      Optional<Target.Verdict> verdict = Target.verdict(heading, results, row);
      if (verdict.isPresent()) {
        all++;
        if (!verdict.get().reached()) {
          missed.add(heading);
        }
      }
    }
    return all == 0 ? "" : missed.isEmpty() ? "yes" : "NO: " + String.join(", ", missed);
  }

  private static Table targets(Results results) {
    List<String> headings = new ArrayList<>(List.of("row"));
    headings.addAll(Target.headings());
    Table table = new Table(headings);
    for (Row row : results.rows()) {
      List<String> cells = new ArrayList<>(List.of(row.name()));
      for (String heading : Target.headings()) {
        cells.add(Target.verdict(heading, results, row).map(Objects::toString).orElse(""));
      }
      if (!Collections.nCopies(cells.size() - 1, "").equals(cells.subList(1, cells.size()))) {
        table.add(cells);
      }
    }
    return table;
  }

  /** A number with as many digits as mean something. */
  public static String number(double value) {
    if (value >= 100) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    String text = String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
    return text.replaceFirst("\\.?0+$", "");
  }

  @Override
  public String toString() {
    int columns = lines.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> line : lines) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], Math.max(2, line.get(i).length()));
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      for (int j = 0; j < columns; j++) {
        String cell = lines.get(i).get(j);
        String blank = " ".repeat(widths[j] - cell.length());
        text.append("| ").append(j == 0 ? cell + blank : blank + cell).append(' ');
      }
      text.append("|\n");
      if (i == 0) {
        for (int j = 0; j < columns; j++) {
          String dashes = "-".repeat(widths[j] + 1);
          text.append(j == 0 ? "|" + dashes + "-" : "|" + dashes + ":");
        }
        text.append("|\n");
      }
    }
    return text.toString();
  }
}
