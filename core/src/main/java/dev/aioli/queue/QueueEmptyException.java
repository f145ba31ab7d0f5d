package dev.aioli.queue;

/** Thrown by {@link Queue#getNowait} of an empty queue. As {@code asyncio.QueueEmpty}. */
public final class QueueEmptyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An exception that says what was expected and what was found. */
  public QueueEmptyException(String message) {
    super(message);
  }
}
