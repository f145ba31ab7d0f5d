package dev.aioli.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The one place that says what an example prints: its own source. */
final class HeadComment {
  private static final Path MODULE = Path.of(System.getProperty("basedir", "."));
  private static final String COMMAND = " * $ ./aioli example ";

  private HeadComment() {}

  /** The lines that the head comment promises, after the command. */
  static List<String> expectedOutput(String name) {
    return lines(source(name)).stream()
        .dropWhile(line -> !line.equals(COMMAND + name))
        .skip(1)
        .takeWhile(line -> !line.equals(" * }</pre>"))
        .map(line -> line.substring(" * ".length()))
        .toList();
  }

  /** The file of an example: {@code priority-queue} is {@code PriorityQueueExample.java}. */
  static Path source(String name) {
    var className = new StringBuilder();
    for (String word : name.split("-")) {
      className.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    }
    return MODULE.resolve("src/main/java/dev/aioli/examples/" + className + "Example.java");
  }

  /** The file of its twin. */
  static Path pythonTwin(String name) {
    return MODULE.resolve("src/test/python/" + name + ".py");
  }

  /** The module's index of examples. */
  static Path index() {
    return MODULE.resolve("README.md");
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new AssertionError("cannot read " + file, e);
    }
  }
}
