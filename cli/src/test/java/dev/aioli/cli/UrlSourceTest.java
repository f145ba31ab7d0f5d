package dev.aioli.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UrlSourceTest {
  private static List<Entry> read(List<String> globs, String lines) throws IOException {
    List<Entry> entries = new ArrayList<>();
    LineReader reader = new LineReader(new ByteArrayInputStream(lines.getBytes(UTF_8)));
    try (UrlSource source = new UrlSource(globs.stream().map(UrlGlob::parse).toList(), reader)) {
      for (Entry entry; (entry = source.next()) != null; ) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private static List<Entry> read(String lines) throws IOException {
    return read(List.of(), lines);
  }

  @Test
  void givesArgumentsBeforeLines() throws IOException {
    assertThat(read(List.of("a{1..2}", "b"), "c\nd{1..2}\n"))
        .containsExactly(
            new FetchRequest("a1"),
            new FetchRequest("a2"),
            new FetchRequest("b"),
            new FetchRequest("c"),
            new FetchRequest("d{1..2}"));
  }

  @Test
  void aTabSeparatesThePriority() throws IOException {
    assertThat(read("-3\ta\n 12 \t b \nc\n"))
        .containsExactly(
            new FetchRequest("a", -3), new FetchRequest("b", 12), new FetchRequest("c", 0));
  }

  @Test
  void skipsBlankLinesAndComments() throws IOException {
    assertThat(read("\n  \n# no\n  # no\n\ta#yes\n")).containsExactly(new FetchRequest("a#yes"));
  }

  @Test
  void aBadLineSaysWhereItStands() throws IOException {
    assertThat(read("a\nsoon\tb\nc\n"))
        .containsExactly(
            new FetchRequest("a"),
            new BadLine(
                "soon\tb",
                "line 2: expected a whole number as the priority before the tab, was 'soon'"),
            new FetchRequest("c"));
  }

  @Test
  void aLineThatIsTooLongIsBad() throws IOException {
    List<Entry> entries = read("x".repeat(LineReader.MAX_LINE + 1) + "\nb\n");
    assertThat(entries.getFirst())
        .isEqualTo(
            new BadLine("x".repeat(LineReader.MAX_LINE), "line 1: expected at most 16384 bytes"));
    assertThat(entries.getLast()).isEqualTo(new FetchRequest("b"));
  }

  @Test
  void theSizeIsKnownWithoutLines() {
    List<UrlGlob> globs = List.of(UrlGlob.parse("{0..9}"), UrlGlob.parse("{a,b}"));
    assertThat(new UrlSource(globs, null).size()).isEqualTo(12);
    LineReader lines = new LineReader(new ByteArrayInputStream(new byte[0]));
    assertThat(new UrlSource(globs, lines).size()).isEqualTo(UrlSource.UNKNOWN);
  }

  @Test
  void anEnormousPatternIsNotExpanded() throws IOException {
    UrlGlob glob = UrlGlob.parse("http://h/{0..9999999999999}");
    try (UrlSource source = new UrlSource(List.of(glob, glob), null)) {
      assertThat(source.next()).isEqualTo(new FetchRequest("http://h/0"));
      assertThat(source.next()).isEqualTo(new FetchRequest("http://h/1"));
    }
  }
}
