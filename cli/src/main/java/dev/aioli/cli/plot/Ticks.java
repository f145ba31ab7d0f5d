package dev.aioli.cli.plot;

import java.util.Locale;

/**
 * The marks of an axis that begins at 0: round numbers.
 *
 * @param max the end of the axis, a mark itself
 * @param step from mark to mark
 */
record Ticks(double max, double step) {
  private static final double[] ROUND = {1, 2, 2.5, 5, 10};

  /**
   * Marks for values from 0.
   *
   * @param largest what must be on the axis
   * @param count about how many marks
   */
  static Ticks of(double largest, int count) {
    double most = largest > 0 ? largest : 1;
    double magnitude = Math.pow(10, Math.floor(Math.log10(most / count)));
    double step = magnitude * 10;
    for (double round : ROUND) {
      if (most / (round * magnitude) <= count) {
        step = round * magnitude;
        break;
      }
    }
    return new Ticks(Math.ceil(most / step - 1e-9) * step, step);
  }

  /** As {@link #of}, with whole numbers only. */
  static Ticks ofWhole(double largest, int count) {
    Ticks ticks = of(Math.max(1, largest), count);
    if (ticks.step >= 1 && ticks.step == Math.rint(ticks.step)) {
      return ticks;
    }
    double step = Math.ceil(ticks.step);
    return new Ticks(Math.ceil(Math.max(1, largest) / step) * step, step);
  }

  /** How many marks there are, with 0 and the end. */
  int count() {
    return (int) Math.round(max / step) + 1;
  }

  /** The mark with this number. */
  double at(int index) {
    return index * step;
  }

  /** What to write at a mark. */
  String label(int index) {
    double value = at(index);
    if (value >= 10_000) {
      String thousands = plain(value / 1_000);
      return value >= 10_000_000 ? plain(value / 1e6) + "M" : thousands + "k";
    }
    return plain(value);
  }

  private static String plain(double value) {
    String text = String.format(Locale.ROOT, "%.6f", value);
    return text.replaceFirst("\\.?0+$", "");
  }
}
