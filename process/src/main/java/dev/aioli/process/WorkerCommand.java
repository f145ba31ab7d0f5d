package dev.aioli.process;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/**
 * The command that starts a worker: the same Java as this one, with the same code.
 *
 * @param arguments the command and its arguments
 * @param environment variables to set
 */
record WorkerCommand(List<String> arguments, Map<String, String> environment) {
  /** Where a JVM takes further options from. We pass on those that matter, and no others. */
  private static final List<String> OPTIONS_IN_ENVIRONMENT =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  /** Options of this JVM that the code may depend on. */
  private static final List<String> INHERITED =
      List.of(
          "-D",
          "-ea",
          "-da",
          "-esa",
          "-dsa",
          "-enableassertions",
          "-disableassertions",
          "-Xbootclasspath/a",
          "--add-exports",
          "--add-opens",
          "--add-reads",
          "--enable-native-access",
          "--enable-preview",
          "--enable-final-field-mutation",
          "--illegal-final-field-mutation",
          "--illegal-native-access",
          "--patch-module",
          "--sun-misc-unsafe-memory-access",
          "--upgrade-module-path");

  /** Options of this JVM that only one process at a time can have: they open a port. */
  private static final List<String> NOT_INHERITED =
      List.of("-Dcom.sun.management.", "-Djava.rmi.server.");

  static WorkerCommand of(Settings settings, Path socket) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    addInherited(command);
    addOwn(command, settings);
    command.addAll(settings.jvmOptions());
    addCode(command);
    command.add(socket.toString());
    return new WorkerCommand(List.copyOf(command), settings.environment());
  }

  Process start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(arguments);
    builder.environment().keySet().removeAll(OPTIONS_IN_ENVIRONMENT);
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static void addInherited(List<String> command) {
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (INHERITED.stream().anyMatch(option::startsWith)
          && NOT_INHERITED.stream().noneMatch(option::startsWith)) {
        command.add(option);
      }
    }
  }

  private static void addOwn(List<String> command, Settings settings) {
    command.add("-XX:+ExitOnOutOfMemoryError");
    command.add("-XX:+DisplayVMOutputToStderr");
    if (settings.jvmOptions().stream().noneMatch(option -> option.matches("-XX:[+]Use.*GC"))) {
      command.add("-XX:+UseSerialGC");
    }
    // What the worker prints is written as it is to our own outputs.
    command.add("-Dstdout.encoding=" + System.out.charset());
    command.add("-Dstderr.encoding=" + System.err.charset());
  }

  private static void addCode(List<String> command) {
    String classPath = System.getProperty("java.class.path", "");
    Module module = WorkerCommand.class.getModule();
    if (!classPath.isEmpty()) {
      command.add("-cp");
      command.add(classPath);
    }
    if (!module.isNamed()) {
      addManifestOptions(command, classPath);
      command.add(WorkerMain.class.getName());
      return;
    }
    String modulePath = System.getProperty("jdk.module.path", "");
    if (!modulePath.isEmpty()) {
      command.add("-p");
      command.add(modulePath);
    }
    command.add("--add-modules");
    command.add(
        ModuleLayer.boot().modules().stream()
            .map(Module::getName)
            .sorted()
            .collect(Collectors.joining(",")));
    command.add("-m");
    command.add(module.getName() + "/" + WorkerMain.class.getName());
  }

  /** {@code java -jar} obeys what the manifest says of options; {@code java -cp} does not. */
  private static void addManifestOptions(List<String> command, String classPath) {
    if (!classPath.endsWith(".jar")
        || classPath.contains(File.pathSeparator)
        || !Files.isRegularFile(Path.of(classPath))) {
      return;
    }
    try (JarFile jar = new JarFile(classPath)) {
      Manifest manifest = jar.getManifest();
      if (manifest != null) {
        addManifestOptions(command, manifest.getMainAttributes());
      }
    } catch (IOException e) {
      // The worker will say what is wrong with it.
    }
  }

  private static void addManifestOptions(List<String> command, Attributes attributes) {
    for (String option : List.of("Add-Opens", "Add-Exports")) {
      String packages = attributes.getValue(option);
      if (packages != null) {
        for (String name : packages.trim().split("\\s+", -1)) {
          command.add("--" + option.toLowerCase(Locale.ROOT) + "=" + name + "=ALL-UNNAMED");
        }
      }
    }
    String nativeAccess = attributes.getValue("Enable-Native-Access");
    if (nativeAccess != null) {
      command.add("--enable-native-access=" + nativeAccess.trim());
    }
  }
}
