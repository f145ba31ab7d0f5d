package dev.aioli.soak;

import static dev.aioli.Asyncio.sleep;

import dev.aioli.net.Stdio;
import dev.aioli.net.Subprocess;
import dev.aioli.net.SubprocessOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

/** The command {@code aioli fetch}, which fetches all that it should or is killed meanwhile. */
final class FetchLoad implements Load {
  private static final int URLS = 200;

  private final String pattern;

  FetchLoad(Servers servers) {
    pattern = servers.url() + "/hello?n={1.." + URLS + "}";
  }

  @Override
  public String name() {
    return "fetch";
  }

  /** It takes a second of a processor's time to start. */
  @Override
  public Duration pause() {
    return Duration.ofSeconds(5);
  }

  @Override
  public void step(Random random) throws IOException {
    Subprocess fetch =
        Subprocess.createSubprocessExec(
            SubprocessOptions.CAPTURE.withStderr(Stdio.DEVNULL),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.aioli.cli.Main",
            "fetch",
            "--limit",
            "8",
            pattern);
    if (random.nextInt(4) == 0) {
      sleep(Faults.upTo(1500, random));
      fetch.kill();
      fetch.communicate(null);
      return;
    }
    long lines = fetch.communicate(null).stdoutText().lines().count();
    if (lines != URLS || fetch.await() != 0) {
      throw new AssertionError(
          "fetch: expected "
              + URLS
              + " lines and status 0, got "
              + lines
              + " and "
              + fetch.returncode());
    }
  }
}
