package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    CommandLine command = Main.commandLine();
    command.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(err, true));
    return command.execute(args);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--help", "fetch --help", "httpbin --help", "example --help", "version --help"})
  void helpFitsOnATerminal(String line) {
    assertThat(run(line.split(" "))).isZero();
    assertThat(out.toString()).contains("Usage: aioli");
    assertThat(out.toString().lines()).allMatch(text -> text.length() <= 100);
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void helpOfFetchHasItAll() {
    run("fetch", "--help");
    assertThat(out.toString())
        .contains("--limit=N", "--from=FILE", "--timeout=SECONDS", "--[no-]progress", "{0..11}")
        .contains("Input:", "Requests:", "Display:", "Exit codes:", "Output:", "Examples:", "130");
  }

  @Test
  void withoutACommandItShowsTheHelp() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString()).contains("Commands:", "fetch", "httpbin", "example", "version");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "fetch                           | expected a URL, or --from",
        "fetch --limit 0 http://h/       | --limit: expected 1 or more, was 0",
        "fetch --limit x http://h/       | '--limit'",
        "fetch --timeout 0 http://h/     | --timeout: expected seconds, more than 0, was 0.0",
        "fetch --timeout NaN http://h/   | --timeout: expected seconds",
        "fetch --read-ahead 0 http://h/  | --read-ahead: expected 1 or more, was 0",
        "fetch h/a                       | malformed URL 'h/a'",
        "fetch http://h/{0..3            | position 10: '{' without '}'",
        "fetch {http,ftp}://h/           | malformed URL 'ftp://h/'",
        "fetch --nope http://h/          | Unknown option: '--nope'",
        "fetch --from /no/such/file      | --from: cannot read /no/such/file",
        "fetsh http://h/                 | fetsh",
        "example nope                    | no example 'nope'; there are ",
        "example executor --pool fork    | executor: expected --pool thread or --pool process, was",
      })
  void wrongUsageExitsWith2AndShowsTheUsage(String line, String problem) {
    assertThat(run(line.split(" +"))).isEqualTo(2);
    assertThat(err.toString()).startsWith("aioli: ").contains(problem).contains("Usage: aioli");
    assertThat(err.toString()).contains("--help");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aFolderIsNoInput(@TempDir Path folder) {
    assertThat(run("fetch", "--from", folder.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("--from: cannot read " + folder);
  }

  @Test
  void versionTellsWhatABugReportNeeds() {
    assertThat(run("version")).isZero();
    assertThat(out.toString())
        .containsPattern("aioli   \\d+\\.\\d+\\.\\d+")
        .contains("engine  " + System.getProperty("dev.aioli.engine"))
        .contains("java    " + Runtime.version())
        .contains("system  " + System.getProperty("os.name"));
  }

  @Test
  void listsTheExamples() {
    assertThat(run("example")).isZero();
    assertThat(out.toString()).contains("lock  ", "priority-queue  ");
  }
}
