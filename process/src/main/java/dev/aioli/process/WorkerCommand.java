package dev.aioli.process;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
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
  /**
   * Where a JVM takes further options from. Those that matter are among this JVM's own and so are
   * passed on; no others.
   */
  private static final List<String> OPTIONS_IN_ENVIRONMENT =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  /** Options of this JVM that the code may depend on; WorkerCommandTest has the others. */
  static final List<String> INHERITED =
      List.of(
          "-D",
          "-ea",
          "-da",
          "-esa",
          "-dsa",
          "-enableassertions",
          "-disableassertions",
          "-enablesystemassertions",
          "-disablesystemassertions",
          "-Xbootclasspath/a",
          "-Xss",
          "-Xverify",
          "--add-exports",
          "--add-modules",
          "--add-opens",
          "--add-reads",
          "--enable-native-access",
          "--enable-preview",
          "--enable-final-field-mutation",
          "--finalization",
          "--illegal-final-field-mutation",
          "--illegal-native-access",
          "--limit-modules",
          "--patch-module",
          "--sun-misc-unsafe-memory-access",
          "--upgrade-module-path");

  private static final Redirect EMPTY =
      Redirect.from(new File(File.separatorChar == '/' ? "/dev/null" : "NUL"));

  /** Options of this JVM that only one process at a time can have: they open a port. */
  private static final List<String> NOT_INHERITED =
      List.of("-Dcom.sun.management.", "-Djava.rmi.server.");

  /** More characters than this go into a file. A system takes at least 32,000 in a command. */
  private static final int MOST_CHARACTERS = 8_000;

  static WorkerCommand of(Settings settings, StartFolder folder) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    List<String> inherited = inherited();
    addOwn(inherited, settings);
    command.addAll(inFileIfLong(inherited, folder, "inherited"));
    command.addAll(settings.jvmOptions());
    command.addAll(inFileIfLong(code(), folder, "code"));
    command.add(folder.socket().toString());
    return new WorkerCommand(List.copyOf(command), settings.environment());
  }

  /** How to start the process. */
  ProcessBuilder builder() {
    ProcessBuilder builder = new ProcessBuilder(arguments);
    builder.environment().keySet().removeAll(OPTIONS_IN_ENVIRONMENT);
    builder.environment().putAll(environment);
    // Empty for native code and for the programs that a job starts, too.
    return builder.redirectInput(EMPTY);
  }

  /**
   * This process may have been given more than a command line takes: by an argument file, by a
   * class path with wildcards, by the manifest of a jar.
   */
  private static List<String> inFileIfLong(List<String> arguments, StartFolder folder, String name)
      throws IOException {
    int length = arguments.stream().mapToInt(String::length).sum();
    return length <= MOST_CHARACTERS ? arguments : List.of(folder.argumentFile(name, arguments));
  }

  private static List<String> inherited() {
    List<String> inherited = new ArrayList<>();
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (INHERITED.stream().anyMatch(option::startsWith)
          && NOT_INHERITED.stream().noneMatch(option::startsWith)) {
        inherited.add(option);
      }
    }
    return inherited;
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

  private static List<String> code() {
    List<String> code = new ArrayList<>();
    String classPath = System.getProperty("java.class.path", "");
    if (!classPath.isEmpty()) {
      code.add("-cp");
      code.add(classPath);
    }
    String modulePath = System.getProperty("jdk.module.path", "");
    if (!modulePath.isEmpty()) {
      code.add("-p");
      code.add(modulePath);
    }
    Module module = WorkerCommand.class.getModule();
    if (!module.isNamed()) {
      addManifestOptions(code, classPath);
      code.add(WorkerMain.class.getName());
      return code;
    }
    code.add("--add-modules");
    code.add(
        ModuleLayer.boot().modules().stream()
            .map(Module::getName)
            .sorted()
            .collect(Collectors.joining(",")));
    code.add("-m");
    code.add(module.getName() + "/" + WorkerMain.class.getName());
    return code;
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
