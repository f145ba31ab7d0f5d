package dev.aioli.benchmarks.plot;

import java.util.List;

/**
 * A line in a chart.
 *
 * @param name for the legend
 * @param points by growing x
 */
record Series(String name, List<Point> points) {
  /** A point; both above 0. */
  record Point(double x, double y) {}
}
