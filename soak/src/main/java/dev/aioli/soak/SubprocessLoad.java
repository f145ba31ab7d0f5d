package dev.aioli.soak;

import dev.aioli.net.Stdio;
import dev.aioli.net.Subprocess;
import dev.aioli.net.SubprocessOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;

/** Programs that are fed and read, killed, and left by a task that is cancelled. */
final class SubprocessLoad implements Load {
  private static final SubprocessOptions PIPES = SubprocessOptions.CAPTURE.withStdin(Stdio.PIPE);

  @Override
  public String name() {
    return "subprocesses";
  }

  @Override
  public Duration pause() {
    return Duration.ofMillis(200);
  }

  @Override
  public void step(Random random) throws IOException {
    switch (random.nextInt(3)) {
      case 0 -> killed();
      case 1 -> cancelled(random);
      default -> fed(random);
    }
  }

  private static void fed(Random random) throws IOException {
    byte[] sent = Faults.bytes(100_000, random);
    byte[] got = Subprocess.createSubprocessExec(PIPES, "cat").communicate(sent).stdout();
    Faults.checkEqual(sent, got == null ? new byte[0] : got, "cat");
  }

  private static void killed() throws IOException {
    Subprocess program = Subprocess.createSubprocessExec(SubprocessOptions.CAPTURE, "sleep", "60");
    program.kill();
    if (program.await() != 128 + 9) {
      throw new AssertionError("sleep: expected to be killed, ended with " + program.returncode());
    }
  }

  private static void cancelled(Random random) throws IOException {
    Subprocess program = Subprocess.createSubprocessExec(PIPES, "cat");
    Faults.cancelled(Faults.upTo(10, random), program::await);
    program.terminate();
    program.communicate(null);
  }
}
