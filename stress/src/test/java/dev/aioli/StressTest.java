package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.openjdk.jcstress.Main;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Runs the stress tests with JCStress. None may show a forbidden outcome, but each whose name ends
 * in "Twin" must: it lacks a guard, and so shows that the test would catch that.
 *
 * <p>JCStress and not Lincheck: the latter's instrumentation has no effect on JDK 25, where it
 * finds not even a lost update.
 */
class StressTest {
  private static final Path DIRECTORY = Path.of(System.getProperty("stress.directory"));
  private static final Pattern ONLY = Pattern.compile(System.getProperty("stress.only"));

  @TestFactory
  Stream<DynamicTest> eachHasItsVerdict() throws IOException, InterruptedException {
    assumeTrue(Runtime.getRuntime().availableProcessors() >= 2, "JCStress needs two processors");
    Map<String, List<TestResult>> results =
        runAll().stream().collect(Collectors.groupingBy(TestResult::getName));
    return TestList.tests().stream()
        .filter(name -> ONLY.matcher(name).find())
        .sorted()
        .map(name ->
            DynamicTest.dynamicTest(
                name.replace("dev.aioli.", ""),
                () -> check(name, results.getOrDefault(name, List.of()))));
  }

  private static void check(String name, List<TestResult> results) {
    assertThat(results).as("results of " + name).isNotEmpty();
    String report = results.stream().map(StressTest::describe).collect(Collectors.joining("\n"));
    System.out.println(report);
    assertThat(results).as(report).allMatch(result -> result.status() == Status.NORMAL);
    if (name.endsWith("Twin")) {
      assertThat(results).as("not caught: " + report).anyMatch(result -> !isPassed(result));
    } else {
      assertThat(results).as(report).allMatch(StressTest::isPassed);
    }
  }

  private static boolean isPassed(TestResult result) {
    return result.grading().isPassed;
  }

  private static String describe(TestResult result) {
    return result.getName()
        + " "
        + result.status()
        + result.getStateKeys().stream()
            .sorted()
            .map(key -> "\n    " + key + ": " + result.getCount(key))
            .collect(Collectors.joining())
        + result.getMessages().stream().map(line -> "\n    " + line).collect(Collectors.joining())
        + result.getVmErr().stream().map(line -> "\n    " + line).collect(Collectors.joining());
  }

  private static List<TestResult> runAll() throws IOException, InterruptedException {
    clear();
    Path log = DIRECTORY.resolve("jcstress.log");
    Process process =
        new ProcessBuilder(command())
            .directory(DIRECTORY.toFile()) // where it leaves its results
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      process.getOutputStream().close();
      process.waitFor(); // the verdict is not its exit code: the twins are meant to fail
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      Path results =
          files
              .filter(file -> file.toString().endsWith(".bin.gz"))
              .findAny()
              .orElseThrow(() -> new AssertionError("JCStress left no results; see " + log));
      InProcessCollector collector = new InProcessCollector();
      DiskReadCollector reader = new DiskReadCollector(results.toString(), collector);
      reader.dump();
      reader.close();
      return List.copyOf(collector.getTestResults());
    } catch (ClassNotFoundException e) {
      throw new IOException(e);
    }
  }

  private static void clear() throws IOException {
    if (Files.exists(DIRECTORY)) {
      try (Stream<Path> files = Files.walk(DIRECTORY)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    Files.createDirectories(DIRECTORY);
  }

  private static List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djava.io.tmpdir=" + DIRECTORY);
    command.add("--enable-native-access=ALL-UNNAMED"); // for its way to the number of processors
    command.add("-cp");
    command.add(classPath());
    command.add(Main.class.getName());
    command.addAll(List.of("-r", DIRECTORY.resolve("report").toString()));
    command.addAll(List.of("-t", ONLY.pattern()));
    command.addAll(List.of(System.getProperty("stress.options").strip().split("\\s+")));
    return command;
  }

  /** Without the folder of main classes, which there are none of: JCStress trips over it. */
  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> Files.exists(Path.of(entry)))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
