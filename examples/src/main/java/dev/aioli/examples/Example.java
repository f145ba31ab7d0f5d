package dev.aioli.examples;

/**
 * A program of this package.
 *
 * @param name what {@code aioli example} calls it
 * @param summary what it shows, in a line
 * @param program its {@code main}
 */
public record Example(String name, String summary, Program program) {
  /** A {@code main} method. */
  @FunctionalInterface
  public interface Program {
    /** Runs the program. */
    void main(String... args) throws Exception;
  }

  /** Runs the program; it prints to {@link System#out}. Not inside a running loop. */
  public void run(String... args) throws Exception {
    program.main(args);
  }
}
