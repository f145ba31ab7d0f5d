package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ctrl-C in a JVM of its own. */
class ControlCTest {
  private static final long SIGINT_BIT = 1L << 1;

  /** A shell gives a job in the background an ignored SIGINT, and its JVMs inherit that. */
  @BeforeEach
  void skipWhereSigintIsIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    assumeTrue(Files.exists(status), "needs /proc to see whether SIGINT is ignored");
    long ignored =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
            .findFirst()
            .orElse(0);
    if ((ignored & SIGINT_BIT) != 0) {
      System.err.println("NOT TESTED: Ctrl-C, since SIGINT is ignored here: run in the foreground");
    }
    assumeTrue((ignored & SIGINT_BIT) == 0, "SIGINT is ignored here");
  }

  /** Waits for Ctrl-C, cleans up, and says how the run ended. */
  static final class Waits {
    public static void main(String[] args) {
      try {
        Asyncio.run(() -> {
          System.out.println("ready");
          try {
            Asyncio.sleep(Duration.ofDays(1));
          } finally {
            Asyncio.sleep(Duration.ofMillis(1));
            System.out.println("cleaned up");
          }
        });
      } catch (KeyboardInterrupt e) {
        System.out.println("KeyboardInterrupt");
      }
    }
  }

  /** Does not want to end. */
  static final class Refuses {
    public static void main(String[] args) {
      Asyncio.run(() -> {
        System.out.println("ready");
        while (true) {
          try {
            Asyncio.sleep(Duration.ofDays(1));
          } catch (CancelledError e) {
            System.out.println("refused");
          }
        }
      });
    }
  }

  private static void press(Process process) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
  }

  private static void readUntil(BufferedReader reader, String expected) throws IOException {
    String line = reader.readLine();
    while (line != null && !line.equals(expected)) {
      line = reader.readLine();
    }
    assertThat(line).isEqualTo(expected);
  }

  @Test // R4
  void firstOneCancelsTheMainTaskWhichCleansUp() throws Exception {
    Process process = ChildJvm.start(Waits.class);
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      readUntil(reader, "ready");
      press(process);
      ChildJvm.Result result = ChildJvm.end(process, reader);
      assertThat(result.output()).isEqualToIgnoringNewLines("cleaned upKeyboardInterrupt");
      assertThat(result.exitCode()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test // R4
  void secondOneEndsTheJvmAtOnce() throws Exception {
    Process process = ChildJvm.start(Refuses.class);
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      readUntil(reader, "ready");
      press(process);
      readUntil(reader, "refused");
      press(process);
      assertThat(ChildJvm.end(process, reader).exitCode()).isEqualTo(130);
    } finally {
      process.destroyForcibly();
    }
  }
}
