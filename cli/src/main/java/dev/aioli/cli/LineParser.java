package dev.aioli.cli;

import dev.aioli.http.url.RedactedUrl;

/**
 * Reads a line of input: {@code URL}, {@code PRIORITY URL} with spaces or tabs between, or an
 * object of JSON (see {@link JsonLineParser}).
 */
final class LineParser {
  private final RequestTemplate template;
  private final long defaultPriority;
  private final JsonLineParser json;

  /**
   * A parser.
   *
   * @param template how to ask for URLs whose line does not say it
   * @param defaultPriority the priority of those whose line gives none
   */
  LineParser(RequestTemplate template, long defaultPriority) {
    this.template = template;
    this.defaultPriority = defaultPriority;
    json = new JsonLineParser(template, defaultPriority);
  }

  /**
   * Reads a line that is neither empty nor a comment.
   *
   * @throws IllegalArgumentException if it makes no sense: says what was expected
   */
  FetchRequest parse(String line) {
    if (line.startsWith("{")) {
      return json.parse(line);
    }
    int blank = firstBlank(line);
    if (blank < 0) {
      return plain(line);
    }
    String first = line.substring(0, blank);
    String rest = line.substring(blank).strip();
    try {
      return plain(rest, Long.parseLong(first));
    } catch (NumberFormatException noPriority) {
      if (line.charAt(blank) != '\t') {
        return plain(line); // a URL with a space in it
      }
      throw new IllegalArgumentException(
          "expected a whole number as the priority before the tab, found '"
              + RedactedUrl.of(first)
              + "'");
    }
  }

  /** The request for a URL that comes alone. */
  FetchRequest plain(String url) {
    return plain(url, defaultPriority);
  }

  private FetchRequest plain(String url, long priority) {
    return new FetchRequest(url, TargetUrl.parse(url), priority, template);
  }

  private static int firstBlank(String line) {
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) == ' ' || line.charAt(i) == '\t') {
        return i;
      }
    }
    return -1;
  }
}
