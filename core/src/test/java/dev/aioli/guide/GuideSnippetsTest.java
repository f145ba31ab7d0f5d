package dev.aioli.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every Java block of docs/guide is a region of a test: {@code <!-- snippet: File.java#region -->}
 * stands before it. So may any other block there, and any of the README, be a region of a file of
 * {@code consumers}, which is named with its folders; without a region it is all of that file. With
 * {@code -Ddev.aioli.docs=refresh} the pages are rewritten instead of compared;
 * scripts/refresh-guide does that.
 */
class GuideSnippetsTest {
  private static final Path ROOT = Path.of("..");
  private static final Path PAGES = ROOT.resolve("docs/guide");
  private static final Path README = ROOT.resolve("README.md");
  private static final List<Path> SOURCES =
      List.of(
          Path.of("src/test/java/dev/aioli/guide"),
          Path.of("src/test/java/dev/aioli"),
          Path.of("..", "process", "src/test/java/dev/aioli/process"),
          Path.of("..", "net", "src/test/java/dev/aioli/net"),
          Path.of("..", "http", "src/test/java/dev/aioli/http/client"),
          Path.of("..", "http", "src/test/java/dev/aioli/http/server"),
          Path.of("..", "examples", "src/test/java/dev/aioli/examples"));
  private static final Pattern MARKER = Pattern.compile("<!-- snippet: ([^\\s#]+)(?:#(\\S+))? -->");
  private static final boolean REFRESH = "refresh".equals(System.getProperty("dev.aioli.docs"));

  @TestFactory
  Stream<DynamicTest> everySnippetIsItsRegion() throws IOException {
    try (Stream<Path> files = Files.list(PAGES)) {
      Stream<Path> pages = files.filter(file -> file.toString().endsWith(".md")).sorted();
      return Stream.concat(Stream.of(README), pages).toList().stream()
          .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
    }
  }

  private static void check(Path page) throws IOException {
    List<String> lines = Files.readAllLines(page);
    List<String> expected = withSnippets(page, lines);
    if (REFRESH && !expected.equals(lines)) {
      Files.write(page, expected);
    } else {
      assertThat(String.join("\n", lines))
          .as(
              "a snippet in %s is not its region: edit the test, then run scripts/refresh-guide",
              page)
          .isEqualTo(String.join("\n", expected));
    }
  }

  /** The page with each block that has a marker replaced by its region. */
  private static List<String> withSnippets(Path page, List<String> lines) throws IOException {
    List<String> result = new ArrayList<>();
    Matcher marker = null;
    boolean inSnippet = false;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (inSnippet) {
        if (!line.equals("```")) {
          continue; // the old text
        }
        inSnippet = false;
      }
      result.add(line);
      if (line.equals("```java") && !page.equals(README)) {
        assertThat(marker)
            .as(
                "%s:%s: a Java block needs <!-- snippet: File.java#region --> before it",
                page, i + 1)
            .isNotNull();
      }
      if (line.startsWith("```") && marker != null) {
        result.addAll(region(marker.group(1), marker.group(2)));
        inSnippet = true;
      }
      Matcher match = MARKER.matcher(line);
      marker = match.matches() ? match : null;
    }
    assertThat(inSnippet).as("%s ends inside a block", page).isFalse();
    return result;
  }

  /**
   * The lines of a region, or of the file if none is named, without their common indentation and
   * blank lines at the edges.
   */
  private static List<String> region(String file, String name) throws IOException {
    Path source =
        Stream.concat(SOURCES.stream(), Stream.of(ROOT))
            .map(folder -> folder.resolve(file))
            .filter(Files::exists)
            .findFirst()
            .orElseThrow(() -> new AssertionError("no test source " + file));
    List<String> lines = Files.readAllLines(source).stream().map(String::stripTrailing).toList();
    if (name == null) {
      return lines;
    }
    int begin = indexOf(lines, "region " + name, source);
    int end = indexOf(lines, "endregion " + name, source);
    String text = String.join("\n", lines.subList(begin + 1, end)).stripTrailing();
    return text.stripIndent().lines().toList(); // a blank last line would count as indented by 0
  }

  private static int indexOf(List<String> lines, String marker, Path source) {
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.equals("// " + marker) || line.equals("<!-- " + marker + " -->")) {
        return i;
      }
    }
    throw new AssertionError("no '" + marker + "' in " + source);
  }
}
