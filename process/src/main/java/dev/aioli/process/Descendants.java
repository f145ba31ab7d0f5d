package dev.aioli.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The programs that a process has started, and those that they have. */
final class Descendants {
  private Descendants() {}

  /** Those that live now. To find out that there are none is cheap where Linux tells. */
  static List<ProcessHandle> of(ProcessHandle process) {
    try {
      return mayHaveChildren(process.pid()) ? process.descendants().toList() : List.of();
    } catch (RuntimeException | OutOfMemoryError e) {
      return List.of(); // what is short here must not hold up the kill
    }
  }

  /**
   * To look through all processes of the system takes 10 ms, and this may be the turn of a loop.
   */
  private static boolean mayHaveChildren(long pid) {
    Path threads = Path.of("/proc", Long.toString(pid), "task");
    try (DirectoryStream<Path> all = Files.newDirectoryStream(threads)) {
      for (Path thread : all) {
        if (!Files.readString(thread.resolve("children")).isBlank()) {
          return true;
        }
      }
      return false;
    } catch (IOException | RuntimeException e) {
      return true; // not this system, or a thread has ended meanwhile
    }
  }
}
