package dev.aioli.benchmarks.compare;

import java.util.List;

/** The columns of the table: names of systems. */
final class Column {
  static final String AIOLI = "aioli";
  static final String HAND_OVER = "aioli-hand-over";
  static final String AIOLI_BARE = "aioli-bare";
  static final String THREADS = "threads";
  static final String KOTLIN = "kotlin";
  static final String JOX = "jox";
  static final String CPYTHON = "cpython";
  static final String UVLOOP = "uvloop";
  static final String LIMIT = "limit";

  /** In the order of the table. */
  static final List<String> ALL =
      List.of(AIOLI, HAND_OVER, AIOLI_BARE, THREADS, KOTLIN, JOX, CPYTHON, UVLOOP, LIMIT);

  private Column() {}
}
