package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetUrlTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "http://host/a?b=c, http://host/a?b=c",
        "HTTP://host, HTTP://host",
        "https://host:8443/, https://host:8443/",
        "http://[::1]:80/, http://[::1]:80/",
        "http://h/a b|c{d}, http://h/a%20b%7Cc%7Bd%7D",
        "http://h/ä?q=€, http://h/%C3%A4?q=%E2%82%AC",
        "http://h/a#part, http://h/a",
        "http://h/%41, http://h/%41",
      })
  void takesWhatBrowsersTake(String text, String uri) {
    assertThat(TargetUrl.parse(text).uri()).hasToString(uri);
    assertThat(TargetUrl.parse(text).embedded()).isFalse();
  }

  @Test
  void httpbinIsTheEmbeddedServer() {
    TargetUrl url = TargetUrl.parse("httpbin:/get?a=1 2");
    assertThat(url.embedded()).isTrue();
    assertThat(url.uri()).hasToString("/get?a=1%202");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "example.com/a      | expected it to begin with http://, https:// or httpbin:/",
        "ftp://h/           | expected it to begin with http://, https:// or httpbin:/",
        "http:///a          | expected a host after http://",
        "http://a b/        | malformed URL 'http://a b/'",
        "http://under_score:x/ | expected a host after http://",
        "http://h:99999/    | expected a port up to 65535, was 99999",
        "http://h/%zz       | Malformed escape pair",
        "httpbin:get        | expected httpbin:/path",
        "httpbin://host/get | expected httpbin:/path",
      })
  void saysWhatIsMalformed(String text, String problem) {
    assertThatThrownBy(() -> TargetUrl.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("malformed URL '" + text + "'")
        .hasMessageContaining(problem);
  }

  @Test
  void refusesControlCharacters() {
    assertThatThrownBy(() -> TargetUrl.parse("http://h/a\r\nHost: x"))
        .hasMessageContaining("expected no control characters");
  }
}
