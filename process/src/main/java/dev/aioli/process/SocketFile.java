package dev.aioli.process;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The name under which a starting worker finds its pool: in a directory that only this user may
 * enter, and gone once the worker is connected.
 */
record SocketFile(Path path) implements Closeable {
  /** The shortest limit among the systems for the address of a unix socket, with room to spare. */
  private static final int MOST_BYTES = 100;

  static SocketFile create() throws IOException {
    SocketFile file = in(Files.createTempDirectory("aioli-"));
    if (file.fits()) {
      return file;
    }
    file.close();
    file = in(Files.createTempDirectory(Path.of("/tmp"), "aioli-"));
    return file;
  }

  private static SocketFile in(Path directory) {
    return new SocketFile(directory.toAbsolutePath().resolve("s"));
  }

  private boolean fits() {
    return path.toString().getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES;
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(path);
    Path directory = path.getParent();
    if (directory != null) {
      Files.deleteIfExists(directory);
    }
  }
}
