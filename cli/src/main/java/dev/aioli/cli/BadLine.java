package dev.aioli.cli;

/**
 * A line of input that is not a URL. It becomes a failed result and ends nothing.
 *
 * @param text the line, or its beginning
 * @param error what is wrong with it, and where it stands
 */
record BadLine(String text, String error) implements Entry {
  /** Before all others: there is nothing to wait for. */
  @Override
  public long priority() {
    return Long.MIN_VALUE;
  }
}
