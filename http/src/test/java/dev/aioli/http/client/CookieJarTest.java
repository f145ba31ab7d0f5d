package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerRequest;
import dev.aioli.http.server.ServerResponse;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CookieJarTest {
  private final AtomicLong clock = new AtomicLong(1_000_000_000_000L);
  private final CookieJar jar = new CookieJar(clock::get);

  private void set(String url, String... fields) {
    for (String field : fields) {
      jar.receive(Url.parse(url), field);
    }
  }

  private String sent(String url) {
    return String.valueOf(jar.header(Url.parse(url)));
  }

  @Test
  void goesBackToItsHostOnly() {
    set("http://a.example.org/", "x=1");
    assertThat(sent("http://a.example.org/any/path")).isEqualTo("x=1");
    assertThat(sent("http://a.example.org:8080/")).isEqualTo("x=1"); // ports do not count
    assertThat(sent("http://example.org/")).isEqualTo("null");
    assertThat(sent("http://b.a.example.org/")).isEqualTo("null");
  }

  @Test
  void aDomainWidensIt() {
    set("http://a.example.org/", "x=1; Domain=.Example.ORG");
    assertThat(sent("http://example.org/")).isEqualTo("x=1");
    assertThat(sent("http://b.example.org/")).isEqualTo("x=1");
    assertThat(sent("http://notexample.org/")).isEqualTo("null");
  }

  @ParameterizedTest
  @CsvSource({
    "http://example.org/, other.org",
    "http://example.org/, a.example.org",
    "http://example.org/, org",
    "http://127.0.0.1/, 0.0.1",
    "http://127.0.0.1/, 1"
  })
  void aHostCannotSetForOthers(String url, String domain) {
    set(url, "x=1; Domain=" + domain);
    assertThat(jar.size()).isZero();
  }

  @Test
  void thePathBoundsIt() {
    set(
        "http://h/a/b",
        "x=1; Path=/a",
        "y=2",
        "z=3; Path=/a/b/; Max-Age=100",
        "w=4; Path=nonsense");
    assertThat(sent("http://h/a")).isEqualTo("x=1; y=2; w=4"); // without a path: that of the URL
    assertThat(sent("http://h/a/b/c?q")).isEqualTo("z=3; x=1; y=2; w=4"); // longest first
    assertThat(sent("http://h/ab")).isEqualTo("null");
    assertThat(sent("http://h/")).isEqualTo("null");
  }

  @Test
  void aSecureCookieTakesTls() {
    set("https://h/", "x=1; Secure", "y=2");
    assertThat(sent("http://h/")).isEqualTo("y=2");
    assertThat(sent("https://h/")).isEqualTo("x=1; y=2");
    set("http://h2/", "x=1; Secure");
    assertThat(sent("https://h2/")).isEqualTo("null");
    set("http://localhost/", "x=1; Secure");
    assertThat(sent("http://localhost/")).isEqualTo("x=1");
  }

  @Test
  void itEndsInTime() {
    set("http://h/", "x=1; Max-Age=10", "y=2; Max-Age=100", "z=3");
    clock.addAndGet(9_999);
    assertThat(sent("http://h/")).isEqualTo("x=1; y=2; z=3");
    clock.addAndGet(1);
    assertThat(sent("http://h/")).isEqualTo("y=2; z=3");
    assertThat(jar.size()).isEqualTo(2);
    set("http://h/", "y=; Max-Age=0", "z=; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    assertThat(sent("http://h/")).isEqualTo("null");
    set("http://h/", "x=1; Max-Age=9223372036854775807");
    assertThat(sent("http://h/")).isEqualTo("x=1");
  }

  @Test
  void aNewValueTakesThePlaceOfTheOld() {
    set("http://h/", "x=1", "y=2", "x=3");
    assertThat(sent("http://h/")).isEqualTo("x=3; y=2");
  }

  @Test
  void quotesAndSignsGoBackAsTheyCame() {
    set("http://h/", "x=\"a b\"", "y=a=b=c", "z=");
    assertThat(sent("http://h/")).isEqualTo("x=\"a b\"; y=a=b=c; z=");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a = 1 ; Path = / ; Secure = | a=1
          a="x;y"                     | a="x
          a="x y" ; Path=/            | a="x y"
          a={"k":1,"l":[2]}           | a={"k":1,"l":[2]}
          a=1,2                       | a=1,2
          a=b=c                       | a=b=c
          a=                          | a=
          a[0]=1                      | a[0]=1
          a=\u00e9\u00ff              | a=\u00e9\u00ff
          a="                         | a="
          a=1; Path=/x; path=/        | a=1
          a=1; Expires=`'`; Max-Age=x | a=1
          """)
  void aCookieGoesBackAsBrowsersSendIt(String field, String cookie) {
    set("https://h/x/y", field);
    assertThat(sent("https://h/x/y")).isEqualTo(cookie);
  }

  @Test
  void anEndOfAnyLengthOrFormatIsRead() {
    set(
        "http://h/",
        "a=1; Expires=Sun, 06-Nov-94 08:49:37 GMT",
        "b=1; Expires=Sun Nov  6 08:49:37 2094",
        "c=1; Expires=" + "x".repeat(100),
        "d=1; Max-Age=" + "9".repeat(100),
        "e=1; Max-Age=-" + "9".repeat(100),
        "f=1; Max-Age=; Expires=Sun, 06 Nov 1994 08:49:37 GMT",
        "g=1; Max-Age=10; Expires=Sun, 06 Nov 1994 08:49:37 GMT");
    assertThat(sent("http://h/")).isEqualTo("b=1; c=1; d=1; g=1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          https://a.org/x | __Secure-a=1; Secure                         | true
          https://a.org/x | __Secure-a=1; Secure; Domain=a.org; Path=/x  | true
          https://a.org/x | __Secure-a=1                                 | false
          http://a.org/x  | __Secure-a=1; Secure                         | false
          https://a.org/x | __Host-a=1; Secure; Path=/                   | true
          https://a.org/x | __Host-a=1; Secure                           | false
          https://a.org/x | __Host-a=1; Secure; Path=/x                  | false
          https://a.org/x | __Host-a=1; Secure; Path=/; Domain=a.org     | false
          https://a.org/x | __Host-a=1; Path=/                           | false
          http://a.org/x  | __Host-a=1; Secure; Path=/                   | false
          https://a.org/x | __hOST-a=1; Path=/                           | false
          https://a.org/x | __secure-a=1                                 | false
          https://a.org/x | x__Host-a=1                                  | true
          """)
  void aNameThatPromisesSafetyMustKeepIt(String url, String field, boolean kept) {
    set(url, field);
    assertThat(jar.size()).isEqualTo(kept ? 1 : 0);
  }

  @Test
  void programsPutInWhatPromisesSafetyForTlsOnly() {
    jar.put("https://h/", "__Host-a", "1");
    jar.put("https://h/", "__Secure-b", "2");
    assertThat(sent("https://h/")).isEqualTo("__Host-a=1; __Secure-b=2");
    assertThat(sent("http://h/")).isEqualTo("null");
    assertThatThrownBy(() -> jar.put("http://h/", "__Host-a", "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "expected an https URL for cookie __Host-a, as its name says that it is secure");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ";", "=", "=x", "; Path=/", "\u0000", ",,,"})
  void whatIsMalformedIsLeftOut(String field) {
    set("http://h/", field);
    assertThat(jar.size()).isZero();
  }

  @Test
  void thereIsABoundForAHostAndInAll() {
    for (int i = 0; i < 60; i++) {
      set("http://h/", "c" + i + "=" + i);
    }
    assertThat(jar.size()).isEqualTo(50);
    assertThat(sent("http://h/")).startsWith("c10=10; ").endsWith("; c59=59");
    for (int i = 0; i < 4000; i++) {
      set("http://h" + i + "/", "x=1");
    }
    assertThat(jar.size()).isEqualTo(3000);
  }

  @Test
  void programsPutInGetAndClear() {
    jar.put("http://h/deep/path", "x", "1");
    assertThat(jar.get("http://h/")).containsExactly("x=1");
    assertThatThrownBy(() -> jar.put("http://h/", "x", "1; y=2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cookie x");
    assertThatThrownBy(() -> jar.put("http://h/", "a b", "1"))
        .isInstanceOf(IllegalArgumentException.class);
    jar.clear();
    assertThat(jar.get("http://h/")).isEmpty();
  }

  private static String cookieSeen(ServerRequest request) {
    return String.valueOf(request.headers().get("cookie"));
  }

  private static HttpServer server() throws Exception {
    return HttpServer.builder()
        .get(
            "/login",
            request ->
                ServerResponse.status(302)
                    .header("Set-Cookie", "session=s1; HttpOnly")
                    .header("Set-Cookie", "theme=dark; Path=/dark")
                    .header("Location", "/"))
        .get("/", request -> ServerResponse.text(cookieSeen(request)))
        .start("127.0.0.1", 0);
  }

  @Test
  void theClientKeepsThemAlsoFromRedirects() {
    Asyncio.run(() -> {
      try (var server = server();
          var http = HttpClient.create();
          var other = HttpClient.create()) {
        String url = "http://127.0.0.1:" + server.port();
        assertThat(http.get(url + "/").text()).isEqualTo("null");
        assertThat(http.get(url + "/login").text()).isEqualTo("session=s1");
        assertThat(http.get(url + "/").text()).isEqualTo("session=s1");
        try (var response = http.stream(HttpRequest.get(url + "/"))) {
          assertThat(response.readAll().text()).isEqualTo("session=s1");
        }
        HttpRequest own = HttpRequest.get(url + "/").header("Cookie", "mine=1");
        assertThat(http.request(own).text()).isEqualTo("mine=1; session=s1");
        assertThat(http.cookies().get(url + "/dark/x")).containsExactly("theme=dark", "session=s1");
        assertThat(other.get(url + "/").text()).isEqualTo("null");
      }
    });
  }

  @Test
  void theClientKeepsNoneIfToldSo() {
    Asyncio.run(() -> {
      try (var server = server();
          var http = HttpClient.builder().cookies(false).build()) {
        String url = "http://127.0.0.1:" + server.port();
        assertThat(http.get(url + "/login").text()).isEqualTo("null");
        assertThat(http.cookies()).isNull();
      }
    });
  }
}
