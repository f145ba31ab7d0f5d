package dev.aioli.examples;

import static dev.aioli.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.aioli.net.StreamReader;
import dev.aioli.net.StreamWriter;
import dev.aioli.net.Streams;
import java.io.IOException;

/**
 * A server that sends every line back, and a client that talks to it: one loop, one thread, a task
 * for each connection.
 *
 * <pre>{@code
 * $ ./aioli example echo
 * server: connected
 * client: hello
 * client: world
 * server: the client has closed
 * client: the server has closed
 * }</pre>
 */
public final class EchoExample {
  private EchoExample() {}

  /** Runs the example. */
  public static void main(String[] args) {
    run(EchoExample::program);
  }

  static void program() throws IOException {
    try (var server = Streams.startServer(EchoExample::serve, "127.0.0.1", 0)) {
      try (var connection = Streams.openConnection("127.0.0.1", server.port())) {
        talk(connection.reader(), connection.writer());
      }
      server.close();
      server.waitClosed();
    }
  }

  /** Runs in a task of its own for each connection. */
  private static void serve(StreamReader reader, StreamWriter writer) throws IOException {
    IO.println("server: connected");
    try (writer) {
      for (byte[] line : reader) {
        writer.write(line);
        writer.drain(); // waits while the client is slower than we are
      }
      IO.println("server: the client has closed");
    }
  }

  private static void talk(StreamReader reader, StreamWriter writer) throws IOException {
    for (String word : new String[] {"hello\n", "world\n"}) {
      writer.write(word.getBytes(UTF_8));
      IO.print("client: " + new String(reader.readline(), UTF_8));
    }
    writer.writeEof();
    reader.read();
    IO.println("client: the server has closed");
  }
}
