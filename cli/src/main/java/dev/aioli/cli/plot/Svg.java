package dev.aioli.cli.plot;

import java.util.Locale;

/** Writes a drawing in SVG. */
final class Svg {
  private final StringBuilder out = new StringBuilder();

  /** A text for SVG or HTML. */
  static String escaped(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> safe.append("&amp;");
        case '<' -> safe.append("&lt;");
        case '>' -> safe.append("&gt;");
        case '"' -> safe.append("&quot;");
        default -> safe.append(c < ' ' ? ' ' : c);
      }
    }
    return safe.toString();
  }

  /** A length with one digit behind the point, which is all that can be seen. */
  static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  Svg raw(String line) {
    out.append(line).append('\n');
    return this;
  }

  Svg line(String kind, double x1, double y1, double x2, double y2) {
    return raw(
        "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>"
            .formatted(kind, number(x1), number(y1), number(x2), number(y2)));
  }

  Svg text(String kind, double x, double y, String text) {
    return raw(
        "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>"
            .formatted(kind, number(x), number(y), escaped(text)));
  }

  Svg path(String kind, String commands) {
    return raw("<path class=\"%s\" d=\"%s\"/>".formatted(kind, commands));
  }

  /** An area that shows nothing but a text while the mouse is over it. */
  Svg tip(double x, double y, double width, double height, String text) {
    String lines = String.join("&#10;", text.lines().map(Svg::escaped).toList());
    return raw(
        "<rect class=\"tip\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"><title>%s</title></rect>"
            .formatted(number(x), number(y), number(width), number(height), lines));
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
