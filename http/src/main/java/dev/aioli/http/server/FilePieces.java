package dev.aioli.http.server;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A part of a file in pieces, for connections that cannot pass it on as it is. */
final class FilePieces {
  private static final int PIECE_BYTES = 64 * 1024;

  private FilePieces() {}

  /** Takes the pieces. */
  interface Sink {
    @Suspends
    void write(byte[] piece) throws IOException;
  }

  /**
   * Reads a part, in worker threads, as the sink takes it.
   *
   * @throws IOException if the file cannot be read, or has become shorter
   */
  @Suspends
  static void copy(FileChannel file, ResponseBody.FilePart part, Sink sink) throws IOException {
    long position = part.offset();
    long end = part.offset() + part.length();
    while (position < end) {
      long from = position;
      int size = (int) Math.min(PIECE_BYTES, end - position);
      byte[] piece = new byte[size];
      int read =
          Asyncio.toThread(() -> {
            ByteBuffer buffer = ByteBuffer.wrap(piece);
            while (buffer.hasRemaining() && file.read(buffer, from + buffer.position()) >= 0) {
              // until it is full
            }
            return buffer.position();
          });
      if (read < size) {
        throw new IOException("the file has become shorter while it was sent: " + part.file());
      }
      sink.write(piece);
      position += size;
    }
  }
}
