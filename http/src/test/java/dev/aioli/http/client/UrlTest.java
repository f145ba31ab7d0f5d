package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.http.wire.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    "http://host, http://host, /",
    "http://host/, http://host, /",
    "http://host:80/a, http://host, /a",
    "https://host:443/a, https://host, /a",
    "https://h-1.example:8443/a/b;c=d?e=f/g?h=i, https://h-1.example:8443, /a/b;c=d?e=f/g?h=i",
    "http://127.0.0.1:65535/?, http://127.0.0.1:65535, /?",
    "http://host/~a!$&'()*+=:@_.-, http://host, /~a!$&'()*+=:@_.-",
  })
  void plainOnesAreTakenApartAsTheRestIs(String text, String origin, String target) {
    Url plain = PlainUrl.parse(text, null);
    assertThat(plain).isNotNull().isEqualTo(Url.parse(text));
    assertThat(plain.origin()).hasToString(origin);
    assertThat(plain.target()).isEqualTo(target);
    assertThat(plain).hasToString(text);
    assertThat(plain.authorization()).isNull();

    Url general = Url.parse(text + "#end");
    assertThat(PlainUrl.parse(text + "#end", null)).isNull();
    assertThat(general.origin()).isEqualTo(plain.origin());
    assertThat(general.target()).isEqualTo(plain.target());
    assertThat(general.text()).isEqualTo(text + "#end");
  }

  @ParameterizedTest
  @CsvSource({
    "http://host/, http://host:80/a, true",
    "http://host/, https://host/a, false",
    "http://host/, http://host:81/a, false",
    "http://host/, http://hos/a, false",
    "http://hos/, http://host/a, false",
    "http://host/, http://post/a, false",
  })
  void originOfAnotherUrlIsTakenIfItIsTheSame(String one, String other, boolean same) {
    Origin likely = Url.parse(one).origin();
    Url url = Url.parse(other, likely);
    assertThat(url).isEqualTo(Url.parse(other));
    assertThat(url.origin() == likely).isEqualTo(same);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://",
        "http:///a",
        "HTTP://host/",
        "ftp://host/",
        "http://Host/",
        "http://ho_st/",
        "http://me@host/",
        "http://[::1]/",
        "http://host:/",
        "http://host:0/",
        "http://host:65536/",
        "http://host:123456/",
        "http://host:x/",
        "http://host?a",
        "http://host\\a",
        "http://host/%41",
        "http://host/ a",
        "http://host/a?b c",
        "http://host/\u00fc",
        "http://host/a[0]",
        "http://host/a|b",
        "http://host/a\r\nX: y",
      })
  void whatIsNotPlainIsLeftToTheRest(String text) {
    assertThat(PlainUrl.parse(text, null)).isNull();
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
