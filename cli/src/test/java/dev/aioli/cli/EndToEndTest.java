package dev.aioli.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as users meet it: a process, its streams, signals and exit code. */
@Timeout(120)
class EndToEndTest {
  @TempDir private Path folder;

  @Test
  void theServerSeesTheLimitReachedAndNeverExceeded() throws Exception {
    try (Aioli aioli =
        Aioli.start(folder, "fetch", "--limit", "6", "httpbin:/delay/0.2?a={0..11}")) {
      assertThat(aioli.readLines())
          .hasSize(12)
          .doesNotHaveDuplicates()
          .allMatch(line -> line.matches("\\{\"url\":\"httpbin:/delay/0.2\\?a=\\d+\",.*"))
          .allMatch(line -> line.contains("\"status\":200") && line.endsWith("\"error\":null}"));
      assertThat(aioli.exitCode()).isZero();
      assertThat(aioli.stderr())
          .contains("12 done, 0 failed, at most 6 in flight")
          .contains("httpbin served 12, at most 6 at once");
    }
  }

  @Test
  void aFailedUrlEndsNothingAndExitsWith1() throws Exception {
    try (Aioli aioli =
        Aioli.start(
            folder,
            "fetch",
            "--quiet",
            "httpbin:/status/{200,503}",
            "http://127.0.0.1:1/",
            "httpbin:/bytes/1000")) {
      List<String> lines = aioli.readLines();
      assertThat(lines).hasSize(4);
      assertThat(lines).filteredOn(line -> line.contains("\"error\":null")).hasSize(2);
      assertThat(lines)
          .anyMatch(
              line -> line.contains("\"error\":{\"type\":\"status\",\"message\":\"HTTP 503\"}"));
      assertThat(lines).anyMatch(line -> line.contains("\"status\":200,\"bytes\":1000,"));
      assertThat(lines)
          .anyMatch(line -> line.contains(":1/\",\"status\":null") && line.contains("refused"));
      assertThat(aioli.exitCode()).isEqualTo(1);
      assertThat(aioli.stderr()).doesNotContain("done");
    }
  }

  @Test
  void wrongUsageExitsWith2() throws Exception {
    try (Aioli aioli = Aioli.start(folder, "fetch", "--limit", "0", "httpbin:/get")) {
      assertThat(aioli.readLines()).isEmpty();
      assertThat(aioli.exitCode()).isEqualTo(2);
      assertThat(aioli.stderr())
          .contains("--limit: expected an integer >= 1, found '0'", "Usage: aioli");
    }
  }

  /** The JVM has a file of its own in the place of a descriptor that is closed. */
  @ParameterizedTest
  @CsvSource({"--from -, --from", "-d @- httpbin:/post, --data", "--json @- httpbin:/post, --json"})
  void aClosedStdinIsToldSo(String options, String option) throws Exception {
    try (Aioli aioli = Aioli.startIn(folder, "exec \"$@\" <&-", ("fetch " + options).split(" "))) {
      assertThat(aioli.readLines()).isEmpty();
      assertThat(aioli.exitCode()).isEqualTo(2);
      assertThat(aioli.stderr()).contains(option + ": expected input on stdin, found it closed");
    }
  }

