package dev.aioli.benchmarks.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Pythons of this machine. */
public final class Pythons {
  private static final Pattern NAME = Pattern.compile("python3(\\.\\d+)?");

  private Pythons() {}

  /** A CPython 3.13. */
  static Optional<String> cpython313() {
    return newest(
        "import sys; ok = sys.version_info[:2] == (3, 13) and sys.implementation.name == 'cpython'");
  }

  /** The newest Python that has a module. */
  public static Optional<String> withModule(String module) {
    // The workers use asyncio.Runner, which came with 3.11.
    return newest("import sys, " + module + "; ok = sys.version_info >= (3, 11)");
  }

  private static Optional<String> newest(String test) {
    String script =
        test + "; print('ok %d.%d' % sys.version_info[:2] if ok else 'no', sys.executable)";
    String newest = null;
    int newestMinor = -1;
    for (Path candidate : candidates()) {
      Optional<String> answer = firstLine(List.of(candidate.toString(), "-c", script));
      if (answer.isPresent() && answer.get().startsWith("ok ")) {
        String[] words = answer.get().split(" ", 3);
        int minor = Integer.parseInt(words[1].substring(words[1].indexOf('.') + 1));
        if (minor > newestMinor) {
          newestMinor = minor;
          newest = words[2];
        }
      }
    }
    return Optional.ofNullable(newest);
  }

  private static Set<Path> candidates() {
    List<Path> folders = new ArrayList<>();
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      folders.add(Path.of(folder));
    }
    folders.add(Path.of("/usr/bin"));
    for (Path version : children(Path.of(System.getProperty("user.home"), ".pyenv", "versions"))) {
      folders.add(version.resolve("bin"));
    }
    Set<Path> candidates = new LinkedHashSet<>();
    for (Path folder : folders) {
      for (Path file : children(folder)) {
        if (NAME.matcher(file.getFileName().toString()).matches() && Files.isExecutable(file)) {
          candidates.add(file);
        }
      }
    }
    return candidates;
  }

  private static List<Path> children(Path folder) {
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static Optional<String> firstLine(List<String> command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? output.lines().findFirst() : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
