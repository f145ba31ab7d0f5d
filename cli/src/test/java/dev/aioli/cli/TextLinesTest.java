package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextLinesTest {
  @Test
  void whatFitsIsOneLine() {
    List<String> parts = List.of("12 done, 0 failed, at most 6 in flight", "200: 12", "3.73 kB");
    assertThat(TextLines.wrapped(parts)).isEqualTo(String.join(" | ", parts));
  }

  @Test
  void breaksBetweenPartsWhereALineIsFull() {
    String half = "x".repeat(TextLines.WIDTH / 2 - 2); // with the separator two fit but for one
    assertThat(TextLines.wrapped(List.of(half, half + "x", half, half)))
        .isEqualTo(half + " | " + half + "x\n  " + half + "\n  " + half);
  }

  @Test
  void breaksAPartThatIsLongerThanALineAtItsBlanks() {
    String statuses = String.join(", ", Collections.nCopies(30, "200: 12345"));
    List<String> lines = TextLines.wrapped(List.of("30 done", statuses, "end")).lines().toList();
    assertThat(lines).hasSizeGreaterThan(4).allMatch(line -> line.length() <= TextLines.WIDTH);
    assertThat(lines.getFirst()).isEqualTo("30 done");
    assertThat(lines.getLast()).startsWith("  ").endsWith(" | end");
    assertThat(lines.subList(1, lines.size())).allMatch(line -> line.startsWith("  "));
    assertThat(String.join("", lines)).contains("200: 12345,");
  }

  @Test
  void aWordThatIsLongerThanALineStaysWhole() {
    String word = "y".repeat(100);
    assertThat(TextLines.wrapped(List.of("a", word, "b"))).isEqualTo("a\n  " + word + "\n  b");
  }
}
