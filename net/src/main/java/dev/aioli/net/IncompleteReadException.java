package dev.aioli.net;

import java.io.EOFException;

/**
 * Thrown when the end of a stream came before all of what was asked for. What was there is in
 * {@link #partial}, and out of the reader. As {@code asyncio.IncompleteReadError}.
 */
public final class IncompleteReadException extends EOFException {
  private static final long serialVersionUID = 1L;

  private final byte[] partial;
  private final int expected;

  /** An exception with what was read; {@code expected} is -1 where no number was asked for. */
  IncompleteReadException(byte[] partial, int expected) {
    super(
        partial.length
            + " bytes read on a total of "
            + (expected < 0 ? "undefined" : expected)
            + " expected bytes");
    this.partial = partial;
    this.expected = expected;
  }

  /** The bytes that came before the end. */
  public byte[] partial() {
    return partial.clone();
  }

  /** How many bytes were asked for; -1 if a separator was, as in {@code readUntil}. */
  public int expected() {
    return expected;
  }
}
