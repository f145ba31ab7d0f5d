package dev.aioli.process;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * What a starting worker needs on disk: the name under which it finds its pool, and arguments that
 * are too long for a command line. In a directory that only this user may enter, and gone once the
 * worker is connected: the pool removes it, and so does the worker, since the pool's process may be
 * killed meanwhile.
 */
record StartFolder(Path path) implements Closeable {
  /** The shortest limit among the systems for the address of a unix socket, with room to spare. */
  private static final int MOST_BYTES = 100;

  private static final List<String> NAMES = List.of("s", "inherited", "code");

  static StartFolder create() throws IOException {
    StartFolder folder = new StartFolder(newDirectory());
    if (folder.fits()) {
      return folder;
    }
    folder.close();
    return new StartFolder(Files.createTempDirectory(Path.of("/tmp"), "aioli-"));
  }

  private static Path newDirectory() throws IOException {
    try {
      return Files.createTempDirectory("aioli-").toAbsolutePath();
    } catch (NoSuchFileException e) {
      NoSuchFileException clearer =
          new NoSuchFileException(
              System.getProperty("java.io.tmpdir"),
              null,
              "expected the folder for temporary files, found none; create it, or set"
                  + " -Djava.io.tmpdir");
      clearer.initCause(e);
      throw clearer;
    }
  }

  private boolean fits() {
    return socket().toString().getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES;
  }

  /** The address of the pool's socket. */
  Path socket() {
    return path.resolve("s");
  }

  /**
   * Writes an argument file of the launcher's and returns what names it on a command line.
   *
   * @param name {@code inherited} or {@code code}
   */
  String argumentFile(String name, List<String> arguments) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String argument : arguments) {
      text.append(quote(argument)).append('\n');
    }
    Path file = path.resolve(name);
    // The launcher takes the bytes as they are, as the system takes those of a command line.
    Charset charset = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    Files.write(file, text.toString().getBytes(charset));
    return "@" + file;
  }

  /** Inside quotes everything stands for itself, except a backslash and what ends the quotes. */
  static String quote(String argument) {
    return "\""
        + argument
            .replace("\\", "\\\\")
            .replace("\"", "\\\"")
            .replace("\n", "\\n")
            .replace("\r", "\\r")
        + "\"";
  }

  @Override
  public void close() {
    try {
      for (String name : NAMES) {
        Files.deleteIfExists(path.resolve(name));
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // Then it stays until somebody cleans the temporary files up.
    }
  }
}
