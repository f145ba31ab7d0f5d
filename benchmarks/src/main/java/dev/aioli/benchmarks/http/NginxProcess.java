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

/** An nginx of our own, with one worker, in a folder of its own that ends with it. */
public final class NginxProcess implements AutoCloseable {
  private static final int START_SECONDS = 10;
  private static final int POLL_MILLIS = 20;

  private final Path folder;
  private final Process process;

  private NginxProcess(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
  }

  /** The program, on the PATH or where Debian has it. */
  public static Optional<Path> find() {
    return Programs.find("nginx", List.of("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"));
  }

  /** A folder for {@link #start}, which deletes it at the end. */
  public static Path newFolder() throws IOException {
    return Files.createTempDirectory("aioli-nginx");
  }

  /**
   * Starts it and waits until it answers.
   *
   * @param http what comes into the block {@code http} of its configuration
   * @param port one on which it listens
   */
  public static NginxProcess start(Path program, Path folder, String http, int port)
      throws IOException, InterruptedException {
    Path settings = folder.resolve("nginx.conf");
    Files.writeString(settings, configuration(folder, http));
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
    NginxProcess nginx = new NginxProcess(folder, process);
    try {
      nginx.awaitStart(port);
    } catch (IOException | InterruptedException e) {
      nginx.close();
      throw e;
    }
    return nginx;
  }

  /** Whether a build has a module: it may leave one out. */
  public static boolean hasModule(Path program, String module)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(program.toString(), "-V").redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output.contains(module);
  }

  private static String configuration(Path folder, String http) {
    StringBuilder temporary = new StringBuilder();
    for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
      temporary.append("  %s_temp_path %s/%s;\n".formatted(kind, folder, kind));
    }
    return """
    daemon off;
    master_process off;
    worker_processes 1;
    pid %1$s/nginx.pid;
    events { worker_connections 4096; }
    http {
    %2$s
      keepalive_requests 1000000000;
      keepalive_timeout 600s;
      default_type application/json;
    %3$s
    }
    """
        .formatted(folder, temporary, http);
  }

  /** A port that nobody has at the moment. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitStart(int port) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!answers(port)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IOException(
            "nginx did not start: " + Files.readString(folder.resolve("stderr.log")).strip());
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), POLL_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
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
