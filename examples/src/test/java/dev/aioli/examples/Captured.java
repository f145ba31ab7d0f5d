package dev.aioli.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.aioli.ThrowingRunnable;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;

/**
 * What a program prints to {@link System#out}. One at a time: tests that use it lock that stream.
 */
final class Captured {
  private Captured() {}

  static List<String> output(ThrowingRunnable program) throws Exception {
    var bytes = new ByteArrayOutputStream();
    PrintStream console = System.out;
    System.setOut(new PrintStream(bytes, true, UTF_8));
    try {
      program.run();
    } finally {
      System.out.flush();
      System.setOut(console);
    }
    return bytes.toString(UTF_8).lines().toList();
  }
}
