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
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A server that plays a script on each connection, byte for byte, on threads of its own. */
public final class ScriptedServer implements AutoCloseable {
  private final ServerSocket listening;
  private final Script script;
  private final @Nullable SSLContext tls;
  private final String[] protocols;
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

  private ScriptedServer(Script script, @Nullable SSLContext tls, String... protocols)
      throws IOException {
    this.script = script;
    this.tls = tls;
    this.protocols = protocols;
    listening = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().start(this::accept);
  }

  public static ScriptedServer start(Script script) throws IOException {
    return new ScriptedServer(script, null);
  }

  /**
   * One behind TLS. The end of its output is a close_notify only: its sockets stay open until the
   * script ends.
   *
   * @param protocols what it speaks, if clients may choose
   */
  public static ScriptedServer startTls(SSLContext tls, Script script, String... protocols)
      throws IOException {
    return new ScriptedServer(script, tls, protocols);
  }

  /** A server that answers each first request of a connection with these bytes, and closes. */
  public static ScriptedServer answering(String response) throws IOException {
    return start((number, client) -> {
      client.readHead();
      client.send(response);
    });
  }

  public String url() {
    return tls == null
        ? "http://127.0.0.1:" + listening.getLocalPort()
        : "https://localhost:" + listening.getLocalPort();
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
    try (socket;
        Socket talking = tls == null ? socket : secured(socket, tls)) {
      script.play(
          number,
          new Peer(
              talking,
              new BufferedInputStream(talking.getInputStream()),
              talking.getOutputStream()));
    } catch (IOException e) {
      // the client went away, which some scripts provoke
    }
  }

  private Socket secured(Socket socket, SSLContext context) throws IOException {
    // In a layer of its own, which ends without that below.
    SSLSocket secure =
        (SSLSocket)
            context.getSocketFactory().createSocket(socket, "localhost", socket.getPort(), false);
    secure.setUseClientMode(false);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setApplicationProtocols(protocols);
    secure.setSSLParameters(parameters);
    return secure;
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
