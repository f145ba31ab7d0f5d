package dev.aioli.benchmarks.fetchers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.aioli.benchmarks.http.NginxProcess;
import dev.aioli.benchmarks.http.Programs;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(180)
class FetchersCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void here() {
    System.setProperty("benchmarks.home", Path.of("").toAbsolutePath().toString());
  }

  @AfterEach
  void nowhere() {
    System.clearProperty("benchmarks.home");
  }

  private int fetchers(String... arguments) {
    return new CommandLine(new FetchersCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void aFetcherIsMeasuredInTheRowsThatAreNamed() {
    assumeTrue(NginxProcess.find().isPresent(), "no nginx on this machine");
    assumeTrue(Programs.find("curl", List.of()).isPresent(), "no curl on this machine");
    assumeTrue(Programs.find("python3", List.of()).isPresent(), "no python3 on this machine");

    int exit = fetchers("--rounds", "1", "http-1", "new-tls*", "store*", "gzip*", "curl");

    assertThat(exit).as(out + "\n" + err).isZero();
    assertThat(out.toString().lines().filter(line -> line.startsWith("{\"row\":")))
        .hasSize(4)
        .allMatch(line -> line.contains("\"fetcher\":\"curl\""))
        .allMatch(line -> line.endsWith("\"complaint\":\"\"}"));
  }

  @Test
  void aUrlThatIsAskedForTwiceIsAComplaint(@TempDir Path folder) throws Exception {
    assumeTrue(NginxProcess.find().isPresent(), "no nginx on this machine");
    Row row = new Row("two", 2, 1, Row.Where.HTTP, false);
    Path urls = folder.resolve("urls");
    try (Origin origin = Origin.start(NginxProcess.find().orElseThrow())) {
      origin.writeUrls(row, urls);
      List<String> both = Files.readAllLines(urls);
      origin.forget();
      ask(both.getFirst());
      ask(both.getFirst());
      assertThat(origin.complaint(row)).isEqualTo("asked 2 times for 1 of 2");
      origin.forget();
      ask(both.getFirst());
      ask(both.getLast());
      assertThat(origin.complaint(row)).isEmpty();
    }
  }

  private static void ask(String url) throws Exception {
    try (var body = URI.create(url).toURL().openStream()) {
      assertThat(body.readAllBytes()).hasSize(300);
    }
  }

  @Test
  void ratiosOfMediansAreHeldAgainstTheTargets() {
    Runs runs = new Runs();
    Row row = Row.ALL.stream().filter(each -> each.name().equals("store-600")).findFirst().get();
    for (double seconds : new double[] {3, 1, 2}) {
      runs.add(row, Fetcher.AIOLI, new Run(seconds, 1, 200, ""));
      runs.add(row, Fetcher.CURL, new Run(1, 1, 10, ""));
    }
    assertThat(runs.toTables())
        .containsPattern("store-600 \\| +TIME <= 1\\.5x curl \\| +2x \\| +NO ")
        .containsPattern("store-600 \\| +memory <= 150 MiB \\| +200 MiB \\| +NO ");
  }

  @Test
  void anUnknownNameIsAClearError() {
    assertThat(fetchers("curll")).isEqualTo(2);
    assertThat(err.toString()).contains("expected a row or a fetcher, found 'curll'; see --list");
  }
}
