package dev.aioli.cli;

/** What {@code aioli} exits with. */
final class ExitCodes {
  /** All went well. */
  static final int OK = 0;

  /** The command ran to its end, but some URL failed, or input or output did. */
  static final int FAILED = 1;

  /** The command line makes no sense; nothing was done. */
  static final int USAGE = 2;

  /** Ended by Ctrl-C. SIGTERM gives 143. */
  static final int INTERRUPTED = 130;

  /** An error in Aioli; {@code EX_SOFTWARE} of sysexits.h. */
  static final int BUG = 70;

  private ExitCodes() {}
}
