package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.aioli.Asyncio;
import dev.aioli.http.testing.LeakCheck;
import dev.aioli.http.testing.ScriptedServer;
import dev.aioli.http.url.RedactedUrl;
import dev.aioli.http.url.UrlParts;
import dev.aioli.http.wire.Origin;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages end up in logs, so none has the password of a URL, whatever is wrong with it. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class PasswordsInMessagesTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";

  private final Set<Class<?>> seen = new HashSet<>();
  private final Set<HttpException.TimedOut.Limit> limits = new HashSet<>();

  private static HttpClientBuilder client() {
    return HttpClient.builder().limit(1).maxBodyBytes(10);
  }

  /** What the program throws says nothing secret, however much of it is printed. */
  private void fails(Class<? extends Throwable> type, ThrowingCallable program) {
    Throwable thrown = catchThrowable(program);
    assertThat(thrown).isInstanceOf(type);
    seen.add(thrown.getClass());
    if (thrown instanceof HttpException.TimedOut timedOut) {
      limits.add(timedOut.limit());
    }
    StringWriter all = new StringWriter();
    thrown.printStackTrace(new PrintWriter(all));
    assertThat(all.toString()).doesNotContain("secret");
  }

  private void fails(Class<? extends Throwable> type, HttpClientBuilder settings, String answer) {
    fails(type, settings, answer, url -> HttpRequest.get(url));
  }

  private interface Making {
    HttpRequest of(String url);
  }

  /** With a server that answers so, and then is silent. */
  private void fails(
      Class<? extends Throwable> type, HttpClientBuilder settings, String answer, Making making) {
    Asyncio.run(() -> {
      try (var server =
              ScriptedServer.start((number, client) -> {
                client.readHead();
                client.send(answer);
                if (answer.isEmpty() || answer.endsWith("...")) {
                  client.awaitEnd();
                }
              });
          var http = settings.build()) {
        HttpRequest request =
            making.of(server.url().replace("://", "://me:secret@") + "/a?mail=me@work");
        fails(type, () -> http.request(request).raiseForStatus());
        fails(
            type,
            () -> {
              try (var response = http.stream(request)) {
                response.readAll().raiseForStatus();
              }
            });
      }
    });
  }

  @Test
  void noKindOfFailureTellsThePassword() throws Exception {
    Duration soon = Duration.ofMillis(50);
    fails(HttpException.TimedOut.class, client().timeout(soon), "");
    fails(HttpException.TimedOut.class, client().responseTimeout(soon), "");
    fails(
        HttpException.TimedOut.class, client().readTimeout(soon), OK.replace(": 2", ": 9") + "...");
    fails(HttpException.Disconnected.class, client(), OK);
    fails(HttpException.ProtocolError.class, client(), "SSH-2.0-x\r\n\r\n");
    fails(HttpException.BodyTooLarge.class, client(), OK.replace(": 2", ": 11") + "hello, world");
    fails(HttpException.BadStatus.class, client(), OK.replace("200 OK", "404 No") + "no");
    fails(
        HttpException.BadRedirect.class,
        client().maxRedirects(1),
        "HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: /a\r\n\r\n");
    for (String location :
        new String[] {"ftp://me:secret@h/", "http://me:secret@/", "//me:sec/ret:secret@h:x/"}) {
      fails(
          HttpException.BadRedirect.class,
          client(),
          "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n");
    }
    fails(
        HttpException.BodyFailed.class,
        client(),
        "",
        url ->
            HttpRequest.post(url).body(RequestBody.of(new ByteArrayInputStream(new byte[2]), 3)));
    int closed;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    Asyncio.run(() -> {
      try (var silent = ScriptedServer.start((number, client) -> client.awaitEnd());
          var http = client().connectTimeout(soon).build()) {
        fails(
            HttpException.ConnectFailed.class,
            () -> http.get("http://me:secret@127.0.0.1:" + closed));
        fails(
            HttpException.TimedOut.class,
            () -> http.get("https://me:secret@127.0.0.1:" + silent.port()));
        fails(HttpException.InvalidUrl.class, () -> http.get("http://me:secret@h:x/"));
        fails(
            HttpException.ConnectFailed.class,
            () -> http.webSocket("ws://me:secret@127.0.0.1:" + closed));
        fails(HttpException.InvalidUrl.class, () -> http.webSocket("http://me:secret@h/"));
        fails(HttpException.InvalidUrl.class, () -> http.webSocket("ws://me:secret@h:x/"));
        fails(
            HttpException.InvalidUrl.class,
            () -> Objects.requireNonNull(http.cookies()).put("ftp://me:secret@h/", "a", "b"));
      }
    });

    assertThat(seen).containsAll(Arrays.asList(HttpException.class.getPermittedSubclasses()));
    assertThat(limits).containsExactlyInAnyOrder(HttpException.TimedOut.Limit.values());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://me:secret@",
        "http://me:sec/ret:secret@host/",
        "http://me:sec?ret:secret@host/",
        "http://me:secret@host:port/",
        "http://me:secret@[::1/",
        "http://me:secret@stra\u00dfe/",
        "http://me:secret@host/\nx",
        "http://me:secret@a b/",
        "http://m%3ae:secret@host/",
        "http:///me:secret@host/",
        "http:/me:secret@host/",
        "http:me:secret@host/",
        "http//me:secret@host/",
        "//me:secret@host/",
        "me:secret@host/",
        "ftp://me:secret@host/",
        "socks4://me:secret@host",
        "http://me@you:se/cret:secret@host/",
      })
  void settingsThatAreWrongDoNotTellItEither(String url) {
    fails(HttpException.InvalidUrl.class, () -> HttpClient.builder().baseUrl(url));
    fails(HttpException.InvalidUrl.class, () -> Url.parse(url));
    if (!url.endsWith("host/")
        || url.startsWith("ftp")) { // what a proxy takes is not looked at here
      fails(HttpException.InvalidUrl.class, () -> HttpClient.builder().proxy(url));
      fails(
          HttpException.InvalidUrl.class,
          () -> Proxy.of(Map.of("http_proxy", url)).forOrigin(new Origin(false, "h", 80)));
    }
    assertThat(HttpRequest.get(url).toString()).doesNotContain("secret").startsWith("GET ");
    assertThat(UrlParts.of(url).toString()).doesNotContain("secret");
  }

  @ParameterizedTest
  @CsvSource({
    "http://me:secret@host/a, http://***@host/a",
    "http://token@host, http://***@host",
    "http://host/a?mail=me@work, http://host/a?mail=me@work",
    "http://host:80/a@b#c@d, http://host:80/a@b#c@d",
    "http://[::1]:80/a@b, http://[::1]:80/a@b",
    "http://me:p%40w@q@host:81/@, http://***@host:81/@",
    "a?mail=me@work, a?mail=me@work",
    "/a/me@work, /a/me@work",
  })
  void theRestOfTheUrlIsTold(String url, String told) {
    assertThat(RedactedUrl.of(url)).isEqualTo(told);
    assertThat(HttpRequest.get(url)).hasToString("GET " + told);
  }

  @Test
  void urlsInALongerTextAreRedactedToo() {
    assertThat(RedactedUrl.in("[\"http://a:secret@h/\", \"http://h/@\", \"ws://b:c@i\"]"))
        .isEqualTo("[\"http://***@h/\", \"http://h/@\", \"ws://***@i\"]");
  }

  @Test
  void aMessageIsOneLine() {
    assertThat(RedactedUrl.of("http://h/\r\nX")).isEqualTo("http://h/\\u000d\\u000aX");
  }
}
