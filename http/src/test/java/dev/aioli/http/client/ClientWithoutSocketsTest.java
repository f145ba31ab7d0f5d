package dev.aioli.http.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerResponse;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** In a JVM with few file descriptors, all of which are taken. */
@Timeout(120)
@EnabledOnOs(OS.LINUX)
class ClientWithoutSocketsTest {
  @Test
  void requestsFailAtOnceAndTheErrorSaysWhatHelps() throws Exception {
    Path binary = Path.of(System.getProperty("java.home"), "bin", "java");
    Process child =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "ulimit -n 250; exec \"$0\" \"$@\"",
                binary.toString(),
                "-cp",
                String.join(
                    File.pathSeparator,
                    "target/test-classes",
                    System.getProperty("java.class.path"),
                    Objects.requireNonNullElse(System.getProperty("jdk.module.path"), "")),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-MaxFDLimit",
                "-Ddev.aioli.engine=" + System.getProperty("dev.aioli.engine"),
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                Program.class.getName())
            .redirectErrorStream(true)
            .start();
    child.onExit().orTimeout(90, TimeUnit.SECONDS).whenComplete((_, _) -> child.destroyForcibly());
    child.getOutputStream().close();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(output)
        .containsPattern("http: .*ConnectFailed: cannot connect to .*Too many open files.*ulimit")
        .containsPattern("https: .*ConnectFailed: cannot connect to .*Too many open files.*ulimit")
        .containsPattern("ws: .*ConnectFailed: cannot connect to .*Too many open files.*ulimit")
        .contains("afterwards: 200");
  }

  /** What the test runs. */
  static final class Program {
    private Program() {}

    private interface Ask {
      Object ask() throws Exception;
    }

    public static void main(String[] args) {
      Asyncio.run(() -> Asyncio.timeout(Duration.ofSeconds(60), () -> ask()));
    }

    private static void ask() throws Exception {
      Class.forName("dev.aioli.net.SocketRefusal"); // from a folder that takes descriptors
      try (var server =
          HttpServer.builder()
              .get("/", request -> ServerResponse.text("fine"))
              .start("127.0.0.1", 0)) {
        askAll(server.port()); // which loads what it takes, for successes
        askAll(1); // and for failures
        List<Closeable> hoard = new ArrayList<>();
        try (var http = HttpClient.builder().insecure().build()) {
          String authority = "127.0.0.1:" + server.port();
          takeAllDescriptors(hoard);
          tell("http", () -> http.get("http://" + authority).status());
          tell("https", () -> http.get("https://" + authority).status());
          tell("ws", () -> http.webSocket("ws://" + authority));
          for (Closeable each : hoard) {
            each.close();
          }
          tell("afterwards", () -> http.get("http://" + authority).status());
        }
      }
    }

    private static void askAll(int port) {
      try (var http = HttpClient.builder().insecure().build()) {
        tell("first", () -> http.get("http://127.0.0.1:" + port).status());
        tell("first", () -> http.get("https://127.0.0.1:" + port).status());
        tell("first", () -> http.webSocket("ws://127.0.0.1:" + port));
      }
    }

    /** Again and again for a while, since what was closed takes its time. */
    private static void takeAllDescriptors(List<Closeable> hoard) {
      int attempts = 20;
      while (attempts > 0) {
        try {
          hoard.add(Files.newInputStream(Path.of("/dev/null")));
        } catch (IOException e) {
          attempts--;
          Asyncio.sleep(Duration.ofMillis(10));
        }
      }
    }

    private static void tell(String what, Ask ask) {
      try {
        IO.println(what + ": " + ask.ask());
      } catch (Exception e) {
        IO.println(what + ": " + e);
      }
    }
  }
}
