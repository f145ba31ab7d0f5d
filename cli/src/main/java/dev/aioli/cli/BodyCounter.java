package dev.aioli.cli;

/** Counts the bytes of a body, up to a limit. */
final class BodyCounter {
  private final long maxBytes;
  private long bytes;

  BodyCounter(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * So many more have arrived.
   *
   * @throws BodyTooLargeException if that makes too many
   */
  void add(int count) {
    bytes += count;
    if (bytes > maxBytes) {
      throw new BodyTooLargeException(maxBytes);
    }
  }

  /** How many have arrived. */
  long bytes() {
    return bytes;
  }
}
