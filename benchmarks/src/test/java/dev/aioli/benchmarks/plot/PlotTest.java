package dev.aioli.benchmarks.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import picocli.CommandLine;

class PlotTest {
  private static final Series FLAT =
      new Series("flat & fast", List.of(new Series.Point(10, 100), new Series.Point(1000, 100)));
  private static final Series STEEP =
      new Series("steep", List.of(new Series.Point(10, 100), new Series.Point(1000, 10_000)));

  private static Document draw(Series... lines) throws Exception {
    String svg =
        new LogLogChart(
                "tasks", "nanoseconds", List.of(new LogLogChart.Panel("yield", List.of(lines))))
            .toSvg();
    return DocumentBuilderFactory.newDefaultInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static List<String> all(Document svg, String tag, String attribute) {
    NodeList nodes = svg.getElementsByTagName(tag);
    return IntStream.range(0, nodes.getLength())
        .mapToObj(i -> (Element) nodes.item(i))
        .map(node -> attribute.isEmpty() ? node.getTextContent() : node.getAttribute(attribute))
        .toList();
  }

  @Test
  void decadesHaveTheSameLengthOnBothAxes() throws Exception {
    // From 10 to 1000 over 300 pixels; from 100 to 10,000 over 300 pixels, upwards.
    assertThat(all(draw(FLAT, STEEP), "polyline", "points"))
        .containsExactly("0.0,300.0 300.0,300.0", "0.0,300.0 300.0,0.0");
  }

  @Test
  void axesLegendAndTitleAreLabelled() throws Exception {
    assertThat(all(draw(FLAT, STEEP), "text", ""))
        .contains("tasks", "nanoseconds", "yield", "flat & fast", "steep")
        .contains("10", "100", "1,000", "10,000");
  }

  @Test
  void linesDifferInColour() throws Exception {
    assertThat(all(draw(FLAT, STEEP), "polyline", "stroke")).doesNotHaveDuplicates();
  }

  @Test
  void millionsAreShort() {
    assertThat(LogLogChart.label(1_000_000)).isEqualTo("1M");
    assertThat(LogLogChart.label(0.1)).isEqualTo("0.1");
  }

  @Test
  void valuesWithoutLogarithmAreRefused() {
    Series zero = new Series("zero", List.of(new Series.Point(10, 0)));

    assertThatThrownBy(() -> draw(zero))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected finite values above 0");
  }

  @Test
  void commandDrawsTheScalingRowsOnly(@TempDir Path folder) throws Exception {
    Path results = folder.resolve("results.jsonl");
    Path svg = folder.resolve("plot.svg");
    Files.writeString(
        results,
        """
        {"system":"aioli","workload":"yield@10","ns_per_op":100,"bytes":0,"note":""}
        {"system":"aioli","workload":"yield@1000","ns_per_op":110,"bytes":0,"note":""}
        {"system":"aioli","workload":"lock","ns_per_op":110,"bytes":0,"note":""}
        """);

    int exit = new CommandLine(new PlotCommand()).execute(results.toString(), svg.toString());

    assertThat(exit).isZero();
    assertThat(Files.readString(svg)).contains("yield", "aioli").doesNotContain("lock");
  }

  @Test
  void resultsWithoutScalingRowsAreAnError(@TempDir Path folder) throws Exception {
    Path results = Files.writeString(folder.resolve("results.jsonl"), "");
    StringWriter err = new StringWriter();

    int exit =
        new CommandLine(new PlotCommand())
            .setErr(new PrintWriter(err, true))
            .execute(results.toString(), folder.resolve("plot.svg").toString());

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).contains("has no row such as yield@1000");
  }
}
