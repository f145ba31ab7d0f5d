package dev.aioli.benchmarks.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds programs, and builds our own. */
public final class Programs {
  private Programs() {}

  /** A program on the PATH or else in one of the folders. */
  public static Optional<Path> find(String name, List<String> folders) {
    List<String> all =
        new ArrayList<>(List.of(System.getenv().getOrDefault("PATH", "").split(":", -1)));
    all.addAll(folders);
    return all.stream()
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Has the launcher {@code aioli} build what is out of date. */
  public static void build(Path aioli) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(aioli.toString(), "version")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.waitFor() != 0) {
      throw new IOException(aioli + " version failed");
    }
  }
}
