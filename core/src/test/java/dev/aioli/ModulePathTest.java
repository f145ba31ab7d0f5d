package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The module of a user that requires ours, with what its POM brings along. */
class ModulePathTest {
  private static final Path POM = Path.of("..", "pom.xml");

  @TempDir Path folder;

  /** Compiles a program in a module; what javac says. */
  private String compile(Path... modulePath) throws Exception {
    Path module = folder.resolve("module-info.java");
    Path program = folder.resolve("Main.java");
    Files.writeString(module, "module app { requires dev.aioli; }");
    Files.writeString(
        program,
        """
        package app;

        class Main {
          public static void main(String[] args) {
            System.out.println(dev.aioli.Asyncio.run(() -> "done"));
          }
        }
        """);
    StringWriter said = new StringWriter();
    ToolProvider javac = ToolProvider.findFirst("javac").orElseThrow();
    String path =
        String.join(
            System.getProperty("path.separator"),
            Arrays.stream(modulePath).map(Path::toString).toList());
    javac.run(
        new PrintWriter(said, true),
        new PrintWriter(said, true),
        "--module-path",
        path,
        "-d",
        folder.resolve("classes").toString(),
        module.toString(),
        program.toString());
    return said.toString();
  }

  private static Path jspecify() throws Exception {
    return Path.of(NullMarked.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  @Test
  void moduleThatRequiresOursCompiles() throws Exception {
    assertThat(compile(Path.of("target", "classes"), jspecify())).isEmpty();
  }

  @Test
  void javacWantsTheModuleOfTheNullMarks() throws Exception {
    assertThat(compile(Path.of("target", "classes"))).contains("org.jspecify");
  }

  /** Hence users must get it: neither `provided` nor optional. */
  @Test
  void pomBringsTheNullMarksAlong() throws Exception {
    String dependencies =
        Files.readString(POM).replaceAll("(?s)<dependencyManagement>.*</dependencyManagement>", "");
    assertThat(dependencies)
        .containsPattern(
            Pattern.compile(
                "<dependency>\\s*<groupId>org\\.jspecify</groupId>"
                    + "\\s*<artifactId>jspecify</artifactId>\\s*</dependency>"));
  }
}
