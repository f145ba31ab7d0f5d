package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each project of {@code consumers} is one to copy, so it is whole, and what several have is in
 * each: the same in all.
 */
class ConsumersTest {
  private static final String BODY_BEGINS = "List<String> answers =";
  private static final String BODY_ENDS = "println(answers);";

  private static String text(String file) throws IOException {
    return Files.readString(Path.of("..", "consumers", file));
  }

  @ParameterizedTest
  @CsvSource({
    "maven-classpath, maven-modulepath, src/main/java/com/example/Main.java",
    "maven-classpath, maven-exec-java, src/main/java/com/example/Main.java",
    "maven-classpath, gradle, src/main/java/com/example/Main.java",
    "spring-boot-3, spring-boot-4, src/main/java/com/example/Main.java",
    "junit-5, junit-6, src/test/java/com/example/GreetingTest.java"
  })
  void programIsTheSameInEachProject(String one, String other, String file) throws IOException {
    assertThat(text(other + "/" + file)).isEqualTo(text(one + "/" + file));
  }

  @Test
  void singleFileDoesTheSame() throws IOException {
    assertThat(body("single-file/Main.java"))
        .isEqualTo(body("maven-classpath/src/main/java/com/example/Main.java"));
  }

  private static String body(String file) throws IOException {
    String text = text(file).replaceAll("\\s+", " ").replace("System.out.", "IO.");
    return text.substring(text.indexOf(BODY_BEGINS), text.indexOf(BODY_ENDS));
  }
}
