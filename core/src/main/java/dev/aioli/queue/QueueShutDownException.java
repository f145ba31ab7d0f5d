package dev.aioli.queue;

/**
 * Thrown by a put to, or a get from, a queue that has been {@linkplain Queue#shutdown() shut down}.
 * As {@code asyncio.QueueShutDown}.
 */
public final class QueueShutDownException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An exception that says what was expected and what was found. */
  public QueueShutDownException(String message) {
    super(message);
  }
}
