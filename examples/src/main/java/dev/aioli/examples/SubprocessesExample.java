package dev.aioli.examples;

import static dev.aioli.Asyncio.*;

import dev.aioli.net.Subprocess;
import dev.aioli.net.SubprocessOptions;
import dev.aioli.sync.Semaphore;
import java.io.IOException;
import java.util.stream.IntStream;

/**
 * Thirty programs to run, ten at a time: a semaphore has ten permits, and a task holds one while
 * its program runs.
 *
 * <pre>{@code
 * $ ./aioli example subprocesses
 * 0 squared is 0
 * 29 squared is 841
 * programs: 30
 * at a time: 10
 * }</pre>
 */
public final class SubprocessesExample {
  private static int running;
  private static int most;

  private SubprocessesExample() {}

  /** Runs the example. */
  public static void main(String[] args) {
    running = 0;
    most = 0;
    run(SubprocessesExample::program);
  }

  static void program() {
    var limit = new Semaphore(10);
    var lines = gather(IntStream.range(0, 30).mapToObj(n -> task(() -> square(n, limit))).toList());
    IO.print(lines.getFirst());
    IO.print(lines.getLast());
    IO.println("programs: " + lines.size());
    IO.println("at a time: " + most);
  }

  private static String square(int n, Semaphore limit) throws IOException {
    try (var permit = limit.acquire()) {
      running++;
      most = Math.max(most, running);
      try {
        var process =
            Subprocess.createSubprocessShell(
                SubprocessOptions.CAPTURE, "echo %d squared is $((%d * %d))".formatted(n, n, n));
        return process.communicate(null).stdoutText(); // other tasks run meanwhile
      } finally {
        running--;
      }
    }
  }
}
