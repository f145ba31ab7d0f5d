package dev.aioli.cli;

import java.util.List;

/** Breaks what is said into lines that fit on a terminal. */
final class TextLines {
  static final int WIDTH = 80;

  private static final String SEPARATOR = " | ";
  private static final String INDENT = "  ";

  private TextLines() {}

  /**
   * The parts in lines of at most {@value #WIDTH} characters, those after the first indented. A
   * part begins a line of its own rather than be broken; one that is longer than a line is broken
   * at its blanks.
   */
  static String wrapped(List<String> parts) {
    StringBuilder lines = new StringBuilder();
    int column = 0;
    for (String part : parts) {
      if (column > 0 && column + SEPARATOR.length() + part.length() <= WIDTH) {
        lines.append(SEPARATOR);
        column += SEPARATOR.length();
      } else if (column > 0) {
        column = newLine(lines);
      }
      column = appendWords(lines, column, part);
    }
    return lines.toString();
  }

  private static int appendWords(StringBuilder lines, int start, String part) {
    int column = start;
    boolean first = true;
    for (String word : part.split(" ", -1)) {
      if (!first && column + 1 + word.length() > WIDTH) {
        column = newLine(lines);
      } else if (!first) {
        lines.append(' ');
        column++;
      }
      lines.append(word);
      column += word.length();
      first = false;
    }
    return column;
  }

  private static int newLine(StringBuilder lines) {
    lines.append('\n').append(INDENT);
    return INDENT.length();
  }
}
