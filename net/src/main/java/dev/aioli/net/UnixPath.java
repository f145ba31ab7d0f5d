package dev.aioli.net;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The file that a listening unix-domain socket has. */
final class UnixPath {
  private static final Logger LOG = System.getLogger("dev.aioli.net");

  private final Path path;
  private @Nullable Object made;

  UnixPath(Path path) {
    this.path = path;
  }

  /** Removes a socket that nobody may listen on any more; a file of another kind stays. */
  void removeStale() throws IOException {
    try {
      if (attributes().isOther()) {
        Files.delete(path);
      }
    } catch (NoSuchFileException e) {
      // the usual case
    }
  }

  /** Remembers the file as ours. */
  void made() throws IOException {
    made = attributes().fileKey();
  }

  /** Removes the file unless it is another one by now. */
  void remove() {
    try {
      if (made != null && Objects.equals(attributes().fileKey(), made)) {
        Files.delete(path);
      }
    } catch (NoSuchFileException e) {
      // somebody was faster
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot remove the socket " + path, e);
    }
  }

  private BasicFileAttributes attributes() throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }
}
