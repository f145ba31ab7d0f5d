package dev.aioli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class of the tests in a JVM of its own, on the class path. */
final class ChildJvm {
  static final String OPENS = "--add-opens=java.base/java.lang=ALL-UNNAMED";

  private ChildJvm() {}

  record Result(int exitCode, String output) {}

  /** Waits for its end; its standard output and error come as one text. */
  static Result run(Class<?> main, String... jvmOptions) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(jvmOptions));
    command.add("-cp");
    command.add(
        String.join(
            System.getProperty("path.separator"),
            Path.of("target", "classes").toString(),
            Path.of("target", "test-classes").toString()));
    command.add(main.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        throw new AssertionError("the child JVM did not end; it said: " + output);
      }
      return new Result(process.exitValue(), output);
    } finally {
      process.destroyForcibly();
    }
  }
}
