package dev.aioli.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(60)
class CompletionCommandTest {
  private static final Path BASH = Path.of("/bin/bash");

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(args);
  }

  /** What bash offers for the last of the words. */
  private List<String> completions(String line) throws Exception {
    assumeThat(BASH).as("bash").exists();
    assertThat(run("completion", "bash")).isZero();
    Path script = Files.writeString(folder.resolve("completion"), out.toString());
    String ask =
        """
        compopt() { :; } # of use only to a bash that completes by itself
        source "$0"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
        _complete_aioli
        printf '%s\\n' "${COMPREPLY[@]}"
        """;
    ProcessBuilder bash =
        new ProcessBuilder(BASH.toString(), "--norc", "-c", ask, script.toString());
    bash.command().addAll(List.of(line.split(" ", -1)));
    Process process = bash.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return said.lines().map(String::strip).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "aioli fetch --lim, --limit",
    "aioli fetch --limit 3 --retry-f, --retry-failed",
    "aioli httpbin --po, --port",
    "aioli fe, fetch",
    "aioli completion z, zsh",
  })
  void bashCompletes(String line, String word) throws Exception {
    assertThat(completions(line)).containsExactly(word);
  }

  @Test // picocli's speaks of folders and names that are not ours
  void headIsOurOwn() {
    assertThat(run("completion", "bash")).isZero();
    assertThat(out.toString())
        .startsWith("# Completes the commands and options of aioli")
        .contains("source <(aioli completion bash)", "# Made by aioli ", " with picocli 4.")
        .doesNotContain("YOUR_APP_HOME", "bash_profile", "stackoverflow.com/a/12495480");
  }

  @Test
  void zshTakesTheSameScript() {
    assertThat(run("completion", "zsh")).isZero();
    assertThat(out.toString()).contains("ZSH_VERSION", "bashcompinit", "_complete_aioli");
  }

  @Test
  void anotherShellIsRefused() {
    assertThat(run("completion", "fish")).isEqualTo(2);
    assertThat(err.toString()).contains("expected one of", "bash", "zsh", "'fish'");
  }
}
