package dev.aioli.cli;

import dev.aioli.http.url.RedactedUrl;
import java.io.Closeable;
import java.io.IOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All that is to be fetched, one after the other: first the URLs of the command line, then the
 * lines of a file or pipe. Nothing is read before it is asked for.
 *
 * <p>What a line can be, {@link LineParser} says; the URL in it is taken as it is, without
 * patterns. Blank lines and those that begin with {@code #} are skipped.
 *
 * <p>Used by one thread, but for {@link #skipped}.
 */
final class UrlSource implements Closeable {
  /** What {@link #size} says when nobody can know. */
  static final long UNKNOWN = -1;

  private final long size;
  private final Iterator<UrlGlob> globs;
  private final @Nullable LineReader lines;
  private final LineParser parser;
  private final Predicate<Entry> toSkip;
  private Iterator<String> urls = Collections.emptyIterator();
  private long lineNumber;

  /** Written by the reader. */
  private volatile long skipped;

  /**
   * A source.
   *
   * @param toSkip says of each entry, once, whether to leave it out
   */
  UrlSource(
      List<UrlGlob> arguments,
      @Nullable LineReader lines,
      LineParser parser,
      Predicate<Entry> toSkip) {
    this.globs = arguments.iterator();
    this.lines = lines;
    this.size = lines == null ? sum(arguments) : UNKNOWN;
    this.parser = parser;
    this.toSkip = toSkip;
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

  /** How many there are with those that are left out, or {@link #UNKNOWN}. */
  long size() {
    return size;
  }

  /** How many have been left out so far. From any thread. */
  long skipped() {
    return skipped;
  }

  /** Sets what to call whenever {@link #next} may have to wait for input. */
  void beforeWait(Runnable action) {
    if (lines != null) {
      lines.beforeWait(action);
    }
  }

  /** The next one; null after the last. Blocks if it has to wait for input. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  @Nullable Entry next() throws IOException {
    Entry entry;
    while ((entry = nextOfAll()) != null && toSkip.test(entry)) {
      skipped++;
    }
    return entry;
  }

  private @Nullable Entry nextOfAll() throws IOException {
    while (!urls.hasNext() && globs.hasNext()) {
      urls = globs.next().iterator();
    }
    if (urls.hasNext()) {
      return argument(urls.next());
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
      return line.problem() == null ? entry(text) : bad(text, line.problem());
    }
    return null;
  }

  private Entry argument(String url) {
    try {
      return parser.plain(url);
    } catch (RuntimeException e) {
      return new BadLine(url, problem(e));
    }
  }

  private Entry entry(String text) {
    try {
      return parser.parse(text);
    } catch (RuntimeException e) {
      return bad(text, problem(e));
    }
  }

  /** Whatever is wrong with a line, also with our reading of it, is a matter of this line alone. */
  private static String problem(RuntimeException e) {
    return e instanceof IllegalArgumentException && e.getMessage() != null
        ? e.getMessage()
        : "cannot be read: " + RedactedUrl.in(e.toString());
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
