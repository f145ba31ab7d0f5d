package dev.aioli.http.wire;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value with parameters, as fields such as Content-Type and Content-Disposition have it: {@code
 * text/plain; charset="utf-8"}. The one reader for all of them.
 *
 * @param value what stands before the first semicolon
 * @param parameters by name in small letters, in order; null for one without {@code =}
 */
public record Parameterized(String value, Map<String, @Nullable String> parameters) {
  /*
   * In a quoted string a backslash stands for the sign behind it (RFC 9110, 5.6.4). But browsers
   * send backslashes as they are (HTML, "multipart/form-data encoding algorithm"), and old programs
   * send whole Windows paths. So \" and \\ are read as the RFC says, any other backslash is itself;
   * and where the text makes no sense in this way, as with name="a\", all of them are.
   *
   * Each way looks at each character a fixed number of times, whatever the text.
   */

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException if it is malformed, or has a parameter twice
   */
  public static Parameterized parse(String text) {
    Parameterized result = new Reader(text, true).read();
    if (result == null && text.indexOf('\\') >= 0) {
      result = new Reader(text, false).read();
    }
    if (result == null) {
      throw new IllegalArgumentException(
          "expected a value with parameters (a; b=c; d=\"e\"), each of them once, found '"
              + (text.length() > 200 ? text.substring(0, 200) + "..." : text)
              + "'");
    }
    return result;
  }

  /** The value of a parameter; null if it has none. */
  public @Nullable String get(String parameter) {
    return parameters.get(parameter);
  }

  /** Whether the value is that word, in capitals or small letters. */
  public boolean is(String word) {
    return value.equalsIgnoreCase(word);
  }

  private static final class Reader {
    private final String text;
    private final boolean escapes;
    private int position;

    Reader(String text, boolean escapes) {
      this.text = text;
      this.escapes = escapes;
    }

    /** Null if the text is malformed. */
    @Nullable Parameterized read() {
      String value = until(";");
      Map<String, @Nullable String> parameters = new LinkedHashMap<>();
      while (position < text.length()) {
        position++; // the semicolon
        String name = until("=;").toLowerCase(Locale.ROOT);
        String content = null;
        if (at('=')) {
          position++;
          skipBlanks();
          content = at('"') ? quoted() : until(";");
          if (content == null || name.isEmpty()) {
            return null;
          }
        }
        if (name.isEmpty()) {
          continue; // nothing between two semicolons, or behind the last
        }
        if (parameters.containsKey(name)) {
          return null;
        }
        parameters.put(name, content);
      }
      return new Parameterized(value, parameters);
    }

    private boolean at(char c) {
      return position < text.length() && text.charAt(position) == c;
    }

    private String until(String ends) {
      int begin = position;
      while (position < text.length() && ends.indexOf(text.charAt(position)) < 0) {
        position++;
      }
      return text.substring(begin, position).strip();
    }

    private void skipBlanks() {
      while (at(' ') || at('\t')) {
        position++;
      }
    }

    /** Null if it has no end, or something stands behind it. */
    private @Nullable String quoted() {
      StringBuilder content = new StringBuilder();
      position++;
      while (!at('"')) {
        if (position == text.length()) {
          return null;
        }
        char c = text.charAt(position++);
        if (escapes && c == '\\' && (at('"') || at('\\'))) {
          c = text.charAt(position++);
        }
        content.append(c);
      }
      position++;
      skipBlanks();
      return position == text.length() || at(';') ? content.toString() : null;
    }
  }
}
