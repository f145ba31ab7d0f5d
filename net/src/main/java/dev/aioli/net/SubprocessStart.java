package dev.aioli.net;

import dev.aioli.Asyncio;
import dev.aioli.Suspends;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Starts a process in a worker thread; one that nobody waits for any more is killed. */
final class SubprocessStart {
  private static final Object ABANDONED = new Object();

  private final ProcessBuilder builder;

  /** The process, or that it is not wanted: whichever came first. */
  private final AtomicReference<@Nullable Object> outcome = new AtomicReference<>();

  SubprocessStart(SubprocessOptions options, List<String> command) {
    builder = new ProcessBuilder(command).redirectInput(options.stdin().forInput());
    builder.redirectOutput(options.stdout().forOutput("stdout"));
    if (options.stderr() == Stdio.STDOUT) {
      builder.redirectErrorStream(true);
    } else {
      builder.redirectError(options.stderr().forOutput("stderr"));
    }
    if (options.cwd() != null) {
      builder.directory(options.cwd().toFile());
    }
    if (options.env() != null) {
      builder.environment().clear();
      builder.environment().putAll(options.env());
    }
  }

  @Suspends
  Process await() throws IOException {
    boolean delivered = false;
    try {
      Process process = Opening.await(Asyncio.runInExecutor(null, this::start));
      delivered = true;
      return process;
    } finally {
      if (!delivered && outcome.getAndSet(ABANDONED) instanceof Process process) {
        process.destroyForcibly();
      }
    }
  }

  private Process start() throws IOException {
    Process process = builder.start();
    if (!outcome.compareAndSet(null, process)) {
      process.destroyForcibly();
    }
    return process;
  }
}
