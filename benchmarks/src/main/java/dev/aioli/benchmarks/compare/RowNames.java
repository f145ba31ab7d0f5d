package dev.aioli.benchmarks.compare;

/** How rows are named on command lines. */
public final class RowNames {
  private RowNames() {}

  /** Whether a name, or the beginning of names with a {@code *} behind it, means a row. */
  public static boolean matches(String row, String name) {
    return name.endsWith("*")
        ? row.startsWith(name.substring(0, name.length() - 1))
        : row.equals(name);
  }
}
