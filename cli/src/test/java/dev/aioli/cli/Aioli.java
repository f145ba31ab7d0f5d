package dev.aioli.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The command in a JVM of its own, on the engine that the test runs on. */
final class Aioli implements AutoCloseable {
  private final Process process;
  private final Path stderr;

  private Aioli(Process process, Path stderr) {
    this.process = process;
    this.stderr = stderr;
  }

  static Aioli start(Path folder, String... args) throws IOException {
    return start(folder, List.of(), args);
  }

  static Aioli start(Path folder, List<String> jvmOptions, String... args) throws IOException {
    List<String> command = command(jvmOptions);
    command.addAll(List.of(args));
    return start(folder, command);
  }

  /** In a line of the shell, to which "$@" is the command. */
  static Aioli startIn(Path folder, String line, String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", line, "sh"));
    command.addAll(command(List.of()));
    command.addAll(List.of(args));
    return start(folder, command);
  }

  private static Aioli start(Path folder, List<String> command) throws IOException {
    Path stderr = Files.createTempFile(folder, "stderr", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(stderr.toFile());
    return new Aioli(builder.start(), stderr);
  }

  /** How to start it; the arguments come after this. */
  static List<String> command(List<String> jvmOptions) {
    List<String> command = new ArrayList<>(defaultSignals());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-Ddev.aioli.engine=" + System.getProperty("dev.aioli.engine"));
    command.addAll(List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", classPath(), Main.class.getName()));
    return command;
  }

  /** The tests may run with Ctrl-C ignored, as what a script starts in the background does. */
  private static List<String> defaultSignals() {
    return Files.isExecutable(Path.of("/usr/bin/env")) && new File("/proc").isDirectory()
        ? List.of("/usr/bin/env", "--default-signal=INT")
        : List.of();
  }

  private static String classPath() {
    String modules = Objects.requireNonNullElse(System.getProperty("jdk.module.path"), "");
    return modules + File.pathSeparator + System.getProperty("java.class.path");
  }

  Process process() {
    return process;
  }

  void type(String text) throws IOException {
    process.outputWriter(UTF_8).write(text);
    process.outputWriter(UTF_8).flush();
  }

  void endOfInput() throws IOException {
    process.outputWriter(UTF_8).close();
  }

  String readLine() throws IOException {
    return Objects.requireNonNull(process.inputReader(UTF_8).readLine(), "end of output");
  }

  /** The rest of stdout. */
  List<String> readLines() {
    return process.inputReader(UTF_8).lines().toList();
  }

  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("aioli does not end");
    }
    return process.exitValue();
  }

  String stderr() throws IOException {
    return Files.readString(stderr);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
