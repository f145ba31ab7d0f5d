package dev.aioli.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The planted bugs of {@code mutants/} still fit the sources; {@code mutate} runs them. */
class MutantsTest {
  private static final Path SOURCES = TestedEngine.HOME.resolve("../core/src/main/java/dev/aioli");

  /** A place where a mutant changes a source file. */
  record Edit(String mutant, String file, String snippet) {
    @Override
    public String toString() {
      return mutant;
    }
  }

  static List<Edit> edits() throws IOException {
    List<Edit> edits = new ArrayList<>();
    try (Stream<Path> files = Files.list(TestedEngine.HOME.resolve("mutants"))) {
      for (Path file : files.sorted().toList()) {
        addEdits(edits, Files.readAllLines(file));
      }
    }
    return edits;
  }

  private static void addEdits(List<Edit> edits, List<String> lines) {
    String mutant = "";
    String file = "";
    StringBuilder snippet = null;
    for (String line : lines) {
      if (line.startsWith("== ")) {
        mutant = line.substring(3);
      } else if (line.startsWith("file: ")) {
        file = line.substring(6);
      } else if (line.equals("---")) {
        snippet = new StringBuilder();
      } else if (line.equals("+++")) {
        edits.add(new Edit(mutant, file, Objects.requireNonNull(snippet).toString()));
        snippet = null;
      } else if (snippet != null) {
        snippet.append(line).append('\n');
      }
    }
  }

  @ParameterizedTest
  @MethodSource("edits")
  void snippetOccursOnceInItsFile(Edit edit) throws IOException {
    String source = bare(Files.readString(SOURCES.resolve(edit.file())));
    String snippet = bare(edit.snippet());
    assertThat(snippet).isNotEmpty();
    int first = source.indexOf(snippet);
    assertThat(first).as("%s in %s", edit.snippet(), edit.file()).isNotNegative();
    assertThat(source.indexOf(snippet, first + 1)).as("a second time").isNegative();
  }

  @Test
  void everyMutantIsInTheTableAsFound() throws IOException {
    String table = Files.readString(TestedEngine.HOME.resolve("MUTANTS.md"));
    for (Edit edit : edits()) {
      assertThat(table).containsPattern("`" + edit.mutant() + "` .*\\| (\\d+: `|stuck)");
    }
    assertThat(edits()).hasSizeGreaterThanOrEqualTo(40);
  }

  /** White space does not count, so that the formatter does not matter. */
  private static String bare(String text) {
    return text.replaceAll("\\s", "");
  }
}
