package dev.aioli.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

@Timeout(180)
class RegressionTest {
  private final StringWriter out = new StringWriter();

  @Test
  void rowsOverTheirBoundsAreMeasuredTwiceAndThenFail() {
    int exit =
        new CommandLine(new RegressionCommand(Effort.TINY))
            .setOut(new PrintWriter(out, true))
            .execute("--tighten", "1e9");

    assertThat(exit).isEqualTo(1);
    assertThat(out.toString())
        .contains("Over the bound: yield-1, yield-2")
        .contains("Measuring again.")
        .contains("Twice over the bound: yield-1, yield-2");
  }

  @Test
  void everyBoundIsThatOfARow() {
    assertThat(Row.all()).extracting(Row::name).containsAll(RegressionCommand.BOUNDS.keySet());
  }
}
