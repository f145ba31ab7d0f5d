package dev.aioli.benchmarks.builds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BuildsCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int builds(String... arguments) {
    return new CommandLine(new BuildsCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void folderThatIsNoTreeIsRefused(@TempDir Path folder) {
    assertThat(builds(folder.toString(), "yield-1")).isEqualTo(2);
    assertThat(err.toString())
        .contains("expected a source tree of Aioli")
        .contains("benchmarks/run");
  }

  @Test
  void unknownRowIsRefused(@TempDir Path folder) {
    assertThat(builds(folder.toString(), "yeild-1")).isEqualTo(2);
    assertThat(err.toString()).contains("expected a row, found 'yeild-1'").contains("client-http2");
  }

  @Test
  void unknownEngineIsRefused(@TempDir Path folder) {
    assertThat(builds(folder.toString(), "--engine", "fast")).isEqualTo(2);
    assertThat(err.toString()).contains("--engine expected loop-scheduled, hand-over or bare");
  }
}
