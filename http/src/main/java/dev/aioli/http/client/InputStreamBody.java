package dev.aioli.http.client;

import dev.aioli.Suspends;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** A stream as a body. Reading it may block, so worker threads do. */
final class InputStreamBody implements RequestBody {
  private final InputStream stream;
  private final long length;

  InputStreamBody(InputStream stream, long length) {
    this.stream = Objects.requireNonNull(stream, "stream");
    this.length = length;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public boolean repeatable() {
    return false;
  }

  @Override
  @Suspends
  public void writeTo(BodySink sink) throws IOException {
    try (stream) {
      Workers.copy(stream, sink);
    }
  }
}
