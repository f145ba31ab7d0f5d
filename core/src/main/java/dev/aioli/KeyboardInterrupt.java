package dev.aioli;

/**
 * Ends the event loop because the user asked for it (Ctrl-C): unlike other errors of a task or
 * callback it is not kept for whoever awaits the task but also comes out of {@link
 * EventLoop#runForever} at once. As Python's {@code KeyboardInterrupt}.
 */
public final class KeyboardInterrupt extends Error {
  private static final long serialVersionUID = 1L;

  /** An interrupt by the user. */
  public KeyboardInterrupt() {
    super("interrupted by the user");
  }
}
