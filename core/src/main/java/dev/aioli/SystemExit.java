package dev.aioli;

/**
 * Ends the event loop because the program wants to end: like {@link KeyboardInterrupt} it comes out
 * of {@link EventLoop#runForever} at once. It does not end the JVM; whoever called {@code run}
 * does. As Python's {@code SystemExit}. Also what a run throws that SIGTERM has ended: see {@link
 * Runner#handleSignals}.
 */
public final class SystemExit extends Error {
  private static final long serialVersionUID = 1L;

  private final int code;

  /** A wish to end with this exit code. */
  public SystemExit(int code) {
    super("exit code " + code);
    this.code = code;
  }

  /** The exit code. */
  public int code() {
    return code;
  }
}
