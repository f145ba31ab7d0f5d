package dev.aioli.cli.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunPlotTest {
  private static final long MILLI = 1_000_000;

  /** Two seconds: first 100/s with 10 ms each, then 50/s with 40 ms, a quarter of them failures. */
  private static Timeline run() {
    Timeline timeline = new Timeline(0);
    for (int i = 0; i < 100; i++) {
      timeline.inFlight(i * 10 * MILLI, 8);
      timeline.done(i * 10 * MILLI, "200", false, 10_000);
    }
    for (int i = 0; i < 50; i++) {
      timeline.inFlight((1_000 + i * 20) * MILLI, 4);
      boolean fails = i % 4 == 0;
      timeline.done((1_000 + i * 20) * MILLI, fails ? "503" : "200", fails, 40_000);
    }
    return timeline;
  }

  private static RunPlot plot() {
    return new RunPlot(run(), "aioli <fetch> & co", "150 done, \"13\" failed");
  }

  /** Checks that every element ends, and in order; gives the drawing. */
  private static String checked(String svg) {
    Deque<String> open = new ArrayDeque<>();
    Matcher tag = Pattern.compile("<(/?)([a-z]+)(?: [a-zA-Z0-9]+=\"[^\"<]*\")*(/?)>").matcher(svg);
    int from = 0;
    while (tag.find()) {
      assertThat(svg.substring(from, tag.start())).doesNotContain("<").doesNotContain("& ");
      if (!tag.group(1).isEmpty()) {
        assertThat(open.pop()).isEqualTo(tag.group(2));
      } else if (tag.group(3).isEmpty()) {
        open.push(tag.group(2));
      }
      from = tag.end();
    }
    assertThat(open).isEmpty();
    return svg.substring(0, from);
  }

  private static List<String> texts(String svg, String style) {
    return Pattern.compile("<text class=\"" + style + "\"[^>]*>([^<]*)</text>")
        .matcher(svg)
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  private static List<String> paths(String svg, String style) {
    return Pattern.compile("<path class=\"" + style + "\" d=\"([^\"]*)\"/>")
        .matcher(svg)
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  /** The heights of a line's points, from the bottom of its panel up, as parts of the whole. */
  private static List<Double> heights(String path) {
    List<Double> heights = new ArrayList<>();
    for (String point : path.substring(1).split("[ML]")) {
      heights.add((180 - Double.parseDouble(point.split(",")[1])) / 140);
    }
    return heights;
  }

  @Test
  void hasReadableAxesWithUnits() {
    String svg = checked(plot().svg());
    assertThat(texts(svg, "title")).containsExactly("In flight", "Rate", "Outcomes", "Latency");
    assertThat(texts(svg, "unit"))
        .contains("time in seconds", "requests", "results per second", "milliseconds");
    assertThat(texts(svg, "legend")).containsExactly("all", "failed", "200", "503", "p50", "p95");
    assertThat(texts(svg, "head")).containsExactly("aioli &lt;fetch&gt; &amp; co");
    assertThat(texts(svg, "summary")).containsExactly("150 done, &quot;13&quot; failed");
    assertThat(texts(svg, "value"))
        .containsSubsequence("0", "2", "4", "6", "8")
        .containsSubsequence("0", "25", "50", "75", "100")
        .containsSubsequence("0", "10", "20", "30", "40");
    assertThat(texts(svg, "time")).contains("0", "1");
  }

  @Test
  void drawsWhatHappened() {
    String svg = checked(plot().svg());
    List<Double> inFlight = heights(paths(svg, "blue").getFirst());
    assertThat(inFlight.getFirst()).isEqualTo(1); // 8 of 8
    assertThat(inFlight.getLast()).isEqualTo(0.5);
    List<Double> p50 = heights(paths(svg, "blue").getLast());
    double largest = 41; // 40 and what two digits make of it
    assertThat(p50.getFirst()).isBetween(0.18, 10.5 / 40);
    assertThat(p50.getLast()).isBetween(0.78, largest / 40);
    List<Double> rate = heights(paths(svg, "green").getFirst());
    assertThat(rate.getFirst()).isGreaterThan(1.5 * rate.getLast());
    assertThat(heights(paths(svg, "red").getFirst()).getFirst()).isZero();
  }

  @Test
  void aRunWithoutResultsCanBeDrawn() {
    String svg = checked(new RunPlot(new Timeline(0), "t", "s").svg());
    assertThat(texts(svg, "title")).hasSize(4);
  }

  @Test
  void anOutcomeThatIsTheOnlyOneIsNamedToo() {
    Timeline timeline = new Timeline(0);
    timeline.done(MILLI, "200", false, 10_000);
    String svg = checked(new RunPlot(timeline, "t", "s").svg());
    assertThat(texts(svg, "legend")).containsExactly("all", "failed", "200", "p50", "p95");
  }

  @Test
  void theMostFrequentOutcomesHaveALineEach() {
    Timeline timeline = new Timeline(0);
    List<String> outcomes = List.of("200", "404", "429", "503", "timeout", "connect");
    for (int i = 0; i < outcomes.size(); i++) {
      for (int n = i; n < 10; n++) {
        timeline.done(n * MILLI, outcomes.get(i), i > 0, -1);
      }
    }
    String svg = checked(new RunPlot(timeline, "t", "s").svg());
    assertThat(texts(svg, "legend")).contains("200", "404", "429", "503", "other");
    assertThat(texts(svg, "legend")).doesNotContain("timeout", "connect");
    assertThat(svg)
        .contains("200: 1111.1&#10;404: 1000.0&#10;429: 888.9&#10;503: 777.8&#10;other: 1222.2<");
  }

  @Test
  void everySliceTellsItsValuesUnderTheMouse() {
    String svg = checked(plot().svg());
    long slices = svg.lines().filter(line -> line.startsWith("<rect class=\"tip\"")).count();
    assertThat(slices).isPositive().matches(count -> count % 4 == 0);
    assertThat(svg)
        .containsPattern("<title>0\\.00 s to \\d\\.\\d\\d s&#10;all: \\d+\\.\\d&#10;failed: 0.0<");
  }

  @Test
  void aShortTimeWithoutAnswersDoesNotBreakTheLine() {
    Timeline timeline = new Timeline(0);
    for (int i = 1; i < 200; i++) {
      timeline.done(i * 30 * MILLI, "200", false, 100_000);
    }
    timeline.done(9_000 * MILLI, "200", false, 100_000);
    String p50 = paths(checked(new RunPlot(timeline, "t", "s").svg()), "blue").getLast();
    assertThat(p50.split("M")).hasSize(3); // a part before the gap of three seconds, and one after
  }

  @Test
  void everyLineOfTheSummaryIsThere() {
    String svg = checked(new RunPlot(run(), "t", "150 done\n  p50 1 ms").svg());
    assertThat(texts(svg, "summary")).containsExactly("150 done", "p50 1 ms");
  }

  @Test
  void isDarkWhereTheReaderWantsIt() {
    assertThat(plot().svg()).contains("@media (prefers-color-scheme: dark)", "class=\"paper\"");
    assertThat(plot().html()).contains("color-scheme: light dark").doesNotContain("fill=\"#fff\"");
  }

  @Test
  void theNameTellsTheFormat(@TempDir Path folder) throws IOException {
    Path svg = folder.resolve("run.svg");
    Path html = folder.resolve("run.HTML");
    plot().write(svg);
    plot().write(html);
    checked(Files.readString(svg));
    String page = Files.readString(html);
    assertThat(page)
        .startsWith("<!DOCTYPE html>")
        .contains("<title>aioli &lt;fetch&gt; &amp; co</title>", "<svg ", "<th>p95 ms</th>")
        .containsPattern("<tr><td>0.00</td><td>0\\.\\d+</td><td>8</td>")
        .doesNotContain("http://www.w3.org/1999", "<script", " src=");
    assertThat(RunPlot.canWrite(Path.of("a.htm"))).isTrue();
    assertThat(RunPlot.canWrite(Path.of("a.png"))).isFalse();
  }
}
