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
    "http://i\u2764.example/, http://xn--i-7iq.example, http://xn--i-7iq.example/",
    "http://\ud83d\ude80.example/, http://xn--158h.example, http://xn--158h.example/",
    "http://\uff21.example/, http://a.example, http://a.example/",
    "http://a\uff0e\u33a2b/, http://a.km2b, http://a.km2b/",
    "http://\u04c0.example/, http://xn--s5a.example, http://xn--s5a.example/",
    "http://\u10a0.example/, http://xn--rkj.example, http://xn--rkj.example/",
    "http://\u13f8.example/, http://xn--gce.example, http://xn--gce.example/",
    "http://\u0130.example/, http://xn--i-9bb.example, http://xn--i-9bb.example/",
    "http://ex\u00ad\u200bample/, http://example, http://example/",
    "http://xn--strae-oqa.example/, http://xn--strae-oqa.example, http://xn--strae-oqa.example/",
  })
  void hostsThatUriDoesNotKnow(String text, String origin, String plain) {
    assertThat(Url.parse(text).origin()).hasToString(origin);
    assertThat(Url.parse(text).text()).isEqualTo(plain);
  }

  /** What DNS of IDNA 2003 and of today understand differently would lead to somebody else. */
  @ParameterizedTest
  @CsvSource({
    "stra\u00dfe, U+00DF",
    "STRA\u1e9eE, U+00DF",
    "stra%C3%9Fe, U+00DF",
    "\u03b2\u03cc\u03bb\u03bf\u03c2, U+03C2",
    "a\u200cb, U+200C",
    "a\u200db, U+200D",
    "a\u1c80b, U+1C80",
    "a\u115fb, U+115F",
    "a\u2488b, U+2488",
    "a\u0378b, U+0378",
    "a\udb40\udd00b, U+E0100",
  })
  void hostsThatStandardsReadDifferentlyAreRefused(String host, String why) {
    assertThatThrownBy(() -> Url.parse("http://" + host + ".example/"))
        .isInstanceOf(HttpException.InvalidUrl.class)
        .hasMessageContaining(why)
        .hasMessageContaining("xn--");
  }

  @Test
  void aCapitalSigmaIsTheSmallOneWhereverItStands() {
    String expected = Url.parse("http://\u03c3\u03bf\u03c3.example/").text();
    assertThat(Url.parse("http://\u03a3\u039f\u03a3.example/").text()).isEqualTo(expected);
    // A rocket makes it a name that IDNA 2003 does not know.
    expected = Url.parse("http://\ud83d\ude80\u03bf\u03c3.example/").text();
    assertThat(Url.parse("http://\ud83d\ude80\u039f\u03a3.example/").text()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "http://[fe80::1%25lo]/a, fe80::1%lo, [fe80::1], http://[fe80::1%25lo]/a",
    "http://[FE80::1%Eth-0.5]:81/, fe80::1%Eth-0.5, [fe80::1]:81, http://[FE80::1%25Eth-0.5]:81/",
    "https://[fe80::1%2], fe80::1%2, [fe80::1], https://[fe80::1%252]",
    "http://[::ffff:127.0.0.1]/, ::ffff:127.0.0.1, [::ffff:127.0.0.1], http://[::ffff:127.0.0.1]/",
  })
  void aZoneIsForConnectingAndNotForTheServer(
      String text, String host, String authority, String plain) {
    Url url = Url.parse(text);
    assertThat(url.origin().host()).isEqualTo(host);
    assertThat(url.origin().authority()).isEqualTo(authority);
    assertThat(url.text()).isEqualTo(plain);
    assertThat(url.resolve("b").origin()).isEqualTo(url.origin());
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
    "/a b \"<>^`{}, /a%20b%20%22%3C%3E%5E%60%7B%7D",
    "/a?b c=\"<>^`{}, /a?b%20c=%22%3C%3E%5E%60%7B%7D",
    "/a\\b?c\\d, /a%5Cb?c%5Cd",
    "/cafe\u0301, /cafe%CC%81",
    "/caf\u00e9, /caf%C3%A9",
    "/\u212b?\ufb01, /%E2%84%AB?%EF%AC%81",
    "/a\u00a0\u0085\u2028b, /a%C2%A0%C2%85%E2%80%A8b",
    "/\ud83d\ude80, /%F0%9F%9A%80",
    "///\u00e9, ///%C3%A9",
    "/a//b/../c, /a//b/../c",
  })
  void encodesWhatOthersEncode(String text, String target) {
    assertThat(Url.parse("http://host" + text).target()).isEqualTo(target);
    if (!text.startsWith("//")
        && !text.contains("..")) { // which mean something else in a reference
      assertThat(Url.parse("http://my_host/x").resolve(text.replaceFirst("^\\?", "/?")).target())
          .isEqualTo(target);
    }
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
  void aUserAndAPasswordMayHaveAnyBytes() {
    assertThat(Url.parse("http://%E9%:p\u00fc%3A@host/").authorization())
        .isEqualTo("Basic 6SU6cMO8Og=="); // E9 25 3A 70 C3 BC 3A
    assertThatThrownBy(() -> Url.parse("http://a%3Ab:secret@host/"))
        .isInstanceOf(HttpException.InvalidUrl.class)
        .hasMessage("expected a user without a colon, found 'http://***@host/'");
    assertThatThrownBy(() -> Url.parse("http://host/").resolve("//a%3ab@host/"))
        .isInstanceOf(HttpException.InvalidUrl.class);
  }

  /** RFC 3986, 5.4.1 and 5.4.2. */
  @ParameterizedTest
  @CsvSource({
    "g, /b/c/g",
    "./g, /b/c/g",
    "g/, /b/c/g/",
    "/g, /g",
    "?y, /b/c/d;p?y",
    "g?y, /b/c/g?y",
    "#s, /b/c/d;p?q",
    "g#s, /b/c/g",
    "g?y#s, /b/c/g?y",
    ";x, /b/c/;x",
    "g;x, /b/c/g;x",
    "g;x?y#s, /b/c/g;x?y",
    "'', /b/c/d;p?q",
    "., /b/c/",
    "./, /b/c/",
    ".., /b/",
    "../, /b/",
    "../g, /b/g",
    "../.., /",
    "../../, /",
    "../../g, /g",
    "../../../g, /g",
    "../../../../g, /g",
    "/./g, /g",
    "/../g, /g",
    "g., /b/c/g.",
    ".g, /b/c/.g",
    "g.., /b/c/g..",
    "..g, /b/c/..g",
    "./../g, /b/g",
    "./g/., /b/c/g/",
    "g/./h, /b/c/g/h",
    "g/../h, /b/c/h",
    "g;x=1/./y, /b/c/g;x=1/y",
    "g;x=1/../y, /b/c/y",
    "g?y/./x, /b/c/g?y/./x",
    "g?y/../x, /b/c/g?y/../x",
    "g#s/./x, /b/c/g",
    "g//../h, /b/c/g/h",
    "x?u=http://a/, /b/c/x?u=http://a/",
    "x/http://a/, /b/c/x/http://a/",
    "127.0.0.1:80/x, /b/c/127.0.0.1:80/x",
    "http://a/./x/..//y, //y",
  })
  void referencesAreResolvedAsTheStandardSays(String reference, String target) {
    Url base = Url.parse("http://a/b/c/d;p?q");
    assertThat(base.resolve(reference).target()).isEqualTo(target);
    assertThat(base.resolve(reference).origin()).isEqualTo(base.origin());
    assertThat(Url.parse(reference, base, null).target())
        .isEqualTo(reference.startsWith("http:") ? "/./x/..//y" : target);
  }

  @Test
  void aReferenceMayBeToAnotherHostOrToNone() {
    Url base = Url.parse("https://a/b");
    assertThat(base.resolve("//g?y")).hasToString("https://g?y");
    for (String none : new String[] {"http:g", "https:///g", "mailto:me", "localhost:80/x"}) {
      assertThatThrownBy(() -> base.resolve(none))
          .isInstanceOf(HttpException.InvalidUrl.class)
          .hasMessageContaining("'" + none + "'");
    }
  }

  @Test
  void userAndPasswordStayAsLongAsTheOriginDoes() {
    Url url = Url.parse("http://me:pw@host/a");
    String basic = HttpRequest.basic("me", "pw");
    for (String same : new String[] {"b", "/b", "", "//host:80/b", "HTTP://HOST/b"}) {
      assertThat(url.resolve(same).authorization()).as(same).isEqualTo(basic);
      assertThat(Url.parse(same, url, null).authorization()).as(same).isEqualTo(basic);
    }
    for (String other : new String[] {"//host:81/b", "https://host/b", "//other/b"}) {
      assertThat(url.resolve(other).authorization()).as(other).isNull();
      assertThat(Url.parse(other, url, null).authorization()).as(other).isNull();
    }
    assertThat(url.resolve("//you@host/").authorization()).isEqualTo(HttpRequest.basic("you", ""));
    assertThat(url.resolve("//other/").resolve("http://host/").authorization()).isNull();
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
    "http://:80/, expected a URL with a host name",
  })
  void saysWhatIsWrong(String text, String problem) {
    assertThatThrownBy(() -> Url.parse(text))
        .isInstanceOf(HttpException.InvalidUrl.class)
        .hasMessageContaining(problem)
        .hasMessageContaining("'" + text + "'");
  }
}
