package dev.aioli.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The results of an earlier run, to which those of this one are appended. The lines of an entry are
 * counted: what was asked for three times and answered twice is asked for once more.
 *
 * <p>A last line that is cut off, as after {@code kill -9}, is removed; one that only lacks its end
 * gets it. So are NULs at the end, which file systems leave when the whole system goes down. A file
 * that holds anything else is not touched.
 */
final class ResumeFile implements Closeable {
  /** Null if there is none and none shall be made. */
  private final @Nullable FileChannel file;

  private final EarlierResults earlier;
  private final long removedNuls;

  private ResumeFile(@Nullable FileChannel file, EarlierResults earlier, long removedNuls) {
    this.file = file;
    this.earlier = earlier;
    this.removedNuls = removedNuls;
  }

  /**
   * Opens a file, or makes one, and reads it.
   *
   * @param retryFailed whether failures do not count as results
   * @param readOnly whether it is left as it is
   * @throws IOException if it cannot be read or written, another process writes to it, or what is
   *     in it are not results: the message says so
   */
  static ResumeFile open(Path path, boolean retryFailed, boolean readOnly) throws IOException {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new IOException("expected a file, found something else at " + path);
    }
    if (readOnly && !Files.exists(path)) {
      return new ResumeFile(null, new EarlierResults(retryFailed), 0);
    }
    FileChannel file =
        readOnly
            ? FileChannel.open(path)
            : FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (!readOnly) {
        lock(file, path);
      }
      EarlierResults earlier = new EarlierResults(retryFailed);
      long end = earlier.read(file, path);
      if (!readOnly) {
        cutAt(file, end);
      }
      return new ResumeFile(file, earlier, readOnly ? 0 : earlier.nuls());
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static void lock(FileChannel file, Path path) throws IOException {
    try {
      if (file.tryLock() != null) {
        return; // until it is closed
      }
    } catch (OverlappingFileLockException thisProcess) {
      // said below
    }
    throw new IOException("another process writes to " + path);
  }

  private static void cutAt(FileChannel file, long end) throws IOException {
    file.truncate(end);
    file.position(end);
    if (end > 0) {
      file.write(ByteBuffer.wrap(new byte[] {'\n'}));
    }
  }

  /** How many NULs there were at its end, and are no more. */
  long removedNuls() {
    return removedNuls;
  }

  /** Whether it holds a result for this entry that has not been counted for an equal one. */
  boolean take(Entry entry) {
    return earlier.take(entry);
  }

  /** Where results are appended. */
  OutputStream out() {
    if (file == null) {
      throw new IllegalStateException("expected to be opened for writing");
    }
    return Channels.newOutputStream(file);
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
