package dev.aioli.http.client;

import dev.aioli.Suspends;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** A file as a body. The file system may block, so worker threads ask it. */
final class FileBody implements RequestBody {
  private final Path file;

  FileBody(Path file) {
    this.file = Objects.requireNonNull(file, "file");
  }

  @Override
  @Suspends
  public long length() throws IOException {
    return Workers.call(() -> Files.size(file));
  }

  @Override
  @Suspends
  public void writeTo(BodySink sink) throws IOException {
    try (InputStream in = Workers.call(() -> Files.newInputStream(file))) {
      Workers.copy(in, sink);
    }
  }

  @Override
  public String toString() {
    return "FileBody[" + file + "]";
  }
}
