package dev.aioli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a worker gets of the command line of its pool's process, however long that is. */
@Timeout(120)
@ExtendWith(NoProcessLeft.class)
class WorkerCommandTest {
  /** Options of the launcher that workers do not get, as beginnings, and why. */
  private static final List<String> NOT_INHERITED =
      List.of(
          // the code, which they get by themselves
          "-cp",
          "-classpath",
          "--class-path",
          "-p",
          "--module-path",
          "--source",
          // agents and debuggers: two processes would fight for their ports and files
          "-agentlib",
          "-agentpath",
          "-javaagent",
          "-Xdebug",
          // the heap, the collector, the compiler: a matter of this process
          "-Xms",
          "-Xmx",
          "-Xmn",
          "-Xnoclassgc",
          "-Xint",
          "-Xcomp",
          "-Xmixed",
          "-Xbatch",
          "-Xshare",
          // what is printed, or done in place of running
          "-Xlog",
          "-verbose",
          "-Xcheck:jni",
          "-Xdiag",
          "-XshowSettings",
          "-Xinternalversion",
          "-version",
          "--version",
          "-showversion",
          "--show-version",
          "--show-module-resolution",
          "--list-modules",
          "-d",
          "--describe-module",
          "--dry-run",
          "--validate-modules",
          "-h",
          "-help",
          "--help",
          "-X",
          "--help-extra",
          // the launcher's own, and what makes no sense in the background
          "-m",
          "--module",
          "-jar",
          "--disable-@files",
          "-splash",
          "-Xrs");

  private static final Pattern OPTION = Pattern.compile("(?<![^ ])-{1,2}[A-Za-z][A-Za-z@:/-]*");

