package dev.aioli.queue;

/** Thrown by {@link Queue#putNowait} of a full queue. As {@code asyncio.QueueFull}. */
public final class QueueFullException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An exception that says what was expected and what was found. */
  public QueueFullException(String message) {
    super(message);
  }
}
