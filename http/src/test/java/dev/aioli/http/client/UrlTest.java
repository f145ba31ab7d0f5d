package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrlTest {
  @ParameterizedTest
  @CsvSource({
    "http://my_service:8080/x, http://my_service:8080, http://my_service:8080/x",
    "https://My_Service, https://my_service, https://My_Service",
    "http://my_service:/, http://my_service, http://my_service:/",
    "http://bücher.example/, http://xn--bcher-kva.example, http://xn--bcher-kva.example/",
    "http://b%C3%BCcher.example:81, http://xn--bcher-kva.example:81, http://xn--bcher-kva.example:81",
    "http://例え。テスト/, http://xn--r8jz45g.xn--zckzah, http://xn--r8jz45g.xn--zckzah/",
    "http://[::1]:8080/, http://[::1]:8080, http://[::1]:8080/",
    "http://host./, http://host., http://host./",
  })
  void hostsThatUriDoesNotKnow(String text, String origin, String plain) {
    assertThat(Url.parse(text).origin()).hasToString(origin);
    assertThat(Url.parse(text).text()).isEqualTo(plain);
  }

  @ParameterizedTest
  @CsvSource({
    "/a[1]|b, /a%5B1%5D%7Cb",
    "/100%, /100%25",
    "/%zz%4, /%25zz%254",
    "/%5B%7c, /%5B%7c",
    "/a?b[]=c|d&e=5%, /a?b[]=c%7Cd&e=5%25",
    "?a=[1], /?a=[1]",
    "/a#b[|]%, /a",
  })
  void encodesWhatOthersEncode(String text, String target) {
    assertThat(Url.parse("http://host" + text).target()).isEqualTo(target);
    assertThat(Url.parse("http://my_host/x").resolve(text.replaceFirst("^\\?", "/?")).target())
        .isEqualTo(target);
  }

  @Test
  void userInfoIsCutFromTheAuthorityOnly() {
    Url url = Url.parse("http://me@host/a?mail=me@work&b=me@home#me@end");
    assertThat(url.text()).isEqualTo("http://host/a?mail=me@work&b=me@home#me@end");
    assertThat(url.target()).isEqualTo("/a?mail=me@work&b=me@home");
    assertThat(url.authorization()).isEqualTo(HttpRequest.basic("me", ""));
    url = Url.parse("http://a_b:p%40s@q@my_host:81/a_b:p%40s@q@");
    assertThat(url.text()).isEqualTo("http://my_host:81/a_b:p%40s@q@");
    assertThat(url.authorization()).isEqualTo(HttpRequest.basic("a_b", "p@s@q"));
  }

  @Test
  void resolvesAgainstSuchHosts() {
    Url url = Url.parse("http://me:secret@my_service:8080/a/b?c");
    assertThat(url.resolve("d")).hasToString("http://my_service:8080/a/d");
    assertThat(url.resolve("?e")).hasToString("http://my_service:8080/a/b?e");
    assertThat(url.resolve("//bücher.example/f")).hasToString("http://xn--bcher-kva.example/f");
    assertThat(Url.parse("http://my_service").resolve("x")).hasToString("http://my_service/x");
  }

  @ParameterizedTest
  @CsvSource({
    "http://my_service:x/, expected a port from 1 to 65535",
    "http://my_service:0/, expected a port from 1 to 65535",
    "http://my_service:70000/, expected a port from 1 to 65535",
    "http://ü..example/, expected a host name",
    "http://a%20b/, expected a host name",
    "http://a%2Fb/, expected a host name",
    "http://a:b:80/, expected a port from 1 to 65535",
    "http://user@/, expected a URL with a host name",
    "http://:80/, expected a URL with a host name",
  })
  void saysWhatIsWrong(String text, String problem) {
    assertThatThrownBy(() -> Url.parse(text))
        .isInstanceOf(HttpException.InvalidUrl.class)
        .hasMessageContaining(problem)
        .hasMessageContaining("'" + text + "'");
  }
}
