package dev.aioli.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The scenarios written by hand and the traces that CPython gave. */
record Corpus(String name, String json, List<String> trace) {
  static List<Corpus> all() {
    try (Stream<Path> files = Files.list(TestedEngine.HOME.resolve("corpus"))) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted()
          .map(Corpus::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Corpus read(Path file) {
    String name = file.getFileName().toString().replaceFirst("\\.json$", "");
    try {
      return new Corpus(
          name, Files.readString(file), Files.readAllLines(file.resolveSibling(name + ".trace")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
