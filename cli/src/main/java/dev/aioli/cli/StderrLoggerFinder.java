package dev.aioli.cli;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Binds {@link System.Logger}: warnings and errors are one line each on stderr; the rest is hidden
 * unless asked for by {@code --verbose} or {@code -Ddev.aioli.debug=true}.
 *
 * <p>Found by the JDK as a service. A logger of ours and not java.util.logging: it costs nothing
 * until there is something to say.
 */
public final class StderrLoggerFinder extends System.LoggerFinder {
  private static volatile Level threshold =
      Boolean.getBoolean("dev.aioli.debug") ? Level.DEBUG : Level.WARNING;

  /** For the JDK. */
  public StderrLoggerFinder() {}

  /** Shows INFO, too. */
  static void verbose() {
    if (threshold.compareTo(Level.INFO) > 0) {
      threshold = Level.INFO;
    }
  }

  /** Whether a message of that level is shown. */
  static boolean isShown(Level level) {
    return level != Level.OFF && level.compareTo(threshold) >= 0;
  }

  /** Whether more is wanted than a line for each problem. */
  static boolean isVerbose() {
    return isShown(Level.INFO);
  }

  @Override
  public Logger getLogger(String name, Module module) {
    return new StderrLogger(name);
  }
}
