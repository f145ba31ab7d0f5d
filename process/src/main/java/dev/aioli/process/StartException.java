package dev.aioli.process;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A worker process did not start. */
final class StartException extends IOException {
  /** EAGAIN (11; of macOS: 35), ENOMEM, ENFILE, EMFILE. */
  private static final Set<String> SHORTAGES = Set.of("11", "12", "23", "24", "35");

  /**
   * How the JDK words why a program was not run; the text after the number depends on the locale.
   */
  private static final Pattern ERROR_OF_EXEC = Pattern.compile("error[=:] ?(\\d+)");

  /** How a JVM words it, in any locale. */
  private static final Pattern SHORTAGE_OF_A_JVM =
      Pattern.compile("unable to create native thread|pthread_create failed|Too many open files");

  private final boolean mayPass;

  private StartException(String message, @Nullable Throwable cause, boolean mayPass) {
    super(message, cause);
    this.mayPass = mayPass;
  }

  /** There is no process, or it was of no use, since this process could not do its part. */
  static StartException here(Throwable cause) {
    return new StartException(SafeText.of(cause), cause, isShortage(cause));
  }

  /** The worker's own code failed. */
  static StartException ofInitializer(@Nullable Object thrown) {
    String message = "the initializer of the worker failed: " + SafeText.of(thrown);
    Throwable cause =
        thrown instanceof Throwable throwable && SafeText.hasText(thrown) ? throwable : null;
    return new StartException(message, cause, false);
  }

  /** The process ended before it was ready. */
  static StartException ofProcess(String message, String errorTail, Throwable cause) {
    return new StartException(message, cause, SHORTAGE_OF_A_JVM.matcher(errorTail).find());
  }

  /**
   * Whether descriptors, threads, processes or memory were short, which may pass, in contrast to
   * wrong options.
   */
  boolean mayPass() {
    return mayPass;
  }

  private static boolean isShortage(Throwable cause) {
    if (!(cause instanceof IOException)) {
      return cause instanceof OutOfMemoryError;
    }
    Matcher exec = ERROR_OF_EXEC.matcher(String.valueOf(cause.getMessage()));
    if (exec.find()) {
      return SHORTAGES.contains(exec.group(1));
    }
    // Sockets and files give no number, only a text in the language of the system.
    return !(cause instanceof NoSuchFileException || cause instanceof AccessDeniedException);
  }
}
