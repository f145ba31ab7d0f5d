package dev.aioli;

import org.jspecify.annotations.Nullable;

/** Knows the JDKs whose virtual threads have a bug that a loop would run into. */
final class JdkCheck {
  private static final Runtime.Version FIXED = Runtime.Version.parse("25.0.4");

  private JdkCheck() {}

  /** What to tell about a JDK; null if nothing. */
  static @Nullable String warning(Runtime.Version version) {
    return version.compareToIgnoreOptional(FIXED) >= 0
        ? null
        : "JDK "
            + version
            + " can leave a virtual thread blocked for ever at a monitor"
            + " (JDK-8373120); use "
            + FIXED
            + " or newer";
  }
}
