package dev.aioli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The pool in a program of its own: how it finds its code, and what it leaves behind. */
@Timeout(120)
@ExtendWith(NoProcessLeft.class)
class ParentTest {
  /** How long workers may live on without their parent. */
  private static final Duration NO_ORPHAN_AFTER = Duration.ofSeconds(2);

  /** When a busy machine has kept even that from being seen. */
  private static final Duration GIVE_UP_AFTER = Duration.ofSeconds(60);

  private static Path classes(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  /** The code of core, of this module and of its tests. */
  static List<Path> code() throws URISyntaxException {
    Path main = Path.of("target", "classes").toAbsolutePath();
    Path tests = Path.of("target", "test-classes").toAbsolutePath();
    return List.of(classes(dev.aioli.EventLoop.class), main, tests);
  }

  static String classPath() throws URISyntaxException {
    return String.join(File.pathSeparator, code().stream().map(Path::toString).toList());
  }

  private static Process java(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    return builder.start();
  }

  private static List<String> output(Process process) throws Exception {
    try (BufferedReader reader = process.inputReader()) {
      List<String> lines = reader.readAllLines();
      assertThat(process.waitFor()).isZero();
      return lines;
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void worksOnAClassPath() throws Exception {
    assertThat(output(java("-cp", classPath(), Parent.class.getName(), "ok")))
        .containsExactly("true", "false");
  }

  @Test
  void worksOnAModulePath() throws Exception {
    List<Path> code = code();
    Process process =
        java(
            "-p",
            code.get(0) + File.pathSeparator + code.get(1),
            "--patch-module",
            "dev.aioli.process=" + code.get(2),
            "-m",
            "dev.aioli.process/" + Parent.class.getName(),
            "ok");
    assertThat(output(process)).containsExactly("true", "true");
  }

  @Test
  void worksInAJarWhoseManifestNamesTheOthers(@TempDir Path directory) throws Exception {
    Path jar = directory.resolve("program with a space.jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Parent.class.getName());
    manifest.getMainAttributes().put(new Attributes.Name("Add-Opens"), "java.base/java.lang");
    manifest
        .getMainAttributes()
        .put(
            Attributes.Name.CLASS_PATH,
            String.join(" ", code().stream().map(path -> path.toUri().toString()).toList()));
    new JarOutputStream(Files.newOutputStream(jar), manifest).close();
    assertThat(output(java("-jar", jar.toString(), "ok"))).containsExactly("true", "false");
  }

  @Test
  void workersOfAKilledParentEnd() throws Exception {
    int rounds = Math.max(3, Integer.getInteger("dev.aioli.stress", 0) / 10);
    Duration shortest = GIVE_UP_AFTER;
    for (int round = 0; round < rounds; round++) {
      Process parent = java("-cp", classPath(), Parent.class.getName(), "hang");
      try (BufferedReader reader = parent.inputReader()) {
        List<Long> pids = pids(reader);
        parent.destroyForcibly();
        Duration taken = awaitNoneLeft(pids);
        shortest = taken.compareTo(shortest) < 0 ? taken : shortest;
      } finally {
        parent.destroyForcibly();
      }
    }
    assertThat(shortest).isLessThan(NO_ORPHAN_AFTER);
  }

  @Test
  void workersOfAParentThatForgotToCloseEnd() throws Exception {
    Process parent = java("-cp", classPath(), Parent.class.getName(), "exit");
    try (BufferedReader reader = parent.inputReader()) {
      List<Long> pids = pids(reader);
      parent.getOutputStream().close();
      assertThat(parent.waitFor()).isZero();
      awaitNoneLeft(pids);
    } finally {
      parent.destroyForcibly();
    }
  }

  private static List<Long> pids(BufferedReader reader) throws IOException {
    return List.of(Long.parseLong(reader.readLine()), Long.parseLong(reader.readLine()));
  }

  /** Waits until all have ended; returns how long that took. */
  private static Duration awaitNoneLeft(List<Long> pids) throws InterruptedException {
    long start = System.nanoTime();
    Duration taken = Duration.ZERO;
    while (taken.compareTo(GIVE_UP_AFTER) < 0 && pids.stream().anyMatch(Jobs::isAlive)) {
      Thread.sleep(10); // there is nothing to wait on: they are not children of ours
      taken = Duration.ofNanos(System.nanoTime() - start);
    }
    try {
      assertThat(pids).noneMatch(Jobs::isAlive);
      return taken;
    } finally {
      pids.forEach(Jobs::kill);
    }
  }

  @Test
  void workersStartUnderLoad() throws Exception {
    List<Thread> load =
        Stream.generate(() -> Thread.ofPlatform().daemon().start(ParentTest::spin))
            .limit(4)
            .toList();
    try (var pool = ProcessPoolExecutor.create(4)) {
      List<Integer> numbers = Stream.iterate(0, n -> n + 1).limit(40).toList();
      assertThat(pool.map((Integer n) -> n + 1, numbers, 1).get())
          .isEqualTo(numbers.stream().map(n -> n + 1).toList());
    } finally {
      load.forEach(Thread::interrupt);
    }
  }

  private static void spin() {
    while (!Thread.currentThread().isInterrupted()) {
      Thread.onSpinWait();
    }
  }
}
