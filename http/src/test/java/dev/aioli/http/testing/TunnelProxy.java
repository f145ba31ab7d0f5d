package dev.aioli.http.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** An HTTP proxy that makes tunnels, to ports of this machine whatever the host. */
public final class TunnelProxy implements AutoCloseable {
  private static final String ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n";

  private final ScriptedServer server;
  private final List<String> heads = new CopyOnWriteArrayList<>();

  private TunnelProxy(@Nullable SSLContext tls, String answer, @Nullable String credentials)
      throws IOException {
    ScriptedServer.Script script = (number, client) -> serve(client, answer, credentials);
    server = tls == null ? ScriptedServer.start(script) : ScriptedServer.startTls(tls, script);
  }

  public static TunnelProxy start() throws IOException {
    return new TunnelProxy(null, ESTABLISHED, null);
  }

  /** One that is spoken to by TLS. */
  public static TunnelProxy startTls(SSLContext tls) throws IOException {
    return new TunnelProxy(tls, ESTABLISHED, null);
  }

  /** One that announces a tunnel in words of its own. */
  public static TunnelProxy announcing(String answer) throws IOException {
    return new TunnelProxy(null, answer, null);
  }

  /**
   * One that wants to know who asks.
   *
   * @param credentials user, colon and password, in Base64
   */
  public static TunnelProxy demanding(String credentials) throws IOException {
    return new TunnelProxy(null, ESTABLISHED, credentials);
  }

  private void serve(ScriptedServer.Peer client, String answer, @Nullable String credentials)
      throws IOException {
    String head = client.readHead();
    heads.add(head);
    if (!head.startsWith("CONNECT ")) {
      client.send("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n");
    } else if (credentials != null && !head.contains(": Basic " + credentials + "\r\n")) {
      client.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    } else {
      client.send(answer);
      String target = head.split(" ")[1];
      relay(client, Integer.parseInt(target.substring(target.lastIndexOf(':') + 1)));
    }
  }

  /** Passes bytes on between a client and a port, until one of them closes. */
  public static void relay(ScriptedServer.Peer client, int port) throws IOException {
    try (Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
      Thread back = Thread.ofPlatform().daemon().start(() -> copy(server, client));
      client.in().transferTo(server.getOutputStream());
      server.shutdownOutput();
      back.join();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static void copy(Socket server, ScriptedServer.Peer client) {
    try {
      server.getInputStream().transferTo(client.out());
      client.endOutput();
    } catch (IOException e) {
      // one of the two is gone
    }
  }

  public int port() {
    return server.port();
  }

  public int connections() {
    return server.connections();
  }

  /** What it was asked for, in order. */
  public List<String> heads() {
    return heads;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
