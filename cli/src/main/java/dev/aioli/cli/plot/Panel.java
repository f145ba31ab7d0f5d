package dev.aioli.cli.plot;

import java.util.List;
import java.util.Locale;

/** One diagram: values over time, with both axes, a title and a legend. */
final class Panel {
  static final int WIDTH = 960;
  static final int HEIGHT = 220;

  private static final int LEFT = 72;
  private static final int RIGHT = 24;
  private static final int TOP = 40;
  private static final int BOTTOM = 40;
  private static final int PLOT_WIDTH = WIDTH - LEFT - RIGHT;
  private static final int PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;
  private static final int TIME_TICKS = 10;
  private static final int VALUE_TICKS = 5;
  private static final int LEGEND_STEP = 110;

  private final String title;
  private final String unit;
  private final double seconds;
  private final double bridged;
  private final Ticks time;
  private final Ticks values;
  private final List<Series> series;

  /**
   * A line of the diagram.
   *
   * @param name what the legend calls it
   * @param style its class in the style sheet
   * @param points its points, one a slice; the value is NaN where there is nothing to show
   */
  record Series(String name, String style, List<Point> points) {}

  /**
   * What was so from one time to another.
   *
   * @param begin in seconds
   * @param end in seconds
   */
  record Point(double begin, double end, double value) {}

  /**
   * A diagram.
   *
   * @param unit what the values are counted in
   * @param whole whether values are whole numbers
   * @param seconds the length of the time axis
   * @param bridged for how many seconds without a value a line goes on
   */
  Panel(
      String title,
      String unit,
      boolean whole,
      double seconds,
      double bridged,
      List<Series> series) {
    this.title = title;
    this.unit = unit;
    this.seconds = Math.max(seconds, 1e-3);
    this.bridged = bridged;
    this.series = series;
    double largest = 0;
    for (Series one : series) {
      for (Point point : one.points()) {
        largest = Double.isNaN(point.value()) ? largest : Math.max(largest, point.value());
      }
    }
    time = Ticks.of(this.seconds, TIME_TICKS);
    values = whole ? Ticks.ofWhole(largest, VALUE_TICKS) : Ticks.of(largest, VALUE_TICKS);
  }

  private double x(double second) {
    return LEFT + PLOT_WIDTH * Math.min(1, second / seconds);
  }

  private double y(double value) {
    return TOP + PLOT_HEIGHT * (1 - value / values.max());
  }

  /** Draws it, its upper left corner at the origin. */
  void draw(Svg svg) {
    svg.text("title", LEFT, TOP - 16, title);
    drawAxes(svg);
    for (int i = 0; i < series.size(); i++) {
      Series one = series.get(i);
      if (series.size() > 1 || !one.name().equalsIgnoreCase(title)) { // else the title has said it
        double right = WIDTH - RIGHT - LEGEND_STEP * (double) (series.size() - i);
        svg.line(one.style(), right, TOP - 20, right + 20, TOP - 20);
        svg.text("legend", right + 26, TOP - 16, one.name());
      }
      svg.path(one.style(), commands(one));
    }
    drawTips(svg);
  }

  /** What is told of a slice when the mouse is over it, in any height of the diagram. */
  private void drawTips(Svg svg) {
    int count = series.isEmpty() ? 0 : series.getFirst().points().size();
    for (int i = 0; i < count; i++) {
      Point slice = series.getFirst().points().get(i);
      StringBuilder tip = new StringBuilder();
      tip.append(String.format(Locale.ROOT, "%.2f s to %.2f s", slice.begin(), slice.end()));
      for (Series one : series) {
        double value = one.points().get(i).value();
        String shown = Double.isNaN(value) ? "none" : Svg.number(value);
        tip.append('\n').append(one.name()).append(": ").append(shown);
      }
      double left = x(slice.begin());
      svg.tip(left, TOP, x(slice.end()) - left, PLOT_HEIGHT, tip.toString());
    }
  }

  private void drawAxes(Svg svg) {
    for (int i = 0; i < values.count(); i++) {
      double y = y(values.at(i));
      svg.line(i == 0 ? "axis" : "grid", LEFT, y, WIDTH - RIGHT, y);
      svg.text("value", LEFT - 8, y + 4, values.label(i));
    }
    for (int i = 0; i < time.count() && time.at(i) <= seconds * 1.0001; i++) {
      double x = x(time.at(i));
      svg.line("axis", x, TOP + PLOT_HEIGHT, x, TOP + PLOT_HEIGHT + 5);
      svg.text("time", x, TOP + PLOT_HEIGHT + 18, time.label(i));
    }
    svg.line("axis", LEFT, TOP, LEFT, TOP + PLOT_HEIGHT);
    svg.text("unit", LEFT + PLOT_WIDTH / 2.0, TOP + PLOT_HEIGHT + 34, "time in seconds");
    svg.raw(
        "<text class=\"unit\" transform=\"translate(16,%s) rotate(-90)\">%s</text>"
            .formatted(Svg.number(TOP + PLOT_HEIGHT / 2.0), Svg.escaped(unit)));
  }

  /** A step for each point. */
  private String commands(Series one) {
    StringBuilder path = new StringBuilder();
    double drawnTo = Double.NEGATIVE_INFINITY;
    for (Point point : one.points()) {
      if (Double.isNaN(point.value())) {
        continue;
      }
      String y = Svg.number(y(point.value()));
      boolean goesOn = point.begin() - drawnTo <= bridged + 1e-9;
      path.append(goesOn ? 'L' : 'M').append(Svg.number(x(point.begin()))).append(',').append(y);
      path.append('L').append(Svg.number(x(point.end()))).append(',').append(y);
      drawnTo = point.end();
    }
    return path.toString();
  }
}
