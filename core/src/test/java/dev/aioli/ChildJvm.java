package dev.aioli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class of the tests in a JVM of its own, on the class path. */
final class ChildJvm {
  static final String OPENS = "--add-opens=java.base/java.lang=ALL-UNNAMED";

  static final String EXPORTS = "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED";

  private static final Path CLASSES = Path.of("target", "classes");
  private static final Path TEST_CLASSES = Path.of("target", "test-classes");

  private ChildJvm() {}

  /** The JVM options for the engine on which the tests of this JVM run. */
  static String[] engine() {
    String option = "-Ddev.aioli.engine=" + Engine.byDefault();
    return switch (Engine.byDefault()) {
      case LOOP_SCHEDULED -> new String[] {OPENS, option};
      case HAND_OVER -> new String[] {option};
      case BARE -> new String[] {OPENS, EXPORTS, option};
    };
  }

  record Result(int exitCode, String output) {}

  /** Waits for its end; its standard output and error come as one text. */
  static Result run(Class<?> main, String... jvmOptions) throws IOException, InterruptedException {
    Process process = start(main, jvmOptions);
    try {
      process.getOutputStream().close();
      return end(process, process.inputReader(StandardCharsets.UTF_8));
    } finally {
      process.destroyForcibly();
    }
  }

  /** Reads on to its end and waits for it. */
  static Result end(Process process, BufferedReader reader)
      throws IOException, InterruptedException {
    String output = reader.readAllAsString();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("the child JVM did not end; it said: " + output);
    }
    return new Result(process.exitValue(), output);
  }

  /** Starts it; its standard output and error are one stream. */
  static Process start(Class<?> main, String... jvmOptions) throws IOException {
    String classPath = CLASSES + System.getProperty("path.separator") + TEST_CLASSES;
    return start(List.of(jvmOptions), List.of("-cp", classPath, main.getName()));
  }

  /** As {@link #start}, but in the module {@code dev.aioli}, with the modules that this needs. */
  static Process startModule(Class<?> main, String... jvmOptions) throws IOException {
    return start(
        List.of(jvmOptions),
        List.of(
            "--module-path",
            CLASSES.toString(),
            "--patch-module",
            "dev.aioli=" + TEST_CLASSES,
            "--module",
            "dev.aioli/" + main.getName()));
  }

  private static Process start(List<String> jvmOptions, List<String> program) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(program);
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }
}
