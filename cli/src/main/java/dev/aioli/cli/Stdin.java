package dev.aioli.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The standard input, where the command is told to read it. */
final class Stdin {
  private static final Path DESCRIPTOR = Path.of("/dev/fd/0");

  private Stdin() {}

  /**
   * Opens it.
   *
   * @throws IllegalArgumentException if it is closed
   */
  static InputStream open() {
    if (isOfTheJvm()) {
      throw new IllegalArgumentException("expected input on stdin, found it closed");
    }
    return new FileInputStream(FileDescriptor.in);
  }

  /**
   * If it is closed, the first file that the JVM opens gets its number: its own classes. The
   * launcher opens something empty in its place, and tells.
   */
  private static boolean isOfTheJvm() {
    if ("closed".equals(System.getProperty("aioli.stdin"))) {
      return true;
    }
    try {
      return Files.isSameFile(
          DESCRIPTOR, Path.of(System.getProperty("java.home"), "lib", "modules"));
    } catch (IOException | UnsupportedOperationException unknown) {
      return false; // then reading will say what is wrong
    }
  }
}
