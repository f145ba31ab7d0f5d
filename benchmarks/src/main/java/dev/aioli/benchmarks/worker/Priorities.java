package dev.aioli.benchmarks.worker;

/** The same numbers in the same order for every system and language. */
public final class Priorities {
  private int state;

  /** A sequence of its own for each seed. */
  public Priorities(int seed) {
    state = seed;
  }

  /**
   * The next one, from 0 to 65535: a linear congruential generator, easily written in any language.
   */
  public int next() {
    state = state * 1103515245 + 12345;
    return (state >>> 8) & 0xffff;
  }

  /** From 1 to 10, another one for each index: how long a task sleeps, in milliseconds. */
  public static int sleepMillis(int index) {
    return 1 + (int) (((index * 2654435761L) >>> 7) % 10);
  }

  /**
   * From 1 to 1000, another one for each index: how long a task sleeps at least, in nanoseconds.
   */
  public static int sleepNanos(int index) {
    return 1 + (int) (((index * 2654435761L) >>> 7) % 1000);
  }
}