  @Test
  void whatIsTypedIsFetchedAtOnce() throws Exception {
    try (Aioli aioli = Aioli.start(folder, "fetch", "--from", "-")) {
      aioli.type("httpbin:/get?a=1\nhttpbin:/get?a");
      assertThat(aioli.readLine()).contains("\"url\":\"httpbin:/get?a=1\"");
      aioli.type("=2\nnonsense\n");
      assertThat(List.of(aioli.readLine(), aioli.readLine()))
          .anyMatch(line -> line.contains("\"url\":\"httpbin:/get?a=2\",\"status\":200"))
          .anyMatch(line -> line.contains("\"message\":\"line 3: malformed URL 'nonsense'"));
      aioli.endOfInput();
      assertThat(aioli.exitCode()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void aSignalCancelsWhatIsInFlightAndKeepsWhatIsComplete(String signal, int exitCode)
      throws Exception {
    try (Aioli aioli =
        Aioli.start(
            folder,
            "fetch",
            "--limit",
            "2",
            "httpbin:/get?a={1..5}",
            "httpbin:/delay/10?a={1..9}")) {
      for (int i = 0; i < 5; i++) {
        assertThat(aioli.readLine()).contains("httpbin:/get");
      }
      aioli.signal(signal);
      assertThat(aioli.readLines()).isEmpty();
      assertThat(aioli.exitCode()).isEqualTo(exitCode);
      assertThat(aioli.stderr()).contains("5 done, 0 failed", "interrupted");
    }
  }

  @Test
  void aSignalWhileInputIsAwaitedEndsTheRun() throws Exception {
    try (Aioli aioli = Aioli.start(folder, "fetch", "--from", "-")) {
      aioli.type("httpbin:/get\n");
      assertThat(aioli.readLine()).contains("\"status\":200");
      aioli.signal("INT");
      assertThat(aioli.exitCode()).isEqualTo(130);
    }
  }

  @Test
  void aReaderThatHasHadEnoughEndsTheRun() throws Exception {
    try (Aioli aioli = Aioli.start(folder, "fetch", "httpbin:/get?a={0..999999999}")) {
      assertThat(aioli.readLine()).contains("\"status\":200");
      aioli.process().inputReader(UTF_8).close();
      assertThat(aioli.exitCode()).isZero();
      assertThat(aioli.stderr()).doesNotContain("rror").contains("done");
    }
  }

  @Test
  void manyUrlsTakeLittleMemory() throws Exception {
    int count = 10_000;
    Path urls = folder.resolve("urls.txt");
    Files.write(urls, IntStream.range(0, count).mapToObj(i -> "httpbin:/get?a=" + i).toList());
    try (Aioli aioli =
        Aioli.start(folder, List.of("-Xmx48m"), "fetch", "--from", urls.toString())) {
      List<String> lines = aioli.readLines();
      assertThat(lines).hasSize(count);
      assertThat(lines.stream().map(EndToEndTest::url).collect(Collectors.toSet())).hasSize(count);
      assertThat(aioli.exitCode()).isZero();
    }
  }

  private static String url(String line) {
    return line.substring(0, line.indexOf(','));
  }

  /** It brings the native libraries of all systems along that have one. */
  @Test
  @EnabledOnOs(
      value = {OS.LINUX, OS.MAC},
      architectures = {"amd64", "x86_64", "aarch64"})
  void waitsByTheSystemsOwnPoller() throws Exception {
    String poller = OS.LINUX.isCurrentOs() ? "epoll" : "kqueue";
    boolean virtual = "hand-over".equals(System.getProperty("dev.aioli.engine"));
    List<String> debug = List.of("-Ddev.aioli.debug=true");
    try (Aioli aioli = Aioli.start(folder, debug, "fetch", "httpbin:/get")) {
      assertThat(aioli.readLines()).hasSize(1);
      assertThat(aioli.exitCode()).isZero();
      assertThat(aioli.stderr()).contains("waits for sockets by " + (virtual ? "nio" : poller));
    }
  }

  @Test
  void runsAnExample() throws Exception {
    try (Aioli aioli = Aioli.start(folder, "example", "lock")) {
      assertThat(aioli.readLines()).isNotEmpty();
      assertThat(aioli.exitCode()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"thread", "process"})
  void runsAnExampleWithItsOptions(String pool) throws Exception {
    try (Aioli aioli = Aioli.start(folder, "example", "executor", "--pool", pool)) {
      assertThat(aioli.readLines())
          .containsExactly(
              "the task sleeps", "the task wakes", "results: blocking 1 s, task 1 s", "total: 1 s");
      assertThat(aioli.exitCode()).isZero();
    }
  }

  @Test
  void progressCanBeForced() throws Exception {
    try (Aioli aioli = Aioli.start(folder, "fetch", "--progress", "httpbin:/get?a={0..9}")) {
      assertThat(aioli.readLines()).hasSize(10);
      assertThat(aioli.exitCode()).isZero();
      assertThat(lastProgress(aioli)).contains("10/10", "0 in flight, 0 failed");
      assertThat(aioli.stderr().lines().toList()).allMatch(line -> width(line) <= 100);
      List<String> rates =
          Pattern.compile("[0-9.]+/s")
              .matcher(lastProgress(aioli))
              .results()
              .map(MatchResult::group)
              .toList();
      assertThat(rates).hasSize(2);
      assertThat(rates.getFirst()).as("the bar's and the summary's").isEqualTo(rates.getLast());
    }
  }

  /** Each state of the bar overwrites the one before. */
  private static int width(String line) {
    return Stream.of(line.split("\r")).mapToInt(String::length).max().orElse(0);
  }

  @Test
  void theSummaryFitsOnATerminal() throws Exception {
    try (Aioli aioli =
        Aioli.start(folder, "fetch", "httpbin:/status/{200,201,204,400,404,429,500,502,503,504}")) {
      assertThat(aioli.readLines()).hasSize(10);
      assertThat(aioli.stderr()).startsWith("10 done, 7 failed, at most ");
      assertThat(aioli.stderr().lines().toList())
          .hasSizeGreaterThan(1)
          .allMatch(line -> line.length() <= 80);
    }
  }

  private static String lastProgress(Aioli aioli) throws IOException {
    String[] states = aioli.stderr().split("\r");
    return states[states.length - 1];
  }
}
