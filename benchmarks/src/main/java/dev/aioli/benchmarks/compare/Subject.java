package dev.aioli.benchmarks.compare;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A system under test: what a column of the table shows, or one of several variants of it.
 *
 * @param name what users call it, such as {@code kotlin-default}
 * @param column the column of the table; of several systems in a column the fastest counts
 * @param command what starts its worker; empty if it is not there
 * @param missing why it is not there; null if it is
 * @param compiled whether it compiles while it runs, and so needs a warm-up
 */
record Subject(
    String name, String column, List<String> command, @Nullable String missing, boolean compiled) {
  static Subject jvm(String name, String column, List<String> command) {
    return new Subject(name, column, List.copyOf(command), null, true);
  }

  static Subject python(String name, List<String> command) {
    return new Subject(name, name, List.copyOf(command), null, false);
  }

  static Subject absent(String name, String column, String reason) {
    return new Subject(name, column, List.of(), reason, false);
  }
}
