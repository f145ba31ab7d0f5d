package dev.aioli.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.http.client.HttpRequest;
import dev.aioli.http.server.ServerResponse;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class HeadersTest {
  @Test
  void charactersThatCannotBeSentAreRefused() {
    Headers headers = Headers.of("A", "\u00ff");
    assertThat(headers.with("B", "\u00f6").get("b")).isEqualTo("\u00f6");
    assertRefused(() -> Headers.of("Location", "/\u20ac"), "Location, found U+20AC");
    assertRefused(() -> headers.with("Location", "/\u0100"), "Location, found U+0100");
    assertRefused(() -> headers.replaced("X", "\ud83d\ude00"), "X, found U+1F600");
    assertRefused(() -> ServerResponse.text("a").header("X", "\u20ac"), "X, found U+20AC");
    assertRefused(() -> HttpRequest.get("http://x/").header("X", "\u20ac"), "X, found U+20AC");
  }

  @Test
  void fieldsAreReplacedAndLeftOutWithoutRegardToCase() {
    Headers headers = Headers.of("A", "1", "B", "2", "a", "3");
    assertThat(headers.replaced("a", "4").getAll("A")).containsExactly("4");
    assertThat(headers.replaced("a", "4").get("B")).isEqualTo("2");
    assertThat(headers.without(List.of("a", "C"))).hasToString("Headers[B: 2]");
    assertThat(headers.getAll("A")).as("those they were made of").containsExactly("1", "3");
  }

  private static void assertRefused(ThrowingCallable making, String what) {
    assertThatThrownBy(making)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "expected characters up to U+00FF in header " + what + "; percent-encode a URL");
  }
}
