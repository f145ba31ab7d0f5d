package dev.aioli.net;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Signals that the JDK cannot send. */
final class Signals {
  private Signals() {}

  @Suspends
  static void send(Process process, int signal) throws IOException {
    if (signal <= 0) {
      throw new IllegalArgumentException("expected a signal > 0, found " + signal);
    }
    Opening.await(Asyncio.runInExecutor(() -> kill(process, signal)));
  }

  private static void kill(Process process, int signal) throws IOException, InterruptedException {
    if (!process.isAlive()) {
      return; // its number may be another's by now
    }
    Process kill =
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
            .redirectErrorStream(true)
            .start();
    kill.getOutputStream().close();
    String complaint = new String(kill.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (kill.waitFor() != 0 && process.isAlive()) {
      throw new IOException("cannot send signal " + signal + ": " + complaint.strip());
    }
  }
}
