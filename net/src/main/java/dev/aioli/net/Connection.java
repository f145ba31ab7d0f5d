package dev.aioli.net;

/**
 * The two ends of a stream that was opened.
 *
 * @param reader what comes in
 * @param writer what goes out
 */
public record Connection(StreamReader reader, StreamWriter writer) implements AutoCloseable {
  /** Closes the connection when all bytes are sent, as {@link StreamWriter#close}. */
  @Override
  public void close() {
    writer.close();
  }
}
