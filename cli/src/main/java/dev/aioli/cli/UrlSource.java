package dev.aioli.cli;

import java.io.Closeable;
import java.io.IOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is to be fetched, one after the other: first the URLs of the command line, then the
 * lines of a file or pipe. Nothing is read before it is asked for.
 *
 * <p>A line is {@code URL} or {@code PRIORITY<TAB>URL}, the priority being a whole number; the URL
 * is taken as it is, without patterns. Blank lines and those that begin with {@code #} are skipped.
 *
 * <p>Used by one thread.
 */
final class UrlSource implements Closeable {
  /** What {@link #size} says when nobody can know. */
  static final long UNKNOWN = -1;

  private final long size;
  private final Iterator<UrlGlob> globs;
  private final @Nullable LineReader lines;
  private Iterator<String> urls = Collections.emptyIterator();
  private long lineNumber;

  UrlSource(List<UrlGlob> arguments, @Nullable LineReader lines) {
    this.globs = arguments.iterator();
    this.lines = lines;
    this.size = lines == null ? sum(arguments) : UNKNOWN;
  }

  private static long sum(List<UrlGlob> globs) {
    long sum = 0;
    for (UrlGlob glob : globs) {
      sum += glob.size();
      if (sum < 0) {
        return UNKNOWN;
      }
    }
    return sum;
  }

  /** How many there are, or {@link #UNKNOWN}. */
  long size() {
    return size;
  }

  /** Sets what to call whenever {@link #next} may have to wait for input. */
  void beforeWait(Runnable action) {
    if (lines != null) {
      lines.beforeWait(action);
    }
  }

  /** The next one; null after the last. Blocks if it has to wait for input. */
  @Nullable Entry next() throws IOException {
    while (!urls.hasNext() && globs.hasNext()) {
      urls = globs.next().iterator();
    }
    if (urls.hasNext()) {
      return new FetchRequest(urls.next());
    }
    while (lines != null) {
      LineReader.Line line = lines.next();
      if (line == null) {
        return null;
      }
      lineNumber++;
      String text = line.text().strip();
      if (text.isEmpty() || text.charAt(0) == '#') {
        continue;
      }
      return line.cut()
          ? bad(text, "expected at most " + LineReader.MAX_LINE + " bytes")
          : entry(text);
    }
    return null;
  }

  private Entry entry(String text) {
    int tab = text.indexOf('\t');
    if (tab < 0) {
      return new FetchRequest(text);
    }
    String priority = text.substring(0, tab).strip();
    try {
      return new FetchRequest(text.substring(tab + 1).strip(), Long.parseLong(priority));
    } catch (NumberFormatException e) {
      return bad(
          text, "expected a whole number as the priority before the tab, was '" + priority + "'");
    }
  }

  private BadLine bad(String text, String problem) {
    return new BadLine(text, "line " + lineNumber + ": " + problem);
  }

  @Override
  public void close() throws IOException {
    if (lines != null) {
      lines.close();
    }
  }
}
