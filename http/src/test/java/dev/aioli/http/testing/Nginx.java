package dev.aioli.http.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An nginx of the test's own, on ports of its own, in a folder of its own. */
public final class Nginx implements AutoCloseable {
  private final Process process;
  private final int port;
  private final int securePort;

  private Nginx(Process process, int port, int securePort) {
    this.process = process;
    this.port = port;
    this.securePort = securePort;
  }

  /** Where the program is; null if it is not installed. */
  public static @Nullable Path program() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(Stream.of(path.split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
        .map(folder -> Path.of(folder, "nginx"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  /** Starts it with the folder's server.crt and server.key, and what goes into its server block. */
  public static Nginx start(Path folder, String server) throws Exception {
    return start(folder, false, server);
  }

  /** As {@link #start(Path, String)}; over TLS it speaks HTTP/2 if it is to and the client can. */
  public static Nginx start(Path folder, boolean http2, String server) throws Exception {
    Path program = program();
    assertThat(program).isNotNull();
    int port = freePort();
    int securePort = freePort();
    Path config = folder.resolve("nginx.conf");
    Files.writeString(
        config,
        """
        daemon off; master_process off; pid %1$s/pid; error_log %1$s/error.log;
        events { worker_connections 1024; }
        http {
          access_log off; keepalive_requests 1000000;
          client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy; fastcgi_temp_path %1$s/f;
          uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s;
          types { text/plain txt; application/json json; }
          default_type application/octet-stream;
          server {
            listen 127.0.0.1:%2$d; listen 127.0.0.1:%3$d ssl%5$s;
            ssl_certificate %1$s/server.crt; ssl_certificate_key %1$s/server.key;
            root %1$s;
            %4$s
          }
        }
        """
            .formatted(folder, port, securePort, server, http2 ? " http2" : ""));
    Process process =
        new ProcessBuilder(program.toString(), "-p", folder.toString(), "-c", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile())
            .start();
    Nginx nginx = new Nginx(process, port, securePort);
    nginx.awaitListening(List.of(port, securePort), folder);
    return nginx;
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitListening(List<Integer> ports, Path folder) throws Exception {
    for (int each : ports) {
      while (true) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), each)) {
          break;
        } catch (IOException e) {
          if (process.waitFor(10, TimeUnit.MILLISECONDS)) {
            throw new AssertionError("nginx ended: " + Files.readString(folder.resolve("output")));
          }
        }
      }
    }
  }

  public String url() {
    return "http://127.0.0.1:" + port;
  }

  public String secureUrl() {
    return "https://localhost:" + securePort;
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
