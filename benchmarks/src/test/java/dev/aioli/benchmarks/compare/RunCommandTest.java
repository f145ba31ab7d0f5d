package dev.aioli.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(120)
class RunCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new RunCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void chosenRowsOfChosenSystemsAreMeasured(@TempDir Path folder) throws Exception {
    Path json = folder.resolve("results.jsonl");

    int exit = run("--tiny", "--json", json.toString(), "aioli", "limit", "yield-*");

    assertThat(exit).as(err.toString()).isZero();
    assertThat(Files.readAllLines(json))
        .hasSize(4)
        .allSatisfy(line -> assertThat(line).startsWith("{\"system\":\""));
    assertThat(out.toString()).contains("| yield-2 |").doesNotContain("semaphore");
  }

  @Test
  void millionTasksAreNotHandedOverUnlessThatIsAskedFor(@TempDir Path folder) throws Exception {
    Path all = folder.resolve("all.jsonl");
    Path named = folder.resolve("named.jsonl");

    run("--tiny", "--json", all.toString(), "timers@1000000");
    run("--tiny", "--json", named.toString(), "aioli-hand-over", "timers@1000000");

    assertThat(Files.readString(all))
        .contains("\"system\":\"aioli\"")
        .doesNotContain("\"system\":\"aioli-hand-over\"");
    assertThat(Files.readString(named)).contains("\"system\":\"aioli-hand-over\"");
  }

  @Test
  void fileThatCannotBeWrittenIsAnErrorBeforeAnythingIsMeasured(@TempDir Path folder) {
    int exit = run("--tiny", "--json", folder.resolve("no/such").toString(), "aioli", "yield-1");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString())
        .contains("--json expected a file that can be written")
        .doesNotContain("measured yield-1");
  }

  @Test
  void unknownNameIsAnError() {
    int exit = run("semaphor");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).contains("expected a system or a row, found 'semaphor'; see --list");
  }

  @Test
  void listNamesSystemsAndRows() {
    assertThat(run("--list")).isZero();
    assertThat(out.toString()).contains("  kotlin-default\n").contains("  timers@1000000\n");
  }
}
