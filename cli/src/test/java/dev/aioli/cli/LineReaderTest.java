package dev.aioli.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.cli.LineReader.Line;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineReaderTest {
  private static final String TOO_LONG = "expected at most 65536 bytes";

  private static List<Line> read(InputStream in) throws IOException {
    List<Line> lines = new ArrayList<>();
    try (LineReader reader = new LineReader(in)) {
      for (Line line; (line = reader.next()) != null; ) {
        lines.add(line);
      }
    }
    return lines;
  }

  private static InputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(UTF_8));
  }

  private static List<String> texts(String input) throws IOException {
    return read(bytes(input)).stream().map(Line::text).toList();
  }

  @Test
  void splitsAtLineFeeds() throws IOException {
    assertThat(texts("a\nb\n\nc")).containsExactly("a", "b", "", "c");
    assertThat(texts("a\n")).containsExactly("a");
    assertThat(texts("\n")).containsExactly("");
    assertThat(texts("")).isEmpty();
  }

  @Test
  void dropsCarriageReturnsAndTheByteOrderMark() throws IOException {
    assertThat(texts("\uFEFFa\r\nb\r\n\uFEFFc\r")).containsExactly("a", "b", "\uFEFFc");
  }

  @Test
  void readsUtf8AcrossReads() throws IOException {
    List<InputStream> single = new ArrayList<>();
    for (byte b : "ä\n€\n".getBytes(UTF_8)) {
      single.add(new ByteArrayInputStream(new byte[] {b}));
    }
    assertThat(read(new SequenceInputStream(Collections.enumeration(single))))
        .containsExactly(new Line("ä", null), new Line("€", null));
  }

  @Test
  void cutsALineThatIsTooLongAndGoesOnWithTheNext() throws IOException {
    String longest = "x".repeat(LineReader.MAX_LINE);
    String huge = "x".repeat(50 * LineReader.MAX_LINE + 17);
    assertThat(read(bytes(longest + "\n" + longest + "y\n" + huge + "\nb\n" + huge)))
        .containsExactly(
            new Line(longest, null),
            new Line(longest, TOO_LONG),
            new Line(longest, TOO_LONG),
            new Line("b", null),
            new Line(longest, TOO_LONG));
  }

  /** Bytes that are not UTF-8 are not turned into others that are. */
  @ParameterizedTest
  @CsvSource({
    "http://h/caf\u00e9, E9, 13",
    "\u00ff\u00fe, FF, 1",
    "a\u00c3, C3, 2",
    "\u00ed\u00a0\u0080, ED, 1",
    "\u00ef\u00bb\u00bfab\u0080, 80, 3",
  })
  void aLineThatIsNotUtf8SaysSo(String latin, String found, int position) throws IOException {
    byte[] bytes = ("a\n" + latin + "\r\nb\n").getBytes(ISO_8859_1);
    if (latin.charAt(0) == '\u00ef') { // the mark is one at the beginning only
      bytes = (latin + "\r\nb\n").getBytes(ISO_8859_1);
    }
    List<Line> lines = read(new ByteArrayInputStream(bytes));
    assertThat(lines).filteredOn(line -> line.problem() != null).hasSize(1);
    Line bad = lines.get(lines.size() - 2);
    assertThat(bad.problem())
        .isEqualTo("expected UTF-8, found byte " + found + " at position " + position);
    assertThat(lines.getLast()).isEqualTo(new Line("b", null));
  }

  @Test
  void theReplacementCharacterItselfIsUtf8() throws IOException {
    assertThat(read(bytes("a\ufffdb"))).containsExactly(new Line("a\ufffdb", null));
  }

  @Test
  void manyLinesCrossTheBuffer() throws IOException {
    StringBuilder input = new StringBuilder();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      expected.add("http://host/" + i);
      input.append("http://host/").append(i).append('\n');
    }
    assertThat(texts(input.toString())).isEqualTo(expected);
  }

  @Test
  void tellsBeforeItWaits() throws IOException {
    List<String> events = new ArrayList<>();
    InputStream two =
        new SequenceInputStream(bytes("a\nb\nhalf a "), bytes("line\n")); // available() of one part
    try (LineReader reader = new LineReader(two)) {
      reader.beforeWait(() -> events.add("waits"));
      for (Line line; (line = reader.next()) != null; ) {
        events.add(line.text());
      }
    }
    assertThat(events).containsExactly("a", "b", "waits", "half a line", "waits");
  }
}
