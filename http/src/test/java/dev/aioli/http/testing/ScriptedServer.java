package dev.aioli.http.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that plays a script on each connection, byte for byte, on threads of its own. */
public final class ScriptedServer implements AutoCloseable {
  private final ServerSocket listening;
  private final Script script;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final AtomicInteger connections = new AtomicInteger();

  public interface Script {
    /** Plays on the connection with the given number, from 0; it is closed at the end. */
    void play(int number, Peer client) throws IOException;
  }

  /** The client as the script sees it. */
  public record Peer(Socket socket, InputStream in, OutputStream out) {
    /** Reads to the end of a head and gives it; empty if the client has closed. */
    public String readHead() throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          return "";
        }
        head.append((char) next);
      }
      return head.toString();
    }

    public void send(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }

    /** Says that nothing will follow, and goes on reading. */
    public void endOutput() throws IOException {
      socket.shutdownOutput();
    }

    /** Waits until the client closes. */
    public void awaitEnd() throws IOException {
      while (in.read() >= 0) {
        // whatever it sends
      }
    }
  }

  private ScriptedServer(Script script) throws IOException {
    this.script = script;
    listening = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().start(this::accept);
  }

  public static ScriptedServer start(Script script) throws IOException {
    return new ScriptedServer(script);
  }

  /** A server that answers each first request of a connection with these bytes, and closes. */
  public static ScriptedServer answering(String response) throws IOException {
    return start((number, client) -> {
      client.readHead();
      client.send(response);
    });
  }

  public String url() {
    return "http://127.0.0.1:" + listening.getLocalPort();
  }

  public int port() {
    return listening.getLocalPort();
  }

  public int connections() {
    return connections.get();
  }

  private void accept() {
    while (true) {
      try {
        Socket socket = listening.accept();
        sockets.add(socket);
        int number = connections.getAndIncrement();
        Thread.ofPlatform().daemon().start(() -> play(number, socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void play(int number, Socket socket) {
    try (socket) {
      script.play(
          number,
          new Peer(
              socket, new BufferedInputStream(socket.getInputStream()), socket.getOutputStream()));
    } catch (IOException e) {
      // the client went away, which some scripts provoke
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
