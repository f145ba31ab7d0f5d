package dev.aioli.net;

import java.io.IOException;

/**
 * Thrown when no separator was found within the limit of a {@link StreamReader}. As {@code
 * asyncio.LimitOverrunError}; also in the place of the {@code ValueError} of {@code readline}.
 */
public final class LimitOverrunException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int consumed;

  LimitOverrunException(String message, int consumed) {
    super(message);
    this.consumed = consumed;
  }

  /**
   * How many bytes at the head of the stream hold no separator: as many may be read by {@code
   * readExactly} to go on.
   */
  public int consumed() {
    return consumed;
  }
}
