package dev.aioli;

/**
 * Thrown when a future is asked for an outcome that it does not have, or given a second one. As
 * {@code asyncio.InvalidStateError}.
 */
public final class InvalidStateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An exception that says what was expected and what was found. */
  public InvalidStateException(String message) {
    super(message);
  }
}
