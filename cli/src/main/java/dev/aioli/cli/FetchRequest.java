package dev.aioli.cli;

/**
 * A URL to fetch.
 *
 * @param url as it was given
 * @param priority the smaller the sooner; equal ones go in the order in which they were read
 */
record FetchRequest(String url, long priority) implements Entry {
  /** The priority of a URL that was given none. */
  static final long DEFAULT_PRIORITY = 0;

  FetchRequest(String url) {
    this(url, DEFAULT_PRIORITY);
  }
}
