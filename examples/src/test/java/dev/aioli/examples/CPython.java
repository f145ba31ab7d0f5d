package dev.aioli.examples;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** CPython 3.13, the reference for the order of events, where the machine has it. */
final class CPython {
  private static final String VERSION_CHECK =
      "import platform; print(platform.python_implementation(), platform.python_version())";

  /**
   * A command that starts it: one on the PATH, or one that pyenv has installed; null if neither.
   */
  static final @Nullable String COMMAND = find();

  private CPython() {}

  private static @Nullable String find() {
    for (String candidate : candidates()) {
      try {
        if (run(candidate, "-c", VERSION_CHECK).getFirst().startsWith("CPython 3.13.")) {
          return candidate;
        }
      } catch (IOException | RuntimeException e) {
        // not installed, or a shim for one that is not
      }
    }
    return null;
  }

  private static List<String> candidates() {
    var candidates = new ArrayList<>(List.of("python3.13", "python3"));
    String home = System.getenv("PYENV_ROOT");
    Path pyenv = home == null ? Path.of(System.getProperty("user.home"), ".pyenv") : Path.of(home);
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(pyenv.resolve("versions"), "3.13*")) {
      found.forEach(version -> candidates.add(version.resolve("bin/python3.13").toString()));
    } catch (IOException e) {
      // no pyenv
    }
    return candidates;
  }

  /** Runs it with these arguments and gives the lines that it printed. */
  static List<String> run(String command, String... arguments) throws IOException {
    var line = new ArrayList<>(List.of(command));
    line.addAll(List.of(arguments));
    Path output = Files.createTempFile("python", ".out");
    Path errors = Files.createTempFile("python", ".err");
    try {
      Process python =
          new ProcessBuilder(line)
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
      if (!python.waitFor(60, TimeUnit.SECONDS)) {
        python.destroyForcibly().waitFor();
      }
      if (python.exitValue() != 0) {
        throw new IllegalStateException(
            line + " ended with " + python.exitValue() + ": " + Files.readString(errors));
      }
      return Files.readAllLines(output);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while it ran " + line, e);
    } finally {
      Files.delete(output);
      Files.delete(errors);
    }
  }
}
