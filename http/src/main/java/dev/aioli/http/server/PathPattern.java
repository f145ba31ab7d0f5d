package dev.aioli.http.server;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * The path of a route, taken apart at its slashes.
 *
 * @param segments one for each part between slashes
 */
record PathPattern(List<Segment> segments) {
  /** One part of a path. */
  sealed interface Segment {}

  /** Just this text. */
  record Literal(String text) implements Segment {}

  /**
   * Any text that is not empty; the handler gets it by name.
   *
   * @param regex what the whole of it must match; null for anything
   */
  record Parameter(String name, @Nullable Pattern regex) implements Segment {}

  /** The rest of the path, which may be empty or have slashes. */
  record Tail(String name) implements Segment {}

  /**
   * Takes a pattern apart.
   *
   * @throws IllegalArgumentException if it makes no sense
   */
  static PathPattern parse(String pattern) {
    if (!pattern.startsWith("/")) {
      throw new IllegalArgumentException(
          "expected a path that begins with '/', found '" + pattern + "'");
    }
    List<Segment> segments = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (String part : split(pattern)) {
      if (!segments.isEmpty() && segments.getLast() instanceof Tail) {
        throw wrong(pattern, "nothing may follow '{name...}'");
      }
      Segment segment = segment(pattern, part);
      String name =
          switch (segment) {
            case Literal literal -> null;
            case Parameter parameter -> parameter.name;
            case Tail tail -> tail.name;
          };
      if (name != null && !names.add(name)) {
        throw wrong(pattern, "the name '" + name + "' occurs twice");
      }
      segments.add(segment);
    }
    return new PathPattern(List.copyOf(segments));
  }

  /** At slashes that are not inside braces: a regular expression may have some. */
  private static List<String> split(String pattern) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int begin = 1;
    for (int i = 1; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '{') {
        depth++;
      } else if (c == '}') {
        depth--;
      } else if (c == '/' && depth == 0) {
        parts.add(pattern.substring(begin, i));
        begin = i + 1;
      }
    }
    parts.add(pattern.substring(begin));
    return parts;
  }

  private static Segment segment(String pattern, String part) {
    if (part.indexOf('{') < 0 && part.indexOf('}') < 0) {
      return new Literal(part);
    }
    if (!part.startsWith("{") || !part.endsWith("}")) {
      throw wrong(pattern, "a parameter is a whole part between slashes, found '" + part + "'");
    }
    String inside = part.substring(1, part.length() - 1);
    if (inside.endsWith("...")) {
      return new Tail(checkName(pattern, inside.substring(0, inside.length() - 3)));
    }
    int colon = inside.indexOf(':');
    if (colon < 0) {
      return new Parameter(checkName(pattern, inside), null);
    }
    try {
      return new Parameter(
          checkName(pattern, inside.substring(0, colon)),
          Pattern.compile(inside.substring(colon + 1)));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          wrong(pattern, "not a regular expression: " + e.getDescription()).getMessage(), e);
    }
  }

  private static String checkName(String pattern, String name) {
    if (name.isEmpty() || !name.chars().allMatch(c -> c == '_' || Character.isLetterOrDigit(c))) {
      throw wrong(pattern, "expected a name of letters, digits and '_', found '" + name + "'");
    }
    return name;
  }

  private static IllegalArgumentException wrong(String pattern, String what) {
    return new IllegalArgumentException("in the path '" + pattern + "': " + what);
  }
}
