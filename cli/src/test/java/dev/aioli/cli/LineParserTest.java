package dev.aioli.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.http.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineParserTest {
  private static final RequestTemplate ALL =
      new RequestTemplate("PUT", Headers.of("A", "1", "B", "2"), null);

  private static FetchRequest parse(String line) {
    return new LineParser(ALL, 7).parse(line);
  }

  @Test
  void whatALineDoesNotSayIsAsForAll() {
    for (String line : new String[] {"http://h/", "{\"url\":\"http://h/\"}"}) {
      FetchRequest request = parse(line);
      assertThat(request.url()).isEqualTo("http://h/");
      assertThat(request.priority()).isEqualTo(7);
      assertThat(request.template()).isSameAs(ALL);
      assertThat(request.digest()).isNull();
    }
    assertThat(parse("{\"url\":\"http://h/\",\"priority\":-3}").priority()).isEqualTo(-3);
    assertThat(parse("-3 http://h/").priority()).isEqualTo(-3);
  }

  @Test
  void aLineOfJsonSaysAllOfARequest() {
    FetchRequest request =
        parse(
            "{\"url\":\"http://h/\",\"method\":\"patch\",\"headers\":{\"a\":[\"x\",\"y\"],"
                + "\"n\":3},\"body\":\"tëxt\"}");
    RequestTemplate template = request.template();
    assertThat(template.method()).isEqualTo("PATCH");
    assertThat(template.headers().getAll("A")).containsExactly("x", "y");
    assertThat(template.headers().get("N")).isEqualTo("3");
    assertThat(template.headers().get("B")).isEqualTo("2");
    assertThat(template.body()).isEqualTo("tëxt".getBytes(UTF_8));
    assertThat(request.digest()).matches("[0-9a-f]{16}");
  }

  @Test
  void aBodyOfJsonIsPostedAsJson() {
    RequestTemplate template = parse("{\"url\":\"http://h/\",\"body\":{\"a\": [1]}}").template();
    assertThat(template.method()).isEqualTo("POST");
    assertThat(template.headers().get("content-type")).isEqualTo("application/json");
    assertThat(template.body()).isEqualTo("{\"a\":[1]}".getBytes(UTF_8));
  }

  @Test
  void aBodyCanBeBinary() {
    RequestTemplate template = parse("{\"url\":\"http://h/\",\"body_base64\":\"AP8=\"}").template();
    assertThat(template.body()).isEqualTo(new byte[] {0, (byte) 0xFF});
    assertThat(template.headers().contains("content-type")).isFalse();
  }

  @Test
  void requestsForTheSameUrlHaveDifferentDigests() {
    assertThat(parse("{\"url\":\"http://h/\",\"body\":\"a\"}").digest())
        .isEqualTo(parse("{\"body\":\"a\",\"url\":\"http://h/\"}").digest())
        .isNotEqualTo(parse("{\"url\":\"http://h/\",\"body\":\"b\"}").digest())
        .isNotEqualTo(parse("{\"url\":\"http://h/\",\"method\":\"POST\"}").digest());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{                                   | expected an object of JSON on one line",
        "{\"url\":\"http://h/\"} x           | expected an object of JSON on one line",
        "{}                                  | expected a field 'url'",
        "{\"url\":1}                         | expected a text as 'url', found 1",
        "{\"url\":\"x\"}                     | malformed URL 'x'",
        "{\"url\":\"http://h/\",\"prio\":1}  | expected no fields but url, priority,",
        "{\"url\":\"http://h/\",\"priority\":1.5} | a whole number as 'priority', found 1.5",
        "{\"url\":\"http://h/\",\"priority\":\"1\"} | a whole number as 'priority', found \"1\"",
        "{\"url\":\"http://h/\",\"method\":\"A B\"} | expected a method such as GET or POST",
        "{\"url\":\"http://h/\",\"headers\":[]} | expected an object as 'headers', found []",
        "{\"url\":\"http://h/\",\"headers\":{\"a\":{}}} | expected texts as 'headers', found {}",
        "{\"url\":\"http://h/\",\"headers\":{\"a\":\"x\\ny\"}} | expected a value of characters up",
        "{\"url\":\"http://h/\",\"headers\":{\"a\":\"€\"}} | for header a, found '€'",
        "{\"url\":\"http://h/\",\"headers\":{\"a:b\":\"x\"}} | expected a header such as",
        "{\"url\":\"http://h/\",\"headers\":{\"\":\"x\"}} | expected a header such as",
        "{\"url\":\"http://h/\",\"method\":\"connect\"} | expected a method such as GET or POST",
        "{\"url\":\"http://h/\",\"method\":\"\"} | expected a method such as GET or POST",
        "{\"url\":\"http://h/\",\"body\":\"\\ud800\"} | expected whole characters",
        "{\"url\":\"http://h/\\ud800\"}      | expected whole characters",
        "http://me:secret@h/\t5             | before the tab, found 'http://***@h/'",
        "{\"url\":[\"http://me:secret@h/\"]} | found [\"http://***@h/\"]",
        "{\"url\":\"http://me:secret@h:x/\"} | malformed URL 'http://***@h:x/'",
        "{\"url\":\"http://h/\",\"headers\":{\"a b\":\"x\"}} | expected a header such as",
        "{\"url\":\"http://h/\",\"body\":1,\"body_base64\":\"\"} | expected one of 'body' and",
        "{\"url\":\"http://h/\",\"body_base64\":\"*\"} | expected Base64 as 'body_base64'",
        "9999999999999999999 http://h/       | malformed URL",
      })
  void saysWhatWasExpected(String line, String problem) {
    assertThatThrownBy(() -> parse(line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(problem);
  }
}
