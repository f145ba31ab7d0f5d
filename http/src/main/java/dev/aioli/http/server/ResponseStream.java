package dev.aioli.http.server;

import dev.aioli.Suspends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Takes the body of a response piece by piece. For one task at a time. */
public final class ResponseStream {
  private final Sink sink;
  private long written;

  /** Where the pieces go: a connection, or a compressor before it. */
  interface Sink {
    @Suspends
    void write(byte[] bytes) throws IOException;

    @Suspends
    void flush() throws IOException;
  }

  ResponseStream(Sink sink) {
    this.sink = sink;
  }

  /**
   * Sends a piece. Suspends while more than 64 KiB wait for the client to read them, so a slow
   * client slows its handler down and costs no memory. The array must not be changed any more.
   *
   * <p>Cancellation: the piece may have been sent, or not; the body ends here.
   *
   * @throws IOException if the client has gone away
   */
  @Suspends
  public void write(byte[] bytes) throws IOException {
    if (bytes.length > 0) {
      written += bytes.length;
      sink.write(bytes);
    }
  }

  /** As {@link #write(byte[])}, a text in UTF-8. */
  @Suspends
  public void write(String text) throws IOException {
    write(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Suspends until all that was written is in the hands of the operating system.
   *
   * @throws IOException if the client has gone away
   */
  @Suspends
  public void flush() throws IOException {
    sink.flush();
  }

  /** The number of bytes written so far. */
  public long written() {
    return written;
  }
}
