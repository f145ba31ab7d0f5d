package dev.aioli.cli;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * Sends what libraries say through java.util.logging, as Netty does, to where the rest goes. The
 * JDK makes one when it starts that kind of logging, which costs time and so is left to the first
 * who needs it.
 */
public final class JulToSystemLogger extends Handler {
  private static final System.Logger LOG = System.getLogger("java.util.logging");

  /**
   * Configures java.util.logging; called by the JDK as its {@code java.util.logging.config.class}.
   */
  public JulToSystemLogger() {
    setFormatter(new SimpleFormatter());
    Logger root = LogManager.getLogManager().getLogger("");
    if (root != null) {
      root.setLevel(StderrLoggerFinder.isVerbose() ? Level.INFO : Level.WARNING);
      root.addHandler(this);
    }
  }

  /** Asks the JDK to use this class when the time comes. */
  static void install() {
    System.setProperty("java.util.logging.config.class", JulToSystemLogger.class.getName());
  }

  @Override
  public void publish(LogRecord entry) {
    if (isLoggable(entry)) {
      LOG.log(level(entry.getLevel()), getFormatter().formatMessage(entry), entry.getThrown());
    }
  }

  private static System.Logger.Level level(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return System.Logger.Level.ERROR;
    }
    if (level.intValue() >= Level.WARNING.intValue()) {
      return System.Logger.Level.WARNING;
    }
    return level.intValue() >= Level.INFO.intValue()
        ? System.Logger.Level.INFO
        : System.Logger.Level.DEBUG;
  }

  @Override
  public void flush() {
    // Nothing is held back.
  }

  @Override
  public void close() {
    // Nothing to close.
  }
}
