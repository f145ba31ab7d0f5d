package dev.aioli.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrlSourceTest {
  private static List<Entry> read(List<String> globs, String lines) throws IOException {
    List<Entry> entries = new ArrayList<>();
    LineReader reader = new LineReader(new ByteArrayInputStream(lines.getBytes(UTF_8)));
    try (UrlSource source = source(globs.stream().map(UrlGlob::parse).toList(), reader)) {
      for (Entry entry; (entry = source.next()) != null; ) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private static UrlSource source(List<UrlGlob> globs, @Nullable LineReader lines) {
    return new UrlSource(globs, lines, new LineParser(RequestTemplate.GET, 0), entry -> false);
  }

  private static FetchRequest request(String url, long priority) {
    return new FetchRequest(url, TargetUrl.parse(url), priority, RequestTemplate.GET);
  }

  private static List<Entry> read(String lines) throws IOException {
    return read(List.of(), lines);
  }

  @Test
  void givesArgumentsBeforeLines() throws IOException {
    assertThat(read(List.of("http://a{1..2}", "http://b"), "http://c\nhttp://d/{1..2}\n"))
        .containsExactly(
            new FetchRequest("http://a1"),
            new FetchRequest("http://a2"),
            new FetchRequest("http://b"),
            new FetchRequest("http://c"),
            new FetchRequest("http://d/{1..2}"));
  }

  @Test
  void blanksOrATabSeparateThePriority() throws IOException {
    assertThat(read("-3\thttp://a\n 12 \t http://b \n7  http://c\nhttp://d/x y\n"))
        .containsExactly(
            request("http://a", -3),
            request("http://b", 12),
            request("http://c", 7),
            request("http://d/x y", 0));
  }

  @Test
  void skipsBlankLinesAndComments() throws IOException {
    assertThat(read("\n  \n# no\n  # no\n\thttp://a#yes\n"))
        .containsExactly(new FetchRequest("http://a#yes"));
  }

  @Test
  void aBadLineSaysWhereItStands() throws IOException {
    assertThat(read("http://a\nsoon\tb\nhttp://c\n"))
        .containsExactly(
            new FetchRequest("http://a"),
            new BadLine(
                "soon\tb",
                "line 2: expected a whole number as the priority before the tab, found 'soon'"),
            new FetchRequest("http://c"));
  }

  /** Whatever a line says, it is one result, and those after it have theirs. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"method\":\"G T\"",
        "\"method\":\"CONNECT\"",
        "\"headers\":{\"X Y\":\"1\"}",
        "\"headers\":{\"X\":\"\u20ac\"}",
        "\"headers\":{\"X\":\"a\\nb\"}",
        "\"headers\":{\"X\":[1,[2]]}",
        "\"body\":\"\\udfff\"",
        "\"body_base64\":\"\\udfff\"",
        "\"priority\":1e999999999",
        "\"priority\":123456789012345678901234567890",
        "\"headers\":null",
        "\"url\":null",
      })
  void aBadLineOfJsonEndsNothing(String field) throws IOException {
    String line = "{\"url\":\"http://b\"," + field + "}";
    if (field.startsWith("\"url\"")) {
      line = "{" + field + "}";
    }
    List<Entry> entries = read("http://a\n" + line + "\nhttp://c\n");
    assertThat(entries).hasSize(3);
    assertThat(entries.getFirst()).isEqualTo(new FetchRequest("http://a"));
    assertThat(entries.get(1))
        .isInstanceOfSatisfying(
            BadLine.class, bad -> assertThat(bad.error()).startsWith("line 2: expected "));
    assertThat(entries.getLast()).isEqualTo(new FetchRequest("http://c"));
  }

  @Test
  void aLineThatIsNotUtf8IsBad() throws IOException {
    byte[] bytes = "http://a/caf\u00e9\nhttp://b\n".getBytes(ISO_8859_1);
    try (UrlSource source = source(List.of(), new LineReader(new ByteArrayInputStream(bytes)))) {
      assertThat(source.next())
          .isEqualTo(
              new BadLine(
                  "http://a/caf\ufffd", "line 1: expected UTF-8, found byte E9 at position 13"));
      assertThat(source.next()).isEqualTo(new FetchRequest("http://b"));
    }
  }

  @Test
  void aLineThatIsTooLongIsBad() throws IOException {
    List<Entry> entries = read("x".repeat(LineReader.MAX_LINE + 1) + "\nhttp://b\n");
    assertThat(entries.getFirst())
        .isEqualTo(
            new BadLine("x".repeat(LineReader.MAX_LINE), "line 1: expected at most 65536 bytes"));
    assertThat(entries.getLast()).isEqualTo(new FetchRequest("http://b"));
  }

  @Test
  void theSizeIsKnownWithoutLines() {
    List<UrlGlob> globs = List.of(UrlGlob.parse("{0..9}"), UrlGlob.parse("{a,b}"));
    assertThat(source(globs, null).size()).isEqualTo(12);
    LineReader lines = new LineReader(new ByteArrayInputStream(new byte[0]));
    assertThat(source(globs, lines).size()).isEqualTo(UrlSource.UNKNOWN);
  }

  @Test
  void anEnormousPatternIsNotExpanded() throws IOException {
    UrlGlob glob = UrlGlob.parse("http://h/{0..9999999999999}");
    try (UrlSource source = source(List.of(glob, glob), null)) {
      assertThat(source.next()).isEqualTo(new FetchRequest("http://h/0"));
      assertThat(source.next()).isEqualTo(new FetchRequest("http://h/1"));
    }
  }
}
