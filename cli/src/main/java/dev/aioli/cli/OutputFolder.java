package dev.aioli.cli;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import dev.aioli.http.client.StreamedResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * A folder that gets a file for each body. A file is there when it is complete: until then it has
 * another name, {@code .aioli-*.part}. No file that is there already is touched.
 *
 * <p>Used in the turn of the loop; the disk is written to outside of it.
 */
final class OutputFolder {
  private static final int WRITE_BYTES = 64 * 1024;

  /** For so many names it is known which number is free; for others all are tried. */
  private static final int REMEMBERED_NAMES = 10_000;

  private final Path folder;
  private final String run;
  private final Map<String, Integer> lastNumbers =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
          return size() > REMEMBERED_NAMES;
        }
      };
  private long started;

  /** A folder that exists. */
  OutputFolder(Path folder) {
    this(folder, UUID.randomUUID().toString()); // in containers every process has the same number
  }

  /**
   * A folder that exists.
   *
   * @param run tells the names of unfinished files from those of other runs
   */
  OutputFolder(Path folder, String run) {
    this.folder = folder;
    this.run = run;
  }

  /**
   * Writes to a folder, and leaves nothing there: permissions do not tell all.
   *
   * @throws IOException if that fails
   */
  static void tryOut(Path folder) throws IOException {
    Files.delete(Files.createTempFile(folder, ".aioli-", ".part"));
  }

  /**
   * What was stored.
   *
   * @param name the file's name in the folder
   * @param bytes its length
   */
  record Stored(String name, long bytes) {}

  /**
   * Stores a body as it arrives.
   *
   * <p>Cancellation: nothing is left of it.
   *
   * @param wantedName what {@link SafeFileName} gives
   * @throws BodyTooLargeException if it is longer than {@code maxBytes}
   * @throws IOException if the file cannot be written
   */
  @Suspends
  Stored store(String wantedName, StreamedResponse body, long maxBytes) throws IOException {
    Path part = folder.resolve(".aioli-" + run + "-" + started++ + ".part");
    OutputStream file = Files.newOutputStream(part, StandardOpenOption.CREATE_NEW);
    boolean complete = false; // from here on the file is ours to delete
    try {
      long bytes = receive(file, body, maxBytes);
      String name = Asyncio.blocking(() -> rename(part, wantedName));
      complete = true;
      return new Stored(name, bytes);
    } finally {
      if (!complete) {
        Files.deleteIfExists(part);
      }
    }
  }

  @Suspends
  private static long receive(OutputStream part, StreamedResponse body, long maxBytes)
      throws IOException {
    ByteArrayOutputStream buffer = new ByteArrayOutputStream();
    BodyCounter counter = new BodyCounter(maxBytes);
    try (OutputStream file = part) {
      byte[] chunk;
      while ((chunk = body.read()) != null) {
        counter.add(chunk.length);
        buffer.writeBytes(chunk);
        if (buffer.size() >= WRITE_BYTES) {
          Asyncio.blocking(() -> flush(buffer, file));
        }
      }
      Asyncio.blocking(() -> flush(buffer, file));
    }
    return counter.bytes();
  }

  private static void flush(ByteArrayOutputStream buffer, OutputStream file) throws IOException {
    buffer.writeTo(file);
    buffer.reset();
  }

  /**
   * Gives the file the first name that is free: {@code a.txt}, {@code a-2.txt}, {@code a-3.txt}.
   */
  private String rename(Path part, String wanted) throws IOException {
    int number;
    synchronized (lastNumbers) {
      number = lastNumbers.getOrDefault(wanted, 0) + 1;
    }
    while (true) {
      String name = SafeFileName.numbered(wanted, number);
      Path file = folder.resolve(name);
      try {
        Files.createFile(file); // reserves the name: a rename would replace what is there
      } catch (FileAlreadyExistsException e) {
        number++;
        continue;
      }
      try {
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException | RuntimeException e) {
        Files.deleteIfExists(file);
        throw e;
      }
      if (number > 1) {
        synchronized (lastNumbers) {
          lastNumbers.put(wanted, number);
        }
      }
      return name;
    }
  }
}
