package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        "http://h/%zz%4, http://h/%25zz%254",
        "http://h/a[1]?b[]=100%, http://h/a%5B1%5D?b[]=100%25",
        "http://my_service:8080/, http://my_service:8080/",
        "http://bücher.example:81/ü, http://xn--bcher-kva.example:81/%C3%BC",
        "http://me:ü@bücher.example, http://me:%C3%BC@xn--bcher-kva.example",
      })
  void takesWhatBrowsersTake(String text, String uri) {
    assertThat(TargetUrl.parse(text).text()).isEqualTo(uri);
    assertThat(TargetUrl.parse(text).embedded()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "http://My_Service/x, my_service:80",
    "https://me:secret@my_service:/x, my_service:443",
    "https://bücher.example:81, xn--bcher-kva.example:81",
    "http://[::1]:80/, [::1]:80",
    "http://h:8080/x, h:8080",
    "https://h/x, h:443",
  })
  void hostsAreToldApart(String text, String host) {
    assertThat(TargetUrl.parse(text).host()).isEqualTo(host);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://h",
        "http://h/",
        "https://h/a/b;c=d?e=f&g=(h)!~*'@:+,$",
        "http://127.0.0.1:8080/?a=1",
        "https://h.example-1.org:443/a",
        "http://h:80",
        "http://h:65535/",
      })
  void shortCutGivesTheSame(String text) {
    assertThat(TargetUrl.plain(text)).isEqualTo(TargetUrl.general(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://H/",
        "http://h?a=1",
        "http://h:/",
        "http://h:65536/",
        "http://h:000080/",
        "http://h/a%20b",
        "http://h/a#b",
        "http://h/[a]?[b]",
        "http://me@h/",
        "http://",
        "ftp://h/",
      })
  void shortCutTakesNothingElse(String text) {
    assertThat(TargetUrl.plain(text)).isNull();
  }

  @Test
  void shortCutKnowsEachCharacter() {
    for (char c = ' '; c < 0x7F; c++) {
      for (String text : new String[] {"http://h" + c + "/", "http://h/a" + c, "http://h/?" + c}) {
        TargetUrl plain = TargetUrl.plain(text);
        if (plain != null) {
          assertThat(plain).as(text).isEqualTo(TargetUrl.general(text));
        }
      }
    }
  }

  @Test
  void httpbinIsTheEmbeddedServer() {
    TargetUrl url = TargetUrl.parse("httpbin:/get?a=1 2");
    assertThat(url.embedded()).isTrue();
    assertThat(url.text()).isEqualTo("/get?a=1%202");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "example.com/a      | expected it to begin with http://, https:// or httpbin:/",
        "ftp://h/           | expected it to begin with http://, https:// or httpbin:/",
        "http:///a          | expected a URL with a host name",
        "http://a b/        | malformed URL 'http://a b/'",
        "http://under_score:x/ | expected a port from 1 to 65535",
        "http://h:99999/    | expected a port from 1 to 65535",
        "http://my_host:99999/ | expected a port from 1 to 65535",
        "http://ü..example/  | expected a host name",
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
