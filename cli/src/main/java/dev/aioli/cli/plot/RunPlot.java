package dev.aioli.cli.plot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * Draws the course of a run: requests in flight, results a second, in all and by outcome, and
 * latency, one under the other over the same time. The file needs no other: no scripts, no fonts,
 * no network.
 */
public final class RunPlot {
  private static final int MAX_SLICES = 120;
  private static final int MIN_SLICES = 10;
  private static final int RESULTS_PER_SLICE = 5;
  private static final int MAX_ROWS = 30;
  private static final int MAX_OUTCOMES = 4;
  private static final int HEAD = 48;
  private static final int LINE = 16;

  private static final String STYLE =
      """
      <style>
      text { font: 12px system-ui, sans-serif; fill: #444 }
      .head { font-size: 18px; font-weight: 600; fill: #111 }
      .title { font-size: 14px; font-weight: 600; fill: #111 }
      .value { text-anchor: end }
      .time, .unit { text-anchor: middle }
      .paper { fill: #fff }
      .axis { stroke: #666 }
      .grid { stroke: #ddd }
      .tip { fill: #888; fill-opacity: 0 }
      .tip:hover { fill-opacity: .15 }
      .blue, .green, .red, .orange, .purple, .grey { fill: none; stroke-width: 1.8 }
      .blue { stroke: #1f6fb4 }
      .green { stroke: #2a8a3e }
      .red { stroke: #c62828 }
      .orange { stroke: #d97706 }
      .purple { stroke: #7e3fb5 }
      .grey { stroke: #888 }
      @media (prefers-color-scheme: dark) {
        text { fill: #bbb }
        .head, .title { fill: #eee }
        .paper { fill: #16181c }
        .axis { stroke: #999 }
        .grid { stroke: #33363c }
        .blue { stroke: #5aa9ee }
        .green { stroke: #57c06d }
        .red { stroke: #ff6b6b }
        .orange { stroke: #f0a13c }
        .purple { stroke: #b98ae6 }
      }
      </style>
      """;

  private final Timeline timeline;
  private final String title;
  private final String summary;

  /**
   * A drawing of a run that has ended.
   *
   * @param title what was run
   * @param summary how it went, in a line or several
   */
  public RunPlot(Timeline timeline, String title, String summary) {
    this.timeline = timeline;
    this.title = title;
    this.summary = summary;
  }

  /** Whether the name is that of a file that can be drawn: ends with .svg, .html or .htm. */
  public static boolean canWrite(Path file) {
    return isSvg(file) || isHtml(file);
  }

