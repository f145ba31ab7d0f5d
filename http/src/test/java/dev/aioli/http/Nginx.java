package dev.aioli.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * An nginx of our own with TLS on a port of the loopback: a server of HTTP/2 that is not ours.
 *
 * <p>{@code /hello} answers "hello" and the query, {@code /empty} 204, {@code /files/} gives the
 * files of its folder and takes them by PUT.
 */
final class Nginx implements AutoCloseable {
  private static final int TRIES = 3000;

  private final Process process;
  private final int port;
  private final SSLContext trusting;
  private final Path folder;

  private Nginx(Process process, int port, SSLContext trusting, Path folder) {
    this.process = process;
    this.port = port;
    this.trusting = trusting;
    this.folder = folder;
  }

  /** Where it is installed; null if it is not. */
  static @Nullable Path program() {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/usr/local/sbin";
    return Stream.of(path.split(":"))
        .map(place -> Path.of(place, "nginx"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  /**
   * Starts one.
   *
   * @param folder empty, for all that it writes
   * @param keys of localhost
   * @param http2 whether it speaks HTTP/2
   * @param directives more for its {@code server} block
   */
  static Nginx start(Path folder, Keys keys, boolean http2, String directives)
      throws Exception {
    Path program = program();
    if (program == null) {
      throw new TestAbortedException("nginx is not installed: HTTP/2 is NOT tested against it");
    }
    Path certificate = keys.certificateFile(folder);
    Path key = keys.keyFile(folder);
    Path files = Files.createDirectories(folder.resolve("files"));
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path configuration = folder.resolve("nginx.conf");
    Files.writeString(
        configuration,
        """
        daemon off;
        master_process off;
        pid %1$s/pid;
        error_log %1$s/error.log;
        events { worker_connections 2048; }
        http {
          access_log off;
          client_body_temp_path %1$s/body;
          client_max_body_size 100m;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          server {
            listen 127.0.0.1:%2$d ssl%3$s;
            ssl_certificate %4$s;
            ssl_certificate_key %5$s;
            %6$s
            location /hello { return 200 "hello $args"; }
            location /empty { return 204; }
            location /files/ { root %1$s; dav_methods PUT; }
          }
        }
        """
            .formatted(folder, port, http2 ? " http2" : "", certificate, key, directives));
    Process process =
        new ProcessBuilder(
                program.toString(), "-p", folder.toString(), "-c", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output.log").toFile())
            .start();
    Nginx nginx = new Nginx(process, port, keys.client(), files);
    nginx.awaitListening(folder);
    return nginx;
  }

  private void awaitListening(Path logs) throws Exception {
    for (int i = 0; i < TRIES && process.isAlive(); i++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return;
      } catch (IOException e) {
        Thread.sleep(10); // it has no other way to say that it is ready
      }
    }
    process.destroyForcibly();
    throw new IOException("nginx does not start: " + Files.readString(logs.resolve("output.log")));
  }

  String url() {
    return "https://localhost:" + port;
  }

  /** For clients that trust its certificate. */
  SSLContext trusting() {
    return trusting;
  }

  /** What {@code /files/} gives. */
  Path folder() {
    return folder;
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }
}
