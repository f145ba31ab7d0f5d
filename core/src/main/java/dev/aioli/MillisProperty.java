package dev.aioli;

import java.util.concurrent.TimeUnit;

/** A system property with a number of milliseconds. */
final class MillisProperty {
  private MillisProperty() {}

  /**
   * Its value in nanoseconds.
   *
   * @param byDefault if it is not set, in nanoseconds
   * @param never what 0 means, in nanoseconds
   * @param zero what 0 means, in words
   * @throws IllegalStateException if it is anything else than such a number
   */
  static long nanos(String name, long byDefault, long never, String zero) {
    String text = System.getProperty(name);
    if (text == null || text.isBlank()) {
      return byDefault;
    }
    try {
      long millis = Long.parseLong(text.strip());
      if (millis >= 0) {
        return millis == 0 ? never : TimeUnit.MILLISECONDS.toNanos(millis);
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new IllegalStateException(
        "-D" + name + " expected milliseconds, or 0 for " + zero + ", found '" + text + "'");
  }
}
