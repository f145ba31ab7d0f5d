package dev.aioli.cli;

import dev.aioli.http.Headers;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What HTTP permits in a request, whether an option says it or a line of input. What it does not is
 * an {@link IllegalArgumentException} that says what was expected and what was found.
 */
final class RequestChecks {
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private RequestChecks() {}

  /**
   * The name of a method; lower case is forgiven.
   *
   * @throws IllegalArgumentException if it is none
   */
  static String method(String text) {
    String method = text.toUpperCase(Locale.ROOT);
    if (!TOKEN.matcher(text).matches() || method.equals("CONNECT")) {
      throw expected("a method such as GET or POST", text);
    }
    return method;
  }

  /**
   * A header field, {@code Name: value}.
   *
   * @throws IllegalArgumentException if it is none
   */
  static HeaderField field(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw noField(text);
    }
    return field(text.substring(0, colon).strip(), text.substring(colon + 1));
  }

  /**
   * A header field.
   *
   * @throws IllegalArgumentException if it is none
   */
  static HeaderField field(String name, String value) {
    if (!TOKEN.matcher(name).matches()) {
      throw noField(name + ":" + value);
    }
    String stripped = value.strip();
    try {
      Headers.of(name, stripped);
    } catch (IllegalArgumentException e) {
      throw expected(
          "a value of characters up to U+00FF, without line ends or control characters, for header "
              + name,
          stripped);
    }
    return new HeaderField(name, stripped);
  }

  private static IllegalArgumentException noField(String text) {
    return expected("a header such as 'Accept: text/html'", text);
  }

  private static IllegalArgumentException expected(String what, String found) {
    return new IllegalArgumentException("expected " + what + ", found '" + found + "'");
  }
}
