package dev.aioli.http.testing;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program of a user's in a JVM of its own, with libraries of the test's choice. */
public final class ChildJvm {
  private ChildJvm() {}

  /** The libraries of this JVM, and ourselves, whether they are modules here or not. */
  public static List<Path> libraries() {
    return Stream.of("jdk.module.path", "java.class.path")
        .map(name -> System.getProperty(name, ""))
        .flatMap(paths -> Arrays.stream(paths.split(File.pathSeparator)))
        .filter(path -> !path.isEmpty())
        .map(Path::of)
        .filter(path -> path.getFileName().toString().matches("classes|.*\\.jar"))
        .distinct()
        .toList();
  }

  /** Runs {@code java ARGUMENTS}, for a minute at most; gives what it says, errors included. */
  public static String java(Path folder, String... arguments) throws Exception {
    return run(folder, "java", arguments);
  }

  /** Runs a tool of this JDK; as {@link #java}. */
  public static String run(Path folder, String tool, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
    command.addAll(List.of(arguments));
    Path said = folder.resolve("said.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
      throw new IOException("expected an end within a minute: " + read(said));
    }
    return read(said);
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
