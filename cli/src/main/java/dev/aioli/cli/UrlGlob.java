package dev.aioli.cli;

import dev.aioli.http.url.RedactedUrl;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A URL with patterns in braces, which stands for many: {@code {0..11}}, {@code {0..10..2}}, {@code
 * {00..11}}, {@code {a..e}}, {@code {red,green,}}, one inside the other, and the product of
 * several. The rightmost one changes fastest, as in a shell. A backslash takes its meaning from the
 * character that follows.
 *
 * <p>Nothing is expanded in advance: {@link #get} makes the one that is asked for, so a pattern of
 * a million millions is as cheap as one of two.
 */
final class UrlGlob implements Iterable<String> {
  /** Both ends and the step; letters are matched first, since none of them is a digit. */
  private static final Pattern LETTERS =
      Pattern.compile("([A-Za-z])\\.\\.([A-Za-z])(?:\\.\\.(.+))?");

  private static final Pattern NUMBERS =
      Pattern.compile("([+-]?\\d+)\\.\\.([+-]?\\d+)(?:\\.\\.(.+))?");

  /** Deeper than anyone means it, and far from the end of the stack. */
  private static final int MAX_DEPTH = 100;

  private final String text;
  private final Node root;

  private UrlGlob(String text, Node root) {
    this.text = text;
    this.root = root;
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException if it is malformed: says what is wrong, and where
   */
  static UrlGlob parse(String text) {
    return new UrlGlob(text, new Parser(text).parse());
  }

  /** How many URLs it stands for; at least one. */
  long size() {
    return root.size();
  }

  /**
   * One of the URLs.
   *
   * @param index from 0 up to {@link #size}
   */
  String get(long index) {
    if (index < 0 || index >= size()) {
      throw new IndexOutOfBoundsException(
          "expected an index from 0 to " + (size() - 1) + ", was " + index);
    }
    StringBuilder url = new StringBuilder(text.length());
    root.append(url, index);
    return url.toString();
  }

  /** All of them, each made when it is its turn. */
  @Override
  public Iterator<String> iterator() {
    return LongStream.range(0, size()).mapToObj(this::get).iterator();
  }

  @Override
  public String toString() {
    return text;
  }

  /** A part of the pattern: so many texts, by index. */
  private sealed interface Node {
    long size();

    void append(StringBuilder out, long index);
  }

  private record Text(String text) implements Node {
    @Override
    public long size() {
      return 1;
    }

    @Override
    public void append(StringBuilder out, long index) {
      out.append(text);
    }
  }

  /** One part after the other: the index is a number whose last digit counts the last part. */
  private record Sequence(List<Node> parts, long size) implements Node {
    @Override
    public void append(StringBuilder out, long index) {
      long rest = index;
      long block = size;
      for (Node part : parts) {
        block /= part.size();
        part.append(out, rest / block);
        rest %= block;
      }
    }
  }

  private record Alternatives(List<Node> choices, long size) implements Node {
    @Override
    public void append(StringBuilder out, long index) {
      long rest = index;
      for (Node choice : choices) {
        if (rest < choice.size()) {
          choice.append(out, rest);
          return;
        }
        rest -= choice.size();
      }
    }
  }

  private record Numbers(long first, long step, long size, int width) implements Node {
    @Override
    public void append(StringBuilder out, long index) {
      long value = first + index * step;
      String number = Long.toString(value);
      int sign = value < 0 ? 1 : 0;
      out.append(number, 0, sign)
          .repeat('0', Math.max(0, width - number.length()))
          .append(number, sign, number.length());
    }
  }

  private record Letters(char first, long step, long size) implements Node {
    @Override
    public void append(StringBuilder out, long index) {
      out.append((char) (first + index * step));
    }
  }

  /** Recursive descent. Positions in errors count from 1. */
  private static final class Parser {
    private final String text;
    private int at;
    private int depth;

    Parser(String text) {
      this.text = text;
    }

    Node parse() {
      Node all = sequence(false);
      if (at < text.length()) {
        throw error(at, "'}' without '{'; write \\} for the character itself");
      }
      return all;
    }

    /** Up to the end or a closing brace; inside of braces also up to a comma. */
    private Node sequence(boolean inBraces) {
      List<Node> parts = new ArrayList<>();
      StringBuilder plain = new StringBuilder();
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == '}' || (c == ',' && inBraces)) {
          break;
        }
        if (c == '{') {
          flush(plain, parts);
          parts.add(braces());
        } else {
          plain.append(c == '\\' ? escaped() : c);
          at++;
        }
      }
      flush(plain, parts);
      if (parts.size() == 1) {
        return parts.getFirst();
      }
      long size = 1;
      for (Node part : parts) {
        size = checked(Math.multiplyHigh(size, part.size()) == 0 ? size * part.size() : -1);
      }
      return new Sequence(List.copyOf(parts), size);
    }

    private static void flush(StringBuilder plain, List<Node> parts) {
      if (!plain.isEmpty()) {
        parts.add(new Text(plain.toString()));
        plain.setLength(0);
      }
    }

    private char escaped() {
      at++;
      if (at == text.length()) {
        throw error(at - 1, "'\\' with nothing after it; write \\\\ for the character itself");
      }
      return text.charAt(at);
    }

    private Node braces() {
      int open = at;
      if (++depth > MAX_DEPTH) {
        throw error(
            open,
            "braces nested too deeply, expected at most "
                + MAX_DEPTH
                + " inside of each other; write \\{ for the character itself");
      }
      List<Node> choices = new ArrayList<>();
      do {
        at++; // the brace, or a comma
        choices.add(sequence(true));
      } while (at < text.length() && text.charAt(at) == ',');
      if (at == text.length()) {
        throw error(open, "'{' without '}'; write \\{ for the character itself");
      }
      at++;
      depth--;
      if (choices.size() == 1) {
        return range(open, text.substring(open + 1, at - 1));
      }
      long size = 0;
      for (Node choice : choices) {
        size = checked(size + choice.size());
      }
      return new Alternatives(List.copyOf(choices), size);
    }

    private Node range(int open, String content) {
      Matcher letters = LETTERS.matcher(content);
      if (letters.matches()) {
        return letters(open, letters);
      }
      Matcher numbers = NUMBERS.matcher(content);
      if (numbers.matches()) {
        return numbers(open, numbers);
      }
      throw error(
          open,
          "expected a range such as {0..11} or {a..e}, or a list such as {a,b}, found {"
              + content
              + "}; write \\{ and \\} for the characters themselves");
    }

    private Node letters(int open, Matcher range) {
      char first = range.group(1).charAt(0);
      char last = range.group(2).charAt(0);
      if (Character.isUpperCase(first) != Character.isUpperCase(last)) {
        throw error(open, "expected two letters of the same case, found {" + range.group() + "}");
      }
      long step = step(open, range.group(3), first, last);
      return new Letters(first, step, (last - first) / step + 1);
    }

    private Node numbers(int open, Matcher range) {
      String from = range.group(1);
      String to = range.group(2);
      long first = number(open, from);
      long last = number(open, to);
      long step = step(open, range.group(3), first, last);
      long distance = last - first;
      if (((last ^ first) & (last ^ distance)) < 0) { // overflow, as in Math.subtractExact
        throw tooMany();
      }
      int width = isPadded(from) || isPadded(to) ? Math.max(from.length(), to.length()) : 0;
      return new Numbers(first, step, checked(distance / step + 1), width);
    }

    private static boolean isPadded(String number) {
      int digits = number.charAt(0) == '-' || number.charAt(0) == '+' ? 1 : 0;
      return number.length() > digits + 1 && number.charAt(digits) == '0';
    }

    /** Its sign is that of the way from first to last, whatever was written. */
    private long step(int open, @Nullable String written, long first, long last) {
      long size = written == null ? 1 : Math.abs(number(open, written));
      if (size <= 0) {
        throw error(open, "expected a step that is not 0, found " + written);
      }
      return last < first ? -size : size;
    }

    private long number(int open, String digits) {
      try {
        return Long.parseLong(digits);
      } catch (NumberFormatException e) {
        throw error(open, "expected a whole number of 64 bits, found '" + digits + "'");
      }
    }

    private long checked(long size) {
      if (size <= 0) {
        throw tooMany();
      }
      return size;
    }

    private IllegalArgumentException tooMany() {
      return new IllegalArgumentException(
          "'" + RedactedUrl.of(text) + "' stands for more than 2^63 URLs");
    }

    private IllegalArgumentException error(int index, String problem) {
      return new IllegalArgumentException(
          "'" + RedactedUrl.of(text) + "', position " + (index + 1) + ": " + problem);
    }
  }
}
