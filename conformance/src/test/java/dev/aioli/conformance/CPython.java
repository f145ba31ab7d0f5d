package dev.aioli.conformance;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * An installed CPython 3.13, which the reference wants.
 *
 * @param command the executable
 * @param version such as 3.13.0
 */
record CPython(String command, String version) {
  static final String HOW_TO_GET_IT =
      "needs CPython 3.13 and found none: install it (`pyenv install 3.13.0`, or a package python3.13) so that"
          + " `python3.13` is on the PATH or in ~/.pyenv/versions";

  /** The reference itself, 3.13.0, if it is there; else another 3.13. */
  static Optional<CPython> find() {
    List<CPython> found = new ArrayList<>();
    for (String candidate : candidates()) {
      String version = version(candidate);
      if (version.startsWith("3.13.")) {
        found.add(new CPython(candidate, version));
      }
    }
    return found.stream()
        .filter(CPython::isReference)
        .findFirst()
        .or(() -> found.stream().findFirst());
  }

  /** Whether the stored traces are of this very version. */
  boolean isReference() {
    return version.equals("3.13.0");
  }

  /** A command that runs one of this module's Python files. */
  List<String> run(String file, String... arguments) {
    List<String> all =
        new ArrayList<>(List.of(command, "-B", TestedEngine.HOME.resolve(file).toString()));
    all.addAll(List.of(arguments));
    return all;
  }

  private static List<String> candidates() {
    List<String> candidates = new ArrayList<>();
    String pyenv = System.getenv("PYENV_ROOT");
    Path root = pyenv == null ? Path.of(System.getProperty("user.home"), ".pyenv") : Path.of(pyenv);
    if (Files.isDirectory(root.resolve("versions"))) {
      try (DirectoryStream<Path> versions =
          Files.newDirectoryStream(root.resolve("versions"), "3.13*")) {
        versions.forEach(version -> candidates.add(version.resolve("bin/python3.13").toString()));
      } catch (IOException e) {
        // then there is none
      }
    }
    for (String folder : String.valueOf(System.getenv("PATH")).split(File.pathSeparator)) {
      for (String name : List.of("python3.13", "python3")) {
        if (Files.isExecutable(Path.of(folder, name))) {
          candidates.add(Path.of(folder, name).toString());
        }
      }
    }
    return candidates;
  }

  /** The version of an interpreter; empty if it does not work, as a shim of pyenv may not. */
  private static String version(String command) {
    try {
      Process process =
          new ProcessBuilder(command, "-c", "import sys; print(sys.version.split()[0])")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0
          ? answer.strip()
          : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }
}
