package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrlGlobTest {
  private static List<String> expand(String pattern) {
    List<String> urls = new ArrayList<>();
    UrlGlob.parse(pattern).forEach(urls::add);
    assertThat(urls).hasSize(Math.toIntExact(UrlGlob.parse(pattern).size()));
    return urls;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "plain                | plain",
        "a,b                  | a,b",
        "{0..3}               | 0 1 2 3",
        "{3..0}               | 3 2 1 0",
        "{-2..1}              | -2 -1 0 1",
        "{0..10..4}           | 0 4 8",
        "{10..0..4}           | 10 6 2",
        "{0..10..-5}          | 0 5 10",
        "{08..11}             | 08 09 10 11",
        "{8..011}             | 008 009 010 011",
        "{-01..1}             | -01 000 001",
        "{5..5}               | 5",
        "{a..e}               | a b c d e",
        "{e..a..2}            | e c a",
        "{X..Z}               | X Y Z",
        "{a,b}                | a b",
        "x{red,green,}y       | xredy xgreeny xy",
        "{a,b}{0..1}          | a0 a1 b0 b1",
        "{0..1}{a,b}{x,y}     | 0ax 0ay 0bx 0by 1ax 1ay 1bx 1by",
        "{a{1..2},b,{c,d}e}   | a1 a2 b ce de",
        "{{1..2},{x..y}}      | 1 2 x y",
        "\\{0..1\\}           | {0..1}",
        "{a\\,b,c}            | a,b c",
        "\\\\{a,b}            | \\a \\b",
        "{a\\},b}             | a} b",
        "\\a                  | a",
      })
  void expandsTo(String pattern, String urls) {
    assertThat(expand(pattern)).containsExactly(urls.split(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "a{0..3        | 'a{0..3', position 2: '{' without '}'",
        "{a,{b,c}      | position 1: '{' without '}'",
        "a}b           | position 2: '}' without '{'",
        "{}            | position 1: expected a range such as {0..11} or {a..e}, or a list",
        "x{abc}        | position 2: expected a range",
        "{1..}         | expected a range",
        "{1..x}        | expected a range",
        "{1.5..2}      | expected a range",
        "{ab..cd}      | expected a range",
        "{a..E}        | expected two letters of the same case, found {a..E}",
        "{0..9..0}     | expected a step that is not 0, found 0",
        "{0..9..x}     | expected a whole number of 64 bits, found 'x'",
        "{0..99999999999999999999} | expected a whole number of 64 bits",
        "a\\           | position 2: '\\' with nothing after it",
        "{-9223372036854775807..9223372036854775807} | more than 2^63 URLs",
        "{0..9999999999}{0..9999999999} | more than 2^63 URLs",
      })
  void saysWhatIsWrongAndWhere(String pattern, String message) {
    assertThatThrownBy(() -> UrlGlob.parse(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void bracesNestToADepthOfAHundred() {
    String deepest = "{".repeat(99) + "{a,b}" + ",c}".repeat(99);
    assertThat(UrlGlob.parse(deepest + deepest).size()).isEqualTo(101 * 101);
    for (int depth : new int[] {101, 20_000}) {
      assertThatThrownBy(() -> UrlGlob.parse("{".repeat(depth)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("position 101: braces nested too deeply, expected at most 100");
    }
  }

  @Test
  void isNotExpandedInAdvance() {
    UrlGlob glob = UrlGlob.parse("http://h/{0..999999999}/{a..z}");
    assertThat(glob.size()).isEqualTo(26_000_000_000L);
    assertThat(glob.get(25_999_999_999L)).isEqualTo("http://h/999999999/z");
    assertThat(glob.get(27)).isEqualTo("http://h/1/b");
    assertThat(glob.iterator().next()).isEqualTo("http://h/0/a");
  }

  @Test
  void refusesAnIndexOutside() {
    UrlGlob glob = UrlGlob.parse("{a,b}");
    assertThatThrownBy(() -> glob.get(2)).hasMessage("expected an index from 0 to 1, was 2");
    assertThatThrownBy(() -> glob.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
