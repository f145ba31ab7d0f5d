package dev.aioli.benchmarks.compare;

/**
 * How long to measure.
 *
 * @param warmUpMillis before a system's first round in a row, if it compiles
 * @param roundMillis how long a round takes at least
 * @param rounds of which the median counts
 * @param tiny whether everything is so small that it only shows that it works
 */
public record Effort(long warmUpMillis, long roundMillis, int rounds, boolean tiny) {
  static final Effort NORMAL = new Effort(200, 80, 3, false);
  static final Effort QUICK = new Effort(200, 40, 3, false);
  static final Effort TINY = new Effort(1, 1, 1, true);
}
