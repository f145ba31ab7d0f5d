package dev.aioli.benchmarks.fetchers;

import dev.aioli.benchmarks.compare.Table;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What {@code aioli fetch} is to reach in a row.
 *
 * @param what is compared
 * @param against whom, and in which row
 * @param most how many times as much it may take
 */
record Target(String row, What what, Fetcher against, String otherRow, double most) {
  /** A number of a {@link Run}. */
  enum What {
    TIME,
    CPU;

    double of(Run run) {
      return this == TIME ? run.seconds() : run.cpuSeconds();
    }
  }

  /** As much memory as it may hold in any row. */
  static final double MEBIBYTES = 150;

  static final List<Target> ALL =
      List.of(
          ofStart(Row.VERSION, 4),
          ofStart("http-1", 9),
          ofStart("http-2000", 18),
          ofStart("http-20000", 34),
          of("http-400000", What.TIME, Fetcher.WGET2, 1),
          of("http-400000", What.TIME, Fetcher.CURL, 0.5),
          of("https-100000", What.CPU, Fetcher.CURL, 1.2),
          of("https-100000", What.TIME, Fetcher.CURL, 1),
          of("http2-100000", What.CPU, Fetcher.CURL, 1),
          of("http2-100000", What.TIME, Fetcher.CURL, 1),
          of("new-tls-4000", What.TIME, Fetcher.CURL, 1.25),
          of("large-http-600", What.CPU, Fetcher.CURL, 2),
          of("large-https-600", What.CPU, Fetcher.CURL, 1.5),
          of("large-https-3000", What.CPU, Fetcher.CURL, 1.5),
          of("store-600", What.TIME, Fetcher.CURL, 1.5));

  private static Target of(String row, What what, Fetcher against, double most) {
    return new Target(row, what, against, row, most);
  }

  /** In starts of a JVM that does nothing. */
  private static Target ofStart(String row, double most) {
    return new Target(row, What.TIME, Fetcher.JAVA, Row.VERSION, most);
  }

  /** How many times as much it takes; empty if one of the two was not measured. */
  Optional<Double> ratio(Runs runs) {
    Optional<Run> other = runs.median(otherRow, against);
    return runs.median(row, Fetcher.AIOLI)
        .flatMap(own -> other.map(theirs -> what.of(own) / what.of(theirs)));
  }

  boolean reachedBy(double ratio) {
    return ratio <= most;
  }

  @Override
  public String toString() {
    String whose = otherRow.equals(row) ? against.toString() : against + " " + otherRow;
    return String.format(Locale.ROOT, "%s <= %sx %s", what, Table.number(most), whose);
  }
}