  /** Runs the program {@link Parent} with options of the launcher; what it prints. */
  private static List<String> parent(List<String> options, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add(Parent.class.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().remove("JDK_JAVA_OPTIONS");
    Process process = builder.start();
    try (var reader = process.inputReader()) {
      List<String> lines = reader.readAllLines();
      assertThat(process.waitFor()).isZero();
      return lines;
    } finally {
      process.destroyForcibly();
    }
  }

  private static String classPath() throws Exception {
    return ParentTest.classPath();
  }

  @Test
  void modulesThatTheProgramAddsAreThereInAWorker() throws Exception {
    List<String> options = List.of("--add-modules", "jdk.incubator.vector", "-cp", classPath());
    assertThat(parent(options, "module", "jdk.incubator.vector")).containsExactly("true");
    assertThat(parent(List.of("-cp", classPath()), "module", "jdk.incubator.vector"))
        .containsExactly("false");
  }

  @Test
  void aModulePathBesideTheClassPathReachesAWorker(@TempDir Path folder) throws Exception {
    Path module = Files.createDirectories(folder.resolve("modules/some.module"));
    Path source = Files.writeString(folder.resolve("module-info.java"), "module some.module {}");
    int compiled =
        java.util.spi.ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(System.out, System.err, "-d", module.toString(), source.toString());
    assertThat(compiled).isZero();
    List<String> options =
        List.of(
            "-p",
            module.getParent().toString(),
            "--add-modules",
            "some.module",
            "-cp",
            classPath());
    assertThat(parent(options, "module", "some.module")).containsExactly("true");
  }

  @Test
  void modulesThatTheProgramLeavesOutAreNotThereInAWorker() throws Exception {
    List<String> options =
        List.of("--limit-modules", "java.management,java.logging", "-cp", classPath());
    assertThat(parent(options, "module", "java.sql")).containsExactly("false");
    assertThat(parent(List.of("-cp", classPath()), "module", "java.sql")).containsExactly("true");
  }

  @Test
  void propertiesReachAWorkerWhereverTheyCameFrom() throws Exception {
    assertThat(parent(List.of("-Dx.y=a b", "-cp", classPath()), "property", "x.y"))
        .containsExactly("a b");
  }

  /** A new option of Java is to be looked at: may code depend on it? */
  @Test
  @EnabledForJreRange(max = JRE.JAVA_25)
  void everyOptionOfTheLauncherIsInheritedOrLeftOutForAReason() throws Exception {
    Set<String> undecided = new LinkedHashSet<>();
    for (String help : List.of("--help", "--help-extra")) {
      for (String option : optionsIn(help)) {
        boolean inherited = WorkerCommand.INHERITED.stream().anyMatch(option::startsWith);
        boolean left =
            NOT_INHERITED.stream()
                .anyMatch(other ->
                    other.length() <= 3 || other.equals("-help")
                        ? option.equals(other)
                        : option.startsWith(other));
        if (!inherited && !left) {
          undecided.add(option);
        }
      }
    }
    assertThat(undecided).isEmpty();
  }

  private static List<String> optionsIn(String help) throws IOException, InterruptedException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process process = new ProcessBuilder(java.toString(), help).redirectErrorStream(true).start();
    List<String> options = new ArrayList<>();
    try (var reader = process.inputReader()) {
      for (String line : reader.readAllLines()) {
        if (line.matches(" {4}-.*")) {
          Matcher matcher = OPTION.matcher(line.strip().split("  ", -1)[0]);
          while (matcher.find()) {
            options.add(matcher.group());
          }
        }
      }
    }
    process.waitFor();
    assertThat(options).hasSizeGreaterThan(15);
    return options;
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aClassPathThatIsLongerThanAnArgumentMayBeReachesAWorker(@TempDir Path folder)
      throws Exception {
    Path awkward = Files.createDirectory(folder.resolve("a b#c\"d'e\\n@f"));
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < 1500; i++) { // at the head: the program's own classes are found last
      parts.add(awkward.resolve("x".repeat(100) + i + ".jar").toString());
    }
    Path tests =
        Files.createSymbolicLink(
            awkward.resolve("tests"), Path.of("target/test-classes").toAbsolutePath());
    parts.add(tests.toString());
    parts.addAll(ParentTest.code().subList(0, 2).stream().map(Path::toString).toList());
    String classPath = String.join(File.pathSeparator, parts);
    assertThat(classPath.length()).isGreaterThan(160_000);
    Path file =
        Files.writeString(
            folder.resolve("arguments"),
            "-Djava.io.tmpdir=" + temporary + "\n-cp\n" + StartFolder.quote(classPath) + "\n",
            StandardCharsets.UTF_8);
    assertThat(parent(List.of("@" + file), "ok")).containsExactly("true", "false");
    assertNothingLeftIn(temporary);
  }

  private static void assertNothingLeftIn(Path temporary) throws IOException {
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(left.filter(path -> path.getFileName().toString().startsWith("aioli"))).isEmpty();
    }
  }

  @Test
  void aLongPropertyReachesAWorkerAsItIs(@TempDir Path folder) throws Exception {
    String value = "\"# \\ \t\n'" + "y".repeat(40_000) + "\\";
    List<String> options = List.of("-Dx.y=" + value, "-cp", classPath());
    assertThat(String.join("\n", parent(options, "property", "x.y"))).isEqualTo(value);
  }

  @Test
  void aFolderForTemporaryFilesThatIsMissingIsNamed(@TempDir Path folder) throws Exception {
    Path missing = folder.resolve("missing");
    List<String> options = List.of("-Djava.io.tmpdir=" + missing, "-cp", classPath());
    assertThat(parent(options, "failure"))
        .singleElement()
        .asString()
        .contains("BrokenProcessPoolException", missing.toString(), "java.io.tmpdir");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aParentThatIsKilledWhileAWorkerStartsLeavesNoFiles(@TempDir Path folder) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process parent =
        new ProcessBuilder(
                java,
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                classPath(),
                Parent.class.getName(),
                "start")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String line;
    try (var reader = parent.inputReader()) {
      line = reader.readLine();
    }
    parent.waitFor();
    long worker = Long.parseLong(line);
    Jobs.awaitEnd(worker);
    assertNothingLeftIn(folder);
  }
}
