package dev.aioli.benchmarks.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** An nginx of our own: one worker, one short body, connections that stay open. */
final class Nginx implements AutoCloseable {
  /** 300 bytes of JSON. */
  static final String BODY = "{\"args\":{\"a\":\"1\"},\"filler\":\"" + "x".repeat(300 - 30) + "\"}";

  private static final int START_SECONDS = 10;
  private static final int POLL_MILLIS = 20;

  private final Path folder;
  private final Process process;
  private final int port;

  /** Where it speaks HTTP/2, without TLS; 0 for nowhere. */
  private final int http2Port;

  private Nginx(Path folder, Process process, int port, int http2Port) {
    this.folder = folder;
    this.process = process;
    this.port = port;
    this.http2Port = http2Port;
  }

  /** The program, on the PATH or where Debian has it. */
  static Optional<Path> find() {
    return Programs.find("nginx", List.of("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"));
  }

  /** Starts it and waits until it answers. */
  static Nginx start(Path program) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("aioli-nginx");
    int port = freePort();
    int http2Port = speaksHttp2(program) ? freePort() : 0;
    Path settings = folder.resolve("nginx.conf");
    Files.writeString(settings, configuration(folder, port, http2Port));
    Process process =
        new ProcessBuilder(
                program.toString(),
                "-p",
                folder.toString(),
                "-e",
                folder.resolve("error.log").toString(),
                "-c",
                settings.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(folder.resolve("stderr.log").toFile())
            .start();
    Nginx nginx = new Nginx(folder, process, port, http2Port);
    try {
      nginx.awaitStart();
    } catch (IOException | InterruptedException e) {
      nginx.close();
      throw e;
    }
    return nginx;
  }

  /** A build may leave that out. */
  private static boolean speaksHttp2(Path program) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(program.toString(), "-V").redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output.contains("http_v2_module");
  }

  private static String configuration(Path folder, int port, int http2Port) {
    StringBuilder temporary = new StringBuilder();
    for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
      temporary.append("  %s_temp_path %s/%s;\n".formatted(kind, folder, kind));
    }
    String http2 =
        http2Port == 0
            ? ""
            : "listen 127.0.0.1:" + http2Port + " http2; http2_max_concurrent_streams 1024;";
    return """
    daemon off;
    master_process off;
    worker_processes 1;
    pid %1$s/nginx.pid;
    events { worker_connections 4096; }
    http {
    %2$s
      access_log off;
      keepalive_requests 1000000000;
      keepalive_timeout 600s;
      default_type application/json;
      server {
        listen 127.0.0.1:%3$d backlog=4096;
        %5$s
        location / { return 200 '%4$s'; }
      }
    }
    """
        .formatted(folder, temporary, port, BODY, http2);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitStart() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IOException(
            "nginx did not start: " + Files.readString(folder.resolve("stderr.log")).strip());
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), POLL_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Where it answers. */
  String url() {
    return "http://127.0.0.1:" + port + "/";
  }

  /** Where it speaks HTTP/2 without TLS and without being asked first, if it can. */
  Optional<String> http2Url() {
    return http2Port == 0 ? Optional.empty() : Optional.of("http://127.0.0.1:" + http2Port + "/");
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
