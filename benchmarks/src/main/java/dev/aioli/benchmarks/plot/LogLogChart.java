package dev.aioli.benchmarks.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Lines over two logarithmic axes, as SVG: panels side by side with the same scales, and one
 * legend.
 */
@SuppressWarnings("AnnotateFormatMethod") // that annotation would be one more dependency
final class LogLogChart {
  private static final int PANEL_WIDTH = 300;
  private static final int PANEL_HEIGHT = 300;
  private static final int LEFT = 70;
  private static final int TOP = 50;
  private static final int GAP = 30;
  private static final int BOTTOM = 100;

  /** Colours that colour-blind people can tell apart (Okabe and Ito). */
  private static final List<String> COLOURS =
      List.of(
          "#0072b2", "#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#999999", "#000000");

  /**
   * A part of the chart.
   *
   * @param title stands above it
   */
  record Panel(String title, List<Series> lines) {}

  private final String xTitle;
  private final String yTitle;
  private final List<Panel> panels;
  private final List<String> names;
  private final Scale x;
  private final Scale y;
  private final StringBuilder svg = new StringBuilder();

  /**
   * A chart of the panels.
   *
   * @throws IllegalArgumentException if there is no point, or one that has no logarithm
   */
  LogLogChart(String xTitle, String yTitle, List<Panel> panels) {
    this.xTitle = xTitle;
    this.yTitle = yTitle;
    this.panels = List.copyOf(panels);
    names = lines().map(Series::name).distinct().toList();
    x = Scale.over(points(), Series.Point::x, 0, PANEL_WIDTH);
    y = Scale.over(points(), Series.Point::y, PANEL_HEIGHT, 0);
  }

  private Stream<Series> lines() {
    return panels.stream().flatMap(panel -> panel.lines.stream());
  }

  private List<Series.Point> points() {
    return lines().flatMap(line -> line.points().stream()).toList();
  }

  /** From powers of ten to pixels. */
  private record Scale(int lowest, int highest, int from, int to) {
    static Scale over(
        List<Series.Point> points, ToDoubleFunction<Series.Point> value, int from, int to) {
      double lowest = points.stream().mapToDouble(value).min().orElse(0);
      double highest = points.stream().mapToDouble(value).max().orElse(0);
      if (!(lowest > 0) || highest == Double.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "expected finite values above 0, found " + lowest + " to " + highest);
      }
      int low = (int) Math.floor(Math.log10(lowest));
      int high = (int) Math.ceil(Math.log10(highest));
      return new Scale(low, Math.max(high, low + 1), from, to);
    }

    double of(double value) {
      double part = (Math.log10(value) - lowest) / (highest - lowest);
      return from + part * (to - from);
    }

    List<Double> powers() {
      List<Double> powers = new ArrayList<>();
      for (int exponent = lowest; exponent <= highest; exponent++) {
        powers.add(Math.pow(10, exponent));
      }
      return powers;
    }
  }

  /** The whole document. */
  String toSvg() {
    int width = LEFT + panels.size() * (PANEL_WIDTH + GAP);
    int height = TOP + PANEL_HEIGHT + BOTTOM;
    svg.setLength(0);
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
            + " font-family=\"sans-serif\" font-size=\"12\">",
        width, height, width, height);
    add("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
    for (int i = 0; i < panels.size(); i++) {
      add("<g transform=\"translate(%d %d)\">", LEFT + i * (PANEL_WIDTH + GAP), TOP);
      drawPanel(panels.get(i), i == 0);
      add("</g>");
    }
    text(LEFT + (width - LEFT) / 2.0, TOP + PANEL_HEIGHT + 40, "middle", xTitle);
    add(
        "<text transform=\"translate(18 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>",
        TOP + PANEL_HEIGHT / 2, escaped(yTitle));
    drawLegend(width);
    add("</svg>");
    return svg.toString();
  }

  private void drawPanel(Panel panel, boolean withLabels) {
    text(PANEL_WIDTH / 2.0, -14, "middle", panel.title);
    for (double power : x.powers()) {
      line(x.of(power), 0, x.of(power), PANEL_HEIGHT);
      text(x.of(power), PANEL_HEIGHT + 18, "middle", label(power));
    }
    for (double power : y.powers()) {
      line(0, y.of(power), PANEL_WIDTH, y.of(power));
      if (withLabels) {
        text(-8, y.of(power) + 4, "end", label(power));
      }
    }
    for (Series line : panel.lines) {
      drawLine(line);
    }
  }

  private void drawLine(Series line) {
    String colour = colour(line.name());
    StringBuilder path = new StringBuilder();
    for (Series.Point point : line.points()) {
      path.append(format("%.1f,%.1f ", x.of(point.x()), y.of(point.y())));
    }
    add(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
        path.toString().strip(), colour);
    for (Series.Point point : line.points()) {
      add(
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"><title>%s: %s</title></circle>",
          x.of(point.x()),
          y.of(point.y()),
          colour,
          escaped(line.name()),
          format("%.0f", point.y()));
    }
  }

  private void drawLegend(int width) {
    double each = (double) (width - LEFT) / names.size();
    int baseline = TOP + PANEL_HEIGHT + 75;
    for (int i = 0; i < names.size(); i++) {
      double left = LEFT + i * each;
      add(
          "<rect x=\"%.1f\" y=\"%d\" width=\"14\" height=\"4\" fill=\"%s\"/>",
          left, baseline - 6, colour(names.get(i)));
      text(left + 20, baseline, "start", names.get(i));
    }
  }

  private String colour(String name) {
    return COLOURS.get(names.indexOf(name) % COLOURS.size());
  }

  /** A power of ten as people write it. */
  static String label(double power) {
    if (power >= 1_000_000) {
      return format("%.0fM", power / 1_000_000);
    }
    return power >= 1 ? format("%,.0f", power) : format("%s", power);
  }

  private void line(double fromX, double fromY, double toX, double toY) {
    add(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>",
        fromX, fromY, toX, toY);
  }

  private void text(double atX, double atY, String anchor, String words) {
    add(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>",
        atX, atY, anchor, escaped(words));
  }

  private void add(String template, Object... values) {
    svg.append(format(template, values)).append('\n');
  }

  private static String format(String template, Object... values) {
    return String.format(Locale.ROOT, template, values);
  }

  private static String escaped(String words) {
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
