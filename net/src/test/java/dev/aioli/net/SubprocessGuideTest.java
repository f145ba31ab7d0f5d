package dev.aioli.net;

import static dev.aioli.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.TimeoutException;
import dev.aioli.sync.Semaphore;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

/** The snippets of docs/guide/subprocess.md. */
@ExtendWith(NoLeak.class)
@DisabledOnOs(OS.WINDOWS)
class SubprocessGuideTest {
  private final StringBuilder printed = new StringBuilder();

  private void println(Object text) {
    printed.append(text).append('\n');
  }

  @Test
  void communicate() {
    // region communicate
    run(() -> {
      var options = SubprocessOptions.CAPTURE.withStdin(Stdio.PIPE);
      var process = Subprocess.createSubprocessExec(options, "tr", "a-z", "A-Z");
      var output = process.communicate("hello".getBytes(UTF_8));
      println(output.stdoutText() + ", " + process.returncode());
    });
    // endregion communicate
    assertThat(printed).hasToString("HELLO, 0\n");
  }

  @Test
  void lines() {
    // region lines
    run(() -> {
      var process =
          Subprocess.createSubprocessShell(
              SubprocessOptions.CAPTURE.withStderr(Stdio.STDOUT), "echo one; echo two >&2");
      for (byte[] line : process.stdout()) { // as they come
        println(new String(line, UTF_8).strip());
      }
      println(process.await());
    });
    // endregion lines
    assertThat(printed).hasToString("one\ntwo\n0\n");
  }

  @Test
  void kill() {
    run(() -> {
      // region kill
      var process = Subprocess.createSubprocessExec(SubprocessOptions.CAPTURE, "sleep", "1000");
      try {
        timeout(Duration.ofMillis(50), () -> process.communicate(null));
      } catch (TimeoutException e) {
        println("too slow");
      } finally {
        process.kill(); // does nothing if it has ended
      }
      println(process.await()); // 128 + 9
      // endregion kill
    });
    assertThat(printed).hasToString("too slow\n137\n");
  }

  @Test
  void limit() {
    // region limit
    run(() -> {
      var limit = new Semaphore(10);
      var outputs =
          gather(
              IntStream.range(0, 30)
                  .mapToObj(n ->
                      task(() -> {
                        try (var permit = limit.acquire()) {
                          var process =
                              Subprocess.createSubprocessExec(
                                  SubprocessOptions.CAPTURE, "expr", "" + n, "*", "" + n);
                          return process.communicate(null).stdoutText().strip();
                        }
                      }))
                  .toList());
      println(outputs.getLast());
    });
    // endregion limit
    assertThat(printed).hasToString("841\n");
  }
}
