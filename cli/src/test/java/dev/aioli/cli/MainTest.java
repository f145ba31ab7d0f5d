package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.EventLoop;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
      strings = {
        "--help",
        "fetch --help",
        "httpbin --help",
        "example --help",
        "version --help",
        "completion --help"
      })
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
        .contains("Input:", "Requests:", "Limits and retries:", "Output:", "Display:")
        .contains("Exit codes:", "More examples:", "130");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "fetch --help"})
  void helpBeginsWithThreeRecipes(String line) {
    run(line.split(" "));
    List<String> lines = out.toString().lines().toList();
    assertThat(lines.subList(2, 5)).allMatch(recipe -> recipe.startsWith("  aioli "));
    assertThat(lines.subList(2, 5)).allMatch(recipe -> recipe.length() <= TextLines.WIDTH);
    assertThat(lines.get(6)).startsWith("Usage: aioli");
  }

  @Test
  void theListOfCommandsHasALineForEach() {
    run("--help");
    assertThat(out.toString()).containsPattern("(?m)^  fetch +Fetch many URLs.*priority\\.$");
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
        "fetch --limit 0 http://h/       | --limit: expected an integer >= 1, found '0'",
        "fetch --limit abc http://h/     | --limit: expected an integer >= 1, found 'abc'",
        "fetch --limit                   | --limit: expected N, found nothing",
        "completion                      | aioli: expected SHELL, found nothing",
        "completion fish                 | SHELL: expected one of [bash, zsh], found 'fish'",
        "fetch --limit 3 --limit 4 h     | --limit: expected once, found '3' and '4'",
        "fetch -A a -k --user-agent=b h  | --user-agent: expected once, found 'a' and 'b'",
        "fetch -k --insecure http://h/   | --insecure: expected once, found more than once",
        "fetch --timeout 0 http://h/     | --timeout: expected seconds > 0, such as 0.5, found '0'",
        "fetch --timeout NaN http://h/   | --timeout: expected seconds > 0, such as 0.5, found 'NaN'",
        "fetch --read-ahead 0 http://h/  | --read-ahead: expected an integer >= 1, found '0'",
        "fetch --retries -1 http://h/    | --retries: expected an integer >= 0, found '-1'",
        "fetch --priority x http://h/    | --priority: expected a whole number, found 'x'",
        "fetch --rate 0/s http://h/      | --rate: expected a rate > 0 such as 10/s, 0.5/s, 30/m or",
        "fetch --max-body 1X http://h/   | --max-body: expected a number of bytes, such as 1000, 64K",
        "fetch --method A( http://h/     | --method: expected a method such as GET or POST, found",
        "fetch -H Accept http://h/       | --header: expected a header such as 'Accept: text/html'",
        "fetch -A \u20ac http://h/            | expected a value of characters up to U+00FF",
        "fetch -X CONNECT http://h/       | --method: expected a method such as GET or POST, found",
        "fetch http://h/\ufffd               | expected characters in the encoding of the locale",
        "fetch -d \ufffd http://h/           | expected characters in the encoding of the locale",
        "fetch 127.0.0.1:7001/x           | expected it to begin with http://, https:// or httpbin:/",
        "fetch localhost:80               | expected it to begin with http://, https:// or httpbin:/",
        "fetch http://h:0/                | expected a port from 1 to 65535",
        "fetch http://a:b@h:x/            | malformed URL 'http://***@h:x/': expected a port from",
        "fetch http://a:b@h/{1..x         | 'http://***@h/{1..x', position 14: '{' without '}'",
        "fetch --proxy ftp://a:b@h http://h/ | --proxy: expected a proxy such as",
        "fetch -d a --json 1 http://h/   | expected one of --data and --json, found both",
        "fetch --json {x http://h/       | --json: expected JSON",
        "fetch -d @/no/such http://h/    | --data: cannot read /no/such",
        "fetch -d @- --from -            | expected one reader of stdin, found --from - and a body @-",
        "fetch --body -o d http://h/     | expected one of --body and --output-dir, found both",
        "fetch --retry-failed http://h/  | --retry-failed: expected --resume FILE",
        "fetch --plot a.png http://h/    | --plot: expected a file that ends with .svg or .html, found",
        "fetch --dry-run --plot a.svg h  | expected one of --dry-run and --plot, found both",
        "fetch --plot /no/a.svg http://h/ | --plot: cannot write to /no/a.svg (no such file or folder)",
        "fetch -o /proc/self/fd http://h/ | --output-dir: cannot write to /proc/self/fd",
        "fetch -q --progress http://h/   | expected one of --quiet and --progress, found both",
        "fetch --limit 2 --per-host 3 h  | --per-host: expected at most --limit (2), found 3",
        "fetch --retry-any-method h      | --retry-any-method: expected --retries N with it",
        "fetch -o /dev/null/x http://h/  | --output-dir: ",
        "fetch --resume /no/such/f h     | malformed URL 'h'",
        "fetch --resume /no/f http://h/  | --resume: cannot open /no/f (no such file or folder)",
        "fetch --resume /dev/null http:h | malformed URL",
        "fetch --resume / http://h/      | --resume: expected a file, found something else at /",
        "fetch h/a                       | malformed URL 'h/a'",
        "fetch http://h/{0..3            | position 10: '{' without '}'",
        "fetch {http,ftp}://h/           | malformed URL 'ftp://h/'",
        "fetch --nope http://h/          | expected an option of 'aioli fetch', found '--nope'",
        "fetch --lmit 3 http://h/        | found '--lmit'; did you mean --limit?",
        "fetch --retrys=3 http://h/      | found '--retrys=3'; did you mean --retries?",
        "version more                    | expected nothing more, found 'more'",
        "fetch --from /no/such/file      | --from: cannot read /no/such/file",
        "http://a:b@h/                   | , found 'http://***@h/'",
        "version http://a:b@h/            | expected nothing more, found 'http://***@h/'",
        "fetsh                           | found 'fetsh'; did you mean fetch?",
        "example nope                    | no example 'nope'; there are ",
        "example executor --pool fork    | executor: expected --pool thread or --pool process, was",
      })
  void wrongUsageExitsWith2AndShowsTheUsage(String line, String problem) {
    assertThat(run(line.split(" +"))).isEqualTo(2);
    assertThat(err.toString()).startsWith("aioli: ").contains(problem).contains("Usage: aioli");
    assertThat(err.toString()).contains("--help");
    assertThat(out.toString()).isEmpty();
  }

  /** Nobody wants to learn after the last request that there was no place for what came of it. */
  @Test
  void placesForTheOutputAreTriedAndLeftAsTheyAre(@TempDir Path folder) throws IOException {
    Path plot = folder.resolve("run.svg");
    String[] line = {"fetch", "--plot", "" + plot, "-o", "" + folder, "--resume", "/", "http://h/"};
    assertThat(run(line)).isEqualTo(2);
    assertThat(err.toString()).contains("--resume: ");
    assertThat(folder).isEmptyDirectory();
    Files.writeString(plot, "earlier");
    assertThat(run(line)).isEqualTo(2);
    assertThat(plot).hasContent("earlier");
    Files.delete(plot);
    Files.createDirectory(plot);
    assertThat(run("fetch", "--plot", plot.toString(), "http://h/")).isEqualTo(2);
    assertThat(err.toString()).contains("--plot: cannot write to " + plot);
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
  void versionWarnsOfAJdkWithABug() {
    try (EventLoop loop = EventLoop.newEventLoop()) { // what it has to say it says only once
      assertThat(loop.isClosed()).isFalse();
    }
    System.getLogger("dev.aioli.jdk").log(System.Logger.Level.WARNING, "JDK 25.0.0 can hang");
    assertThat(run("version")).isZero();
    assertThat(out.toString()).containsPattern("(?m)^warning JDK 25.0.0 can hang$");
  }

  @Test
  void manyHeadersAreGivenInOneCommand() {
    assertThat(run("fetch", "-H", "A: 1", "-X", "PUT", "-H", "B: 2", "h")).isEqualTo(2);
    assertThat(err.toString()).contains("malformed URL 'h'").doesNotContain("expected once");
  }

  @Test
  void listsTheExamples() {
    assertThat(run("example")).isZero();
    assertThat(out.toString()).contains("lock  ", "priority-queue  ");
  }
}
