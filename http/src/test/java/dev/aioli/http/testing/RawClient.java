package dev.aioli.http.testing;

import dev.aioli.Asyncio;
import dev.aioli.http.server.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A client that sends bytes as it is told. Its methods wait in a worker thread. */
public final class RawClient implements AutoCloseable {
  private final Socket socket;

  private RawClient(Socket socket) {
    this.socket = socket;
  }

  public static RawClient connect(HttpServer server) {
    return new RawClient(Asyncio.toThread(() -> new Socket("127.0.0.1", server.port())));
  }

  /**
   * One that speaks TLS to "localhost", whose end of output is a close_notify only.
   *
   * @param protocols what it speaks, the best first, if the server may choose
   */
  public static RawClient connectTls(HttpServer server, SSLContext trust, String... protocols) {
    return new RawClient(
        Asyncio.toThread(() -> {
          Socket below = new Socket("127.0.0.1", server.port());
          SSLSocket socket =
              (SSLSocket)
                  trust.getSocketFactory().createSocket(below, "localhost", server.port(), false);
          SSLParameters parameters = socket.getSSLParameters();
          parameters.setApplicationProtocols(protocols);
          socket.setSSLParameters(parameters);
          socket.startHandshake();
          return socket;
        }));
  }

  /** One whose window is small, so that it is soon full. */
  public static RawClient connectSlowly(HttpServer server) {
    return new RawClient(
        Asyncio.toThread(() -> {
          Socket socket = new Socket();
          socket.setReceiveBufferSize(32 * 1024);
          socket.connect(server.address());
          return socket;
        }));
  }

  /** Sends bytes on a connection of its own and gives all that comes back until it is closed. */
  public static String talk(HttpServer server, String request) {
    try (RawClient client = connect(server)) {
      client.send(request);
      return client.readAll();
    }
  }

  /**
   * As {@link #talk}, with a server that may close before it has read all: the system then resets
   * the connection, after what the server had said.
   */
  public static String talkUntilReset(HttpServer server, String request) {
    try (RawClient client = connect(server)) {
      return Asyncio.toThread(() -> client.exchangeUntilReset(request));
    }
  }

  private String exchangeUntilReset(String request) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    } catch (SocketException e) {
      // it has closed already: what it said is still there
    }
    try {
      InputStream in = socket.getInputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        answer.write(next);
      }
    } catch (SocketException e) {
      // the end
    }
    return answer.toString(StandardCharsets.ISO_8859_1);
  }

  public void send(String text) {
    Asyncio.toThread(() -> {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      return true;
    });
  }

  public void shutdownOutput() {
    Asyncio.toThread(() -> socket.shutdownOutput());
  }

  /** All until the server closes. */
  public String readAll() {
    return Asyncio.toThread(
        () -> new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
  }

  /** All until a text has come, and with it. */
  public String readUntil(String end) {
    return Asyncio.toThread(() -> {
      StringBuilder text = new StringBuilder();
      InputStream in = socket.getInputStream();
      while (text.indexOf(end) < 0) {
        int next = in.read();
        if (next < 0) {
          throw new IOException("expected '" + end + "', the server closed after: " + text);
        }
        text.append((char) next);
      }
      return text.toString();
    });
  }

  public byte[] readBytes(int count) {
    return Asyncio.toThread(() -> socket.getInputStream().readNBytes(count));
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