  private static boolean isSvg(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".svg");
  }

  private static boolean isHtml(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".html") || name.endsWith(".htm");
  }

  /**
   * Opens a file as {@link #write} will, and changes nothing.
   *
   * @throws IOException if it cannot be written
   */
  public static void tryOut(Path file) throws IOException {
    if (Files.exists(file)) {
      Files.newOutputStream(file, StandardOpenOption.WRITE).close();
    } else {
      Files.delete(Files.createFile(file));
    }
  }

  /**
   * Writes the drawing; what it is follows from the name, see {@link #canWrite}.
   *
   * @throws IOException if the file cannot be written
   */
  public void write(Path file) throws IOException {
    Files.writeString(file, isSvg(file) ? svg() : html(), StandardCharsets.UTF_8);
  }

  /** The drawing as SVG. */
  String svg() {
    Timeline.Snapshot run = timeline.snapshot(MAX_SLICES, RESULTS_PER_SLICE, MIN_SLICES);
    List<Panel> panels = panels(run);
    List<String> lines = summary.lines().toList();
    int head = HEAD + LINE * lines.size();
    int height = head + panels.size() * Panel.HEIGHT;
    Svg svg = new Svg();
    svg.raw(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%1$d\""
                .formatted(Panel.WIDTH, height)
            + " height=\"%d\" role=\"img\">".formatted(height));
    svg.raw("<title>" + Svg.escaped(title) + "</title>");
    svg.raw(STYLE.strip());
    svg.raw("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>");
    svg.text("head", 24, 28, title);
    for (int i = 0; i < lines.size(); i++) {
      svg.text("summary", 24, HEAD + 2 + LINE * (double) i, lines.get(i).strip());
    }
    for (int i = 0; i < panels.size(); i++) {
      svg.raw("<g transform=\"translate(0,%d)\">".formatted(head + i * Panel.HEIGHT));
      panels.get(i).draw(svg);
      svg.raw("</g>");
    }
    return svg.raw("</svg>").toString();
  }

  private static List<Panel> panels(Timeline.Snapshot run) {
    List<Slice> slices = run.slices();
    return List.of(
        new Panel(
            "In flight",
            "requests",
            true,
            run.seconds(),
            run.window(),
            List.of(series(run, "in flight", "blue", i -> slices.get(i).mostInFlight()))),
        new Panel(
            "Rate",
            "results per second",
            false,
            run.seconds(),
            run.window(),
            List.of(
                series(run, "all", "green", i -> run.rate(i, Slice::done)),
                series(run, "failed", "red", i -> run.rate(i, Slice::failed)))),
        new Panel(
            "Outcomes", "results per second", false, run.seconds(), run.window(), outcomes(run)),
        new Panel(
            "Latency",
            "milliseconds",
            false,
            run.seconds(),
            run.window(),
            List.of(
                series(run, "p50", "blue", i -> slices.get(i).millis(50)),
                series(run, "p95", "orange", i -> slices.get(i).millis(95)))));
  }

  /** A line for each of the most frequent, and one for all others. */
  private static List<Panel.Series> outcomes(Timeline.Snapshot run) {
    List<String> byCount =
        run.whole().outcomes().entrySet().stream()
            .sorted(
                Map.Entry.<String, Long>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .map(Map.Entry::getKey)
            .toList();
    List<String> shown = byCount.subList(0, Math.min(MAX_OUTCOMES, byCount.size()));
    Iterator<String> good = List.of("green", "blue", "purple", "grey").iterator();
    Iterator<String> bad = List.of("red", "orange", "purple", "grey").iterator();
    List<Panel.Series> lines = new ArrayList<>();
    for (String outcome : shown) {
      String style = (isSuccess(outcome) ? good : bad).next();
      lines.add(series(run, outcome, style, i -> run.rate(i, slice -> slice.outcome(outcome))));
    }
    if (shown.size() < byCount.size()) {
      lines.add(series(run, "other", "grey", i -> run.rate(i, slice -> others(slice, shown))));
    }
    return lines;
  }

  private static boolean isSuccess(String outcome) {
    return outcome.startsWith("1") || outcome.startsWith("2") || outcome.startsWith("3");
  }

  private static long others(Slice slice, List<String> shown) {
    return slice.done() - shown.stream().mapToLong(slice::outcome).sum();
  }

  private static Panel.Series series(
      Timeline.Snapshot run, String name, String style, IntToDoubleFunction value) {
    List<Panel.Point> points = new ArrayList<>();
    for (int i = 0; i < run.slices().size(); i++) {
      points.add(new Panel.Point(run.begin(i), run.end(i), value.applyAsDouble(i)));
    }
    return new Panel.Series(name, style, points);
  }

  /** A page with the drawing, and what it shows as a table. */
  String html() {
    StringBuilder page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>")
        .append(Svg.escaped(title))
        .append("</title>\n<style>\n:root { color-scheme: light dark }\n")
        .append("body { font: 14px system-ui, sans-serif; margin: 2em }\n")
        .append(
            "@media (prefers-color-scheme: dark) { body { background: #16181c; color: #bbb } }\n")
        .append("svg { max-width: 100%; height: auto }\ntable { border-collapse: collapse }\n")
        .append("th, td { padding: .2em 1em; text-align: right; border-bottom: 1px solid #8884 }\n")
        .append("</style>\n</head>\n<body>\n")
        .append(svg());
    appendTable(page);
    return page.append("</body>\n</html>\n").toString();
  }

  private void appendTable(StringBuilder page) {
    Timeline.Snapshot run = timeline.snapshot(MAX_ROWS, RESULTS_PER_SLICE, MIN_SLICES);
    page.append("<table>\n<tr><th>from s</th><th>to s</th><th>in flight</th><th>done</th>")
        .append("<th>failed</th><th>done/s</th><th>p50 ms</th><th>p95 ms</th></tr>\n");
    for (int i = 0; i < run.slices().size(); i++) {
      Slice slice = run.slices().get(i);
      page.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%.2f</td><td>%.2f</td><td>%d</td><td>%d</td><td>%d</td><td>%.1f</td>"
                  + "<td>%s</td><td>%s</td></tr>%n",
              run.begin(i),
              run.end(i),
              slice.mostInFlight(),
              slice.done(),
              slice.failed(),
              run.rate(i, Slice::done),
              millis(slice.millis(50)),
              millis(slice.millis(95))));
    }
    page.append("</table>\n");
  }

  private static String millis(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.1f", value);
  }
}
