package dev.aioli.process;

import org.jspecify.annotations.Nullable;

/** What objects of the user's say of themselves: their {@code toString} may throw anything. */
final class SafeText {
  private SafeText() {}

  /** {@code String.valueOf}, or if that fails, the object's class and why. */
  static String of(@Nullable Object object) {
    if (object == null) {
      return "null";
    }
    try {
      return String.valueOf(object);
    } catch (Throwable e) {
      return object.getClass().getName()
          + " (its toString failed with "
          + e.getClass().getName()
          + ")";
    }
  }

  /** Whether {@code toString} works: constructors of exceptions call it on their causes. */
  static boolean hasText(Object object) {
    try {
      String _ = object.toString();
      return true;
    } catch (Throwable e) {
      return false;
    }
  }
}
