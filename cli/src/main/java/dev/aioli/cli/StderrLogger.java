package dev.aioli.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.text.MessageFormat;
import java.util.Locale;
import java.util.MissingResourceException;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * A logger of {@link StderrLoggerFinder}: {@code aioli: warning: what happened}. Of a message the
 * first line; the rest, and the stack of an exception, are shown when more than warnings is.
 *
 * @param getName the logger's name, shown nowhere: the message says enough
 */
record StderrLogger(String getName) implements System.Logger {
  /** Says the same at every start: for {@code --verbose} only. */
  private static final String ABOUT_THE_JDK = "dev.aioli.jdk";

  private static volatile @Nullable String aboutTheJdk;

  /** The last thing that was said about the JDK, shown or not; null if nothing was. */
  static @Nullable String aboutTheJdk() {
    return aboutTheJdk;
  }

  @Override
  public boolean isLoggable(Level level) {
    return StderrLoggerFinder.isShown(level)
        && (StderrLoggerFinder.isVerbose() || !getName.equals(ABOUT_THE_JDK));
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String message,
      @Nullable Throwable thrown) {
    if (isLoggable(level)) {
      Stderr.println(line(level, localized(bundle, message), thrown));
    }
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String format,
      @Nullable Object @Nullable ... params) {
    if (getName.equals(ABOUT_THE_JDK)) {
      aboutTheJdk = formatted(localized(bundle, format), params);
    }
    if (isLoggable(level)) {
      Stderr.println(line(level, formatted(localized(bundle, format), params), null));
    }
  }

  private static String localized(@Nullable ResourceBundle bundle, @Nullable String message) {
    if (message == null) {
      return "";
    }
    try {
      return bundle == null ? message : bundle.getString(message);
    } catch (MissingResourceException e) {
      return message;
    }
  }

  private static String formatted(String format, @Nullable Object @Nullable [] params) {
    if (params == null || params.length == 0) {
      return format;
    }
    try {
      return new MessageFormat(format, Locale.ROOT).format(params);
    } catch (IllegalArgumentException e) {
      return format;
    }
  }

  private static String line(Level level, String message, @Nullable Throwable thrown) {
    boolean verbose = StderrLoggerFinder.isVerbose();
    StringBuilder line = new StringBuilder("aioli: ");
    line.append(level.getName().toLowerCase(Locale.ROOT)).append(": ");
    line.append(verbose ? message.strip() : firstLine(message));
    if (thrown != null && verbose) {
      StringWriter stack = new StringWriter();
      thrown.printStackTrace(new PrintWriter(stack));
      line.append(System.lineSeparator()).append(stack.toString().strip());
    } else if (thrown != null) {
      line.append(": ").append(firstLine(thrown.toString()));
    }
    return line.toString();
  }

  private static String firstLine(String text) {
    return text.strip().lines().findFirst().orElse("").strip();
  }
}
