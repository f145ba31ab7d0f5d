package dev.aioli.benchmarks.compare;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A source tree of Aioli that is built: one side of a comparison of two.
 *
 * @param name what the tables call it
 * @param root the tree's folder
 * @param classPath with its benchmarks and all that they need
 */
public record Build(String name, Path root, String classPath) {
  /** The tree that this program is from. */
  public static Build ofThisProgram(String name, Path home) {
    Path root = home.resolve("..").toAbsolutePath().normalize();
    return new Build(name, root, System.getProperty("java.class.path"));
  }

  /**
   * Another tree, which is built first if need be.
   *
   * @throws IOException if it is none, or cannot be built
   */
  public static Build of(String name, Path root) throws IOException, InterruptedException {
    Path launcher = root.resolve("benchmarks/run").toAbsolutePath();
    if (!Files.isExecutable(launcher)) {
      throw new IOException(
          "expected a source tree of Aioli, found no benchmarks/run in " + root.toAbsolutePath());
    }
    Process process =
        new ProcessBuilder(launcher.toString(), "--list").redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("could not build " + root + ": " + output.strip());
    }
    return new Build(name, root, classPath(root));
  }

  private static String classPath(Path root) {
    Stream<Path> classes =
        Stream.of("benchmarks", "core", "net", "http")
            .map(module -> root.resolve(module).resolve("target/classes"));
    return Stream.concat(classes, Stream.of(root.resolve("benchmarks/target/lib/*")))
        .map(path -> path.toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** What finds the systems of this tree. */
  public Systems systems(List<String> jvmOptions) {
    return new Systems(root.resolve("benchmarks"), jvmOptions, classPath);
  }
}
