package dev.aioli.cli;

import static dev.aioli.Asyncio.sleep;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.EventLoopThread;
import dev.aioli.http.server.HttpServer;
import dev.aioli.http.server.ServerRequest;
import dev.aioli.http.server.ServerResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} in the midst of a run, and another run that goes on. */
@Timeout(180)
class ResumeEndToEndTest {
  private static final int COUNT = 400;
  private static final int LIMIT = 8;
  private static final Pattern URL =
      Pattern.compile("\\{\"url\":\"[^\"]*/(\\d+)\".*\"error\":null}");

  @TempDir private Path folder;

  /** How often each path was asked for. */
  private final ConcurrentHashMap<String, Integer> asked = new ConcurrentHashMap<>();

  private ServerResponse answer(ServerRequest request) {
    sleep(Duration.ofMillis(20));
    asked.merge(request.pathParameter("n"), 1, Integer::sum);
    return ServerResponse.text(200, "x".repeat(100));
  }

  @Test
  void aKilledRunIsResumedWithoutLossOrRepetition() throws Exception {
    Path results = folder.resolve("results.jsonl");
    try (EventLoopThread loop = EventLoopThread.start("server")) {
      HttpServer server =
          loop.submit(() -> HttpServer.builder().get("/{n}", this::answer).start("127.0.0.1", 0))
              .get();
      Path urls = folder.resolve("urls.txt");
      Files.write(urls, IntStream.range(0, COUNT).mapToObj(i -> server.url() + "/" + i).toList());
      String[] command = {
        "fetch",
        "--from",
        urls.toString(),
        "--resume",
        results.toString(),
        "--body",
        "--limit",
        String.valueOf(LIMIT)
      };

      try (Aioli killed = Aioli.start(folder, command)) {
        while (!Files.exists(results) || Files.size(results) < 10_000) {
          Thread.onSpinWait();
        }
        killed.signal("KILL");
        assertThat(killed.exitCode()).isEqualTo(128 + 9);
      }
      int complete = completeLines(Files.readString(results));
      assertThat(complete).isBetween(1, COUNT - 1);

      try (Aioli resumed = Aioli.start(folder, command)) {
        assertThat(resumed.readLines()).isEmpty();
        assertThat(resumed.exitCode()).isZero();
        assertThat(resumed.stderr()).contains(complete + " skipped");
      }
      List<String> lines = Files.readAllLines(results);
      assertThat(lines).hasSize(COUNT);
      assertThat(lines.stream().map(ResumeEndToEndTest::number).distinct()).hasSize(COUNT);
      // What had been answered and is asked for again was on its way to the file.
      int again = asked.values().stream().mapToInt(n -> n).sum() - COUNT;
      assertThat(again).isBetween(0, LIMIT);
      loop.submit(server::close).get();
    }
  }

  private static int completeLines(String text) {
    return (int) text.chars().filter(c -> c == '\n').count();
  }

  private static int number(String line) {
    Matcher matcher = URL.matcher(line);
    assertThat(matcher.matches()).as(line).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  @Test
  void aTornLineIsRepaired() throws Exception {
    Path results = folder.resolve("results.jsonl");
    try (Aioli first =
        Aioli.start(folder, "fetch", "--resume", results.toString(), "httpbin:/get")) {
      assertThat(first.exitCode()).isZero();
    }
    byte[] whole = Files.readAllBytes(results);
    Files.writeString(results, new String(whole, UTF_8) + "{\"url\":\"httpbin:/get?b\",\"sta");
    try (Aioli second =
        Aioli.start(
            folder, "fetch", "--resume", results.toString(), "httpbin:/get", "httpbin:/get?b")) {
      assertThat(second.exitCode()).isZero();
      assertThat(second.stderr()).contains("1 done", "1 skipped");
    }
    assertThat(Files.readAllLines(results))
        .hasSize(2)
        .allMatch(line -> line.contains("\"status\":200") && line.endsWith("\"error\":null}"));
  }
}
