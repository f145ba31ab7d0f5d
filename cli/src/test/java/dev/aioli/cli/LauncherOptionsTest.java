package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launchers for several systems start the JVM in the same way. */
class LauncherOptionsTest {
  private static final Path PROJECT = Path.of(System.getProperty("basedir", "."), "..");
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])-(XX|X|D|jar)[^\\s\"$%]*");

  private static String text(String launcher) throws IOException {
    return Files.readString(PROJECT.resolve(launcher));
  }

  /** What goes to the JVM that runs the command, wherever the launcher writes it. */
  private static Set<String> options(String launcher) throws IOException {
    Set<String> options = new TreeSet<>();
    text(launcher)
        .lines()
        .filter(line -> !line.startsWith("#") && !line.startsWith("rem "))
        .filter(line -> !line.contains("mvn ") && !line.contains("ArchiveClassesAtExit"))
        .filter(line -> !line.contains("-pl cli"))
        .filter(line -> !line.contains("aioli.stdin")) // a shell of POSIX can close it
        .forEach(
            line -> OPTION.matcher(line).results().forEach(found -> options.add(found.group())));
    return options;
  }

  @Test
  void giveTheJvmTheSameOptions() throws IOException {
    assertThat(options("aioli.cmd"))
        .contains("-XX:SharedArchiveFile=", "-Xlog:cds=off", "-jar")
        .isEqualTo(options("aioli"));
  }

  @Test
  void soDoesThePackage() throws IOException {
    assertThat(options("cli/src/package/bin/aioli"))
        .contains("-XX:SharedArchiveFile=", "-jar")
        .isEqualTo(options("aioli"));
  }

  /** The pages are made of what the command's own picocli says. */
  @Test
  void manPagesAreMadeByTheSamePicocli() throws IOException {
    Pattern version = Pattern.compile("<picocli.version>(.*)</picocli.version>");
    String ours = version.matcher(text("pom.xml")).results().findFirst().orElseThrow().group(1);
    assertThat(text("scripts/man-pom.xml"))
        .containsPattern("<artifactId>picocli-codegen</artifactId>\\s+<version>" + ours + "<");
  }

  @ParameterizedTest
  @ValueSource(strings = {"aioli", "aioli.cmd", "cli/src/package/bin/aioli"})
  void passOnJavaOptsAndTheArguments(String launcher) throws IOException {
    assertThat(text(launcher)).contains("JAVA_OPTS").containsAnyOf("\"$@\"", "%*");
  }

  /** Windows' interpreter finds no label in a file whose lines end otherwise. */
  @Test
  void theLinesOfTheOneForWindowsEndAsThereIsUsual() throws IOException {
    assertThat(text("aioli.cmd").split("\n", -1))
        .allMatch(line -> line.isEmpty() || line.endsWith("\r"));
  }

  @Test
  void windowsLooksForAJdkWhereTheOthersDo() throws IOException {
    assertThat(text("aioli.cmd")).contains("JAVA_HOME", "JAVA_VERSION=", "where java", ".jdks");
  }

  /** macOS has it from 12.3 on. */
  @Test
  void noScriptWantsReadlinkOfGnu() throws IOException {
    List<Path> scripts = new ArrayList<>(List.of(PROJECT.resolve("aioli")));
    for (String folder : List.of("scripts", "benchmarks")) {
      try (Stream<Path> files = Files.list(PROJECT.resolve(folder))) {
        files.filter(Files::isRegularFile).forEach(scripts::add);
      }
    }
    assertThat(scripts).hasSizeGreaterThan(8);
    for (Path script : scripts) {
      String code = Files.readString(script).replaceAll("(?m)#.*", "");
      assertThat(code).as(script.toString()).doesNotContain("readlink -f");
    }
  }

  /** `java -jar` needs no flags: they are in the manifest. */
  @Test
  void theManifestHasWhatElseTheJvmNeeds() throws IOException {
    assertThat(text("cli/pom.xml"))
        .contains("<Add-Opens>java.base/java.lang</Add-Opens>")
        .contains("<Enable-Native-Access>ALL-UNNAMED</Enable-Native-Access>");
  }
}
