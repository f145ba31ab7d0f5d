package dev.aioli.cli;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Lines for people, on stderr. From any thread. */
final class Stderr {
  /** Whether the last line on the terminal is a progress bar, which other lines must push down. */
  private static volatile boolean barShown;

  private static final String CLEAR_LINE = "\r\u001b[K";

  private Stderr() {}

  /** Prints a line. */
  static void println(String line) {
    System.err.println(barShown ? CLEAR_LINE + line : line);
  }

  /** Says whether a progress bar is on the terminal. */
  static void barShown(boolean shown) {
    barShown = shown;
  }

  /**
   * Whether a progress bar is of use: stderr is a terminal, and stdout does not write to one, too.
   */
  static boolean canShowBar() {
    return isTerminal(2) && !isTerminal(1);
  }

  /** Whether stderr is a terminal. */
  static boolean isTerminal() {
    return isTerminal(2);
  }

  private static boolean isTerminal(int descriptor) {
    // Java knows only whether stdin and stdout both are one. Linux tells of each file that is open.
    Path link = Path.of("/proc/self/fd/" + descriptor);
    try {
      String target = Files.readSymbolicLink(link).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException notLinux) {
      return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }
  }
}
