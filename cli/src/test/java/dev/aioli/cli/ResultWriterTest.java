package dev.aioli.cli;

import static dev.aioli.Asyncio.sleep;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Runner;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ResultWriterTest {
  private static JsonLine result(String url) {
    Fetcher.Response response = new Fetcher.Response(200, 12);
    return new ResultJson(new FetchResult(url, null, response, 1_234_567, 1, null), false);
  }

  private static JsonLine failure(String url, String message) {
    FetchError error = new FetchError(ErrorType.TIMEOUT, message);
    return new ResultJson(new FetchResult(url, null, null, 0, 2, error), false);
  }

  @Test
  void writesALineOfJsonAResult() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Runner runner = new Runner();
        ResultWriter writer = new ResultWriter(runner.getLoop(), out, e -> {})) {
      runner.<@Nullable Void>run(() -> {
        writer.write(result("http://h/ä\"\\"));
        writer.write(failure("b", "line\nbreak"));
        return null;
      });
    }
    assertThat(out.toString(UTF_8))
        .isEqualTo(
            "{\"url\":\"http://h/ä\\\"\\\\\",\"status\":200,\"bytes\":12,\"ms\":1.235,"
                + "\"attempts\":1,\"error\":null}\n"
                + "{\"url\":\"b\",\"status\":null,\"bytes\":0,\"ms\":0.0,"
                + "\"attempts\":2,"
                + "\"error\":{\"type\":\"timeout\",\"message\":\"line\\nbreak\"}}\n");
  }

  @Test
  void linesOfOneIterationAreWrittenTogether() throws Exception {
    List<Integer> sizes = new ArrayList<>();
    OutputStream out =
        new ByteArrayOutputStream() {
          @Override
          public void flush() {
            sizes.add(toString(UTF_8).split("\n", -1).length - 1);
            reset();
          }
        };
    try (Runner runner = new Runner();
        ResultWriter writer = new ResultWriter(runner.getLoop(), out, e -> {})) {
      runner.<@Nullable Void>run(() -> {
        for (int i = 0; i < 99; i++) {
          writer.write(result("a"));
        }
        writer.write(result("b")).await();
        writer.write(result("c"));
        return null;
      });
    }
    assertThat(sizes).filteredOn(lines -> lines > 0).containsExactly(100, 1);
  }

  @Test
  void tellsWhenALineIsWrittenWhichIsNotAtTheEnd() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Runner runner = new Runner();
        ResultWriter writer = new ResultWriter(runner.getLoop(), out, e -> {})) {
      runner.<@Nullable Void>run(() -> {
        writer.write(result("a")).await();
        assertThat(out.toString(UTF_8)).endsWith("}\n");
        return null;
      });
    }
  }

  @Test
  void whenWritingFailsItSaysSoOnceAndNobodyWaits() throws Exception {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    List<String> failures = new ArrayList<>();
    try (Runner runner = new Runner()) {
      ResultWriter writer =
          new ResultWriter(runner.getLoop(), broken, e -> failures.add(e.getMessage()));
      try (writer) {
        runner.<@Nullable Void>run(() -> {
          for (int i = 0; i < 1_000; i++) {
            writer.write(result("a"));
          }
          writer.write(result("b")).await();
          while (failures.isEmpty()) {
            sleep(Duration.ofMillis(1));
          }
          return null;
        });
      }
      assertThat(writer.failure()).hasMessage("Broken pipe");
    }
    assertThat(failures).containsExactly("Broken pipe");
  }

  @Test
  void aLineIsWrittenThoughWhoWaitsForItIsCancelled() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Runner runner = new Runner();
        ResultWriter writer = new ResultWriter(runner.getLoop(), out, e -> {})) {
      runner.<@Nullable Void>run(() -> {
        writer.write(result("a")).cancel();
        writer.write(result("b")).await();
        return null;
      });
    }
    assertThat(out.toString(UTF_8)).contains("\"a\"", "\"b\"");
  }
}
