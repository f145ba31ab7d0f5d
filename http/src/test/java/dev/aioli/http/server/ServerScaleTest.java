package dev.aioli.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.aioli.Asyncio;
import dev.aioli.http.client.HttpClient;
import io.netty.util.ResourceLeakDetector;
import java.io.File;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More connections than is comfortable. */
@Timeout(120)
class ServerScaleTest {
  private static final int IDLE = 10_000;
  private static final int DESCRIPTORS = 150;

  private static String classPath() {
    String modules = Objects.requireNonNullElse(System.getProperty("jdk.module.path"), "");
    return String.join(
        File.pathSeparator, "target/test-classes", modules, System.getProperty("java.class.path"));
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Unlimited counts as many; 0 where nobody tells. */
  private static long maxOpenFiles() {
    try {
      return Files.readAllLines(Path.of("/proc/self/limits")).stream()
          .filter(line -> line.startsWith("Max open files"))
          .map(line -> line.split("\\s+")[3])
          .mapToLong(soft -> soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  @Test
  void tenThousandIdleConnectionsDoNotHurtTheOthers() {
    boolean enough = maxOpenFiles() >= IDLE + 500;
    if (!enough) {
      System.err.println("SKIPPED: ten thousand connections need 'ulimit -n' of " + (IDLE + 500));
    }
    assumeTrue(enough, "'ulimit -n' is too low");
    ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
    try {
      Asyncio.run(() -> {
        try (var server =
                HttpServer.builder()
                    .headerTimeout(Duration.ofMinutes(5))
                    .get("/", request -> ServerResponse.text("ok"))
                    .start("127.0.0.1", 0);
            var http = HttpClient.create()) {
          Process clients =
              new ProcessBuilder(
                      java(),
                      "-cp",
                      classPath(),
                      IdleClients.class.getName(),
                      "" + server.port(),
                      "" + IDLE)
                  .redirectError(ProcessBuilder.Redirect.INHERIT)
                  .start();
          try {
            String line = Asyncio.toThread(() -> clients.inputReader().readLine());
            assertThat(line).isEqualTo("opened " + IDLE);
            while (server.connections() < IDLE) {
              Asyncio.sleep(Duration.ofMillis(1));
            }
            for (int i = 0; i < 100; i++) {
              assertThat(http.get(server.url() + "/").text()).isEqualTo("ok");
            }
            assertThat(server.connections()).isEqualTo(IDLE + 1);
          } finally {
            clients.destroy();
          }
          while (server.connections() > 1) {
            Asyncio.sleep(Duration.ofMillis(1));
          }
          assertThat(http.get(server.url() + "/").text()).isEqualTo("ok");
        }
      });
    } finally {
      ResourceLeakDetector.setLevel(level);
    }
  }

  private static String ask(Socket socket) throws IOException {
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    StringBuilder answer = new StringBuilder();
    while (!answer.toString().endsWith("ok")) {
      int next = socket.getInputStream().read();
      assertThat(next).as("the server closed after %s", answer).isNotNegative();
      answer.append((char) next);
    }
    return answer.toString();
  }

  @Test
  void aServerWithoutDescriptorsServesWhomItHasAndRecovers() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "SKIPPED: there is no /bin/sh");
    Process server =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "ulimit -n " + DESCRIPTORS + " && exec \"$@\"",
                "sh",
                java(),
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens",
                "java.base/java.lang=ALL-UNNAMED",
                "-Ddev.aioli.engine=" + System.getProperty("dev.aioli.engine"),
                "-cp",
                classPath(),
                StarvedServer.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<Socket> sockets = new ArrayList<>();
    try {
      int port = Integer.parseInt(server.inputReader().readLine());
      try (Socket warmUp = new Socket("127.0.0.1", port)) {
        ask(warmUp); // a class that is not loaded yet needs a descriptor, too
      }
      Socket first = new Socket("127.0.0.1", port);
      for (int i = 0; i < 20; i++) {
        assertThat(ask(first)).startsWith("HTTP/1.1 200 OK");
      }
      for (int i = 0; i < DESCRIPTORS; i++) {
        sockets.add(new Socket("127.0.0.1", port)); // the system accepts what the server cannot
      }
      for (int i = 0; i < 20; i++) {
        assertThat(ask(first)).startsWith("HTTP/1.1 200 OK");
      }
      for (Socket socket : sockets) {
        socket.close();
      }
      try (Socket next = new Socket("127.0.0.1", port)) {
        assertThat(ask(next)).startsWith("HTTP/1.1 200 OK");
      }
      first.close();
    } finally {
      server.destroy();
    }
  }
}
