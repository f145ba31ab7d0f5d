package dev.aioli.cli;

/** A body is larger than {@code --max-body}; the rest of it was not received. */
final class BodyTooLargeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BodyTooLargeException(long maxBytes) {
    super("the body is larger than " + maxBytes + " bytes (see --max-body)");
  }
}
