package dev.aioli.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/guide/fetch.md do what the page says. */
@Timeout(300)
@EnabledOnOs({OS.LINUX, OS.MAC})
class FetchGuideTest {
  private static final Path PAGE =
      Path.of(System.getProperty("basedir", "."), "..", "docs", "guide", "fetch.md");

  @TempDir private Path folder;

  /** The shell blocks, in order. */
  private static List<String> blocks() throws IOException {
    List<String> blocks = new ArrayList<>();
    StringBuilder block = null;
    for (String line : Files.readAllLines(PAGE)) {
      if (line.equals("```sh")) {
        block = new StringBuilder();
      } else if (line.equals("```") && block != null) {
        blocks.add(block.toString());
        block = null;
      } else if (block != null) {
        block.append(line).append('\n');
      }
    }
    return blocks;
  }

  /** What a block prints to stdout, and after it to stderr. */
  private String run(String block) throws IOException, InterruptedException {
    Path stdout = folder.resolve("stdout");
    Path stderr = folder.resolve("stderr");
    Process shell =
        new ProcessBuilder("/bin/sh", "-e", "-c", block)
            .directory(folder.toFile())
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile())
            .start();
    shell.getOutputStream().close();
    assertThat(shell.waitFor(120, TimeUnit.SECONDS)).as(block).isTrue();
    String said = Files.readString(stdout) + Files.readString(stderr);
    assertThat(shell.exitValue()).as(block + said).isZero();
    return said;
  }

  private void writeLauncher() throws IOException {
    Path launcher = folder.resolve("aioli");
    StringBuilder command = new StringBuilder("#!/bin/sh\nexec");
    for (String word : Aioli.command(List.of("JAVA_OPTS"))) {
      command.append(word.equals("JAVA_OPTS") ? " ${JAVA_OPTS:-}" : " '" + word + "'");
    }
    Files.writeString(launcher, command.append(" \"$@\"\n"), UTF_8);
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void itsCommandsDoWhatItSays() throws Exception {
    writeLauncher();
    List<String> said = new ArrayList<>();
    for (String block : blocks()) {
      said.add(run(block));
    }
    assertThat(said).hasSize(13);
    assertThat(said.get(0)).contains("12 done, 0 failed", "at most 6 in flight");
    assertThat(said.get(1)).contains("3 done");
    assertThat(folder.resolve("results.jsonl")).content().contains("a=1", "a=2");
    assertThat(said.get(2)).contains("exit code 1", "ended by --fail-fast", "HTTP 404");
    assertThat(said.get(3).lines().limit(3))
        .satisfiesExactly(
            line -> assertThat(line).contains("?first"),
            line -> assertThat(line).contains("?then"),
            line -> assertThat(line).contains("?later"));
    assertThat(said.get(4))
        .contains("20 done, 0 failed")
        .contains("tried three times", "\"attempts\":3", "too slow", "\"type\":\"timeout\"");
    assertThat(said.get(5))
        .contains("http://example.org/items/3", "\"body\":\"{\\\"n\\\": 1}\"")
        .contains("\"body\":\"a=1&b=2\"", "application/x-www-form-urlencoded");
    assertThat(said.get(6)).contains("\"method\":\"PUT\"", "\"body\":\"{\\\"n\\\":7}\"");
    assertThat(said.get(7)).contains("\"headers\":{\"content-type\":", "\"body\":\"{\\\"args");
    assertThat(said.get(8)).contains("1000\n2000\n3000\n");
    assertThat(said.get(9)).contains("5 done", "4 done", "5 skipped", "0 done", "9 skipped");
    assertThat(Files.readAllLines(folder.resolve("results2.jsonl"))).hasSize(9);
    assertThat(folder.resolve("run.svg")).content().startsWith("<svg").contains("p95");
    assertThat(folder.resolve("run.html")).content().contains("<svg", "<table>");
    assertThat(said.get(11)).isEmpty();
    assertThat(folder.resolve("aioli-completion")).content().contains("_complete_aioli");
    try (Stream<Path> files = Files.list(folder.resolve("pages"))) {
      assertThat(files).hasSize(3);
    }
  }
}
