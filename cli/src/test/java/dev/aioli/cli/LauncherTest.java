package dev.aioli.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code ./aioli}, with a JVM that only tells what its descriptors are. */
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class LauncherTest {
  private static final Path PROJECT = Path.of(System.getProperty("basedir", "."), "..");

  @TempDir private Path home;

  @BeforeEach
  void copyTheLauncher() throws IOException {
    Files.createDirectories(home.resolve("scripts"));
    Files.copy(PROJECT.resolve("scripts/find-jdk"), home.resolve("scripts/find-jdk"));
    script("aioli", Files.readString(PROJECT.resolve("aioli")));
    // A build that is newer than its sources, which are none.
    Files.createDirectories(home.resolve("cli/target"));
    Path jar = Files.createFile(home.resolve("cli/target/aioli.jar"));
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
    Files.createFile(home.resolve("cli/target/aioli.jsa"));
    Files.createDirectories(home.resolve("jdk/bin"));
    Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=\"25.0.4\"\n");
    script("jdk/bin/javac", "#!/bin/sh\n");
    script(
        "jdk/bin/java",
        """
        #!/bin/sh
        report=
        for n in 0 1 2; do report="$report $(readlink /proc/$$/fd/$n || echo closed)"; done
        echo "$report" >"$REPORT"
        echo "$@" >"$REPORT.arguments"
        """);
  }

  private void script(String name, String content) throws IOException {
    Path file = Files.writeString(home.resolve(name), content);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /** What stdin, stdout and stderr of the JVM are. */
  private String descriptors(String redirections) throws IOException, InterruptedException {
    Path report = home.resolve("report");
    ProcessBuilder shell =
        new ProcessBuilder("/bin/sh", "-c", "./aioli fetch --from - " + redirections);
    shell.directory(home.toFile());
    shell.environment().put("JAVA_HOME", home.resolve("jdk").toString());
    shell.environment().put("REPORT", report.toString());
    Process process = shell.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    return Files.readString(report).strip();
  }

  @Test
  void closedDescriptorsAreNotLeftToTheJvm() throws Exception {
    assertThat(descriptors("<&- >&- 2>&-")).isEqualTo("/dev/null /dev/null /dev/null");
  }

  @Test
  void aClosedStdinIsToldToTheCommand() throws Exception {
    assertThat(descriptors("<&- >out 2>err"))
        .isEqualTo("/dev/null " + home.resolve("out") + " " + home.resolve("err"));
    assertThat(home.resolve("report.arguments")).content().contains("-Daioli.stdin=closed ");
    descriptors("</dev/null");
    assertThat(home.resolve("report.arguments")).content().doesNotContain("aioli.stdin");
  }

  @Test // by links that are relative, absolute, and in a chain
  void itIsFoundBehindLinks() throws Exception {
    Path bin = Files.createDirectories(home.resolve("some/bin"));
    Files.createSymbolicLink(bin.resolve("relative"), Path.of("../../aioli"));
    Files.createSymbolicLink(bin.resolve("chain"), bin.resolve("relative"));
    Path folder = Files.createDirectories(home.resolve("links"));
    Files.createSymbolicLink(folder.resolve("jdk"), home.resolve("jdk"));
    Files.createSymbolicLink(bin.resolve("java"), Path.of("../../links/jdk/bin/java"));
    for (String link : new String[] {"some/bin/relative", "some/bin/chain"}) {
      descriptors("; JAVA_HOME= PATH=$PWD/some/bin:$PATH exec " + link + " version");
      assertThat(home.resolve("report.arguments")).content().endsWith("aioli.jar version\n");
    }
  }

  @Test
  void openOnesAreLeftAsTheyAre() throws Exception {
    Files.writeString(home.resolve("in"), "http://h/\n");
    assertThat(descriptors("<in >out 2>err"))
        .isEqualTo(home.resolve("in") + " " + home.resolve("out") + " " + home.resolve("err"));
  }
}
