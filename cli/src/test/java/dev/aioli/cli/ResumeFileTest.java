package dev.aioli.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResumeFileTest {
  private static final String A = "{\"url\":\"http://a\",\"status\":200,\"error\":null}\n";
  private static final String B =
      "{\"url\":\"http://b\",\"status\":null,\"error\":{\"type\":\"timeout\",\"url\":\"http://x\"}}\n";

  @TempDir private Path folder;
  private Path path;

  @BeforeEach
  void name() {
    path = folder.resolve("results.jsonl");
  }

  private ResumeFile open(String content) throws IOException {
    Files.writeString(path, content);
    return ResumeFile.open(path, false, false);
  }

  private static Entry url(String url) {
    return new FetchRequest(url);
  }

  @Test
  void holdsWhatItHoldsAsOftenAsItDoes() throws IOException {
    try (ResumeFile file = open(A + B + A)) {
      assertThat(file.take(url("http://a"))).isTrue();
      assertThat(file.take(url("http://a"))).isTrue();
      assertThat(file.take(url("http://a"))).isFalse();
      assertThat(file.take(url("http://b"))).isTrue();
      assertThat(file.take(url("http://x"))).isFalse();
    }
  }

  @Test
  void failuresCountUnlessTheyAreToBeFetchedAgain() throws IOException {
    Files.writeString(path, A + B);
    try (ResumeFile file = ResumeFile.open(path, true, false)) {
      assertThat(file.take(url("http://a"))).isTrue();
      assertThat(file.take(url("http://b"))).isFalse();
    }
  }

  @Test
  void requestsForTheSameUrlAreToldApart() throws IOException {
    LineParser parser = new LineParser(RequestTemplate.GET, 0);
    FetchRequest one = parser.parse("{\"url\":\"http://a\",\"body\":\"1\"}");
    FetchRequest two = parser.parse("{\"url\":\"http://a\",\"body\":\"2\"}");
    String line = A.replace("\"error\"", "\"request\":\"" + one.digest() + "\",\"error\"");
    try (ResumeFile file = open(line)) {
      assertThat(file.take(url("http://a"))).isFalse();
      assertThat(file.take(two)).isFalse();
      assertThat(file.take(one)).isTrue();
    }
  }

  @Test
  void badLinesAreResultsToo() throws IOException {
    String bad = "{\"url\":\"nonsense\",\"status\":null,\"error\":{\"type\":\"input\"}}\n";
    try (ResumeFile file = open(bad)) {
      assertThat(file.take(new BadLine("nonsense", "line 7: no"))).isTrue();
    }
  }

  @Test
  void appendsWholeLines() throws IOException {
    try (ResumeFile file = open(A)) {
      file.out().write(B.getBytes(UTF_8));
    }
    assertThat(path).hasContent(A + B);
  }

  /** Wherever the line was cut, all before it is there and it is gone. */
  @Test
  void aTornLineIsRemoved() throws IOException {
    for (int length = 1; length < B.length() - 1; length++) {
      try (ResumeFile file = open(A + B.substring(0, length))) {
        assertThat(file.take(url("http://a"))).isTrue();
        assertThat(file.take(url("http://b"))).as("cut after %s", length).isFalse();
      }
      assertThat(Files.readString(path)).isEqualTo(A);
    }
  }

  /** As file systems leave files when the power fails: what had not reached the disk is NULs. */
  @Test
  void nulsAtTheEndAreRemoved() throws IOException {
    String nuls = "\0".repeat(5000);
    for (int length = 0; length < B.length(); length++) {
      boolean complete = length == B.length() - 1; // but for its end
      try (ResumeFile file = open(A + B.substring(0, length) + nuls)) {
        assertThat(file.removedNuls()).isEqualTo(5000);
        assertThat(file.take(url("http://a"))).isTrue();
        assertThat(file.take(url("http://b"))).as("cut after %s", length).isEqualTo(complete);
      }
      assertThat(Files.readString(path)).isEqualTo(complete ? A + B : A);
    }
  }

  @Test
  void nulsMayBeAllThereIs() throws IOException {
    for (int count : new int[] {1, 2, 3, 4, 4096}) {
      try (ResumeFile file = open("\0".repeat(count))) {
        assertThat(file.removedNuls()).isEqualTo(count);
      }
      assertThat(path).isEmptyFile();
    }
  }

  @Test
  void whatIsNotRemovedIsNotTold() throws IOException {
    try (ResumeFile file = open(A + "{\"url\":\"htt")) {
      assertThat(file.removedNuls()).isZero();
    }
    Files.writeString(path, A + "\0\0");
    try (ResumeFile file = ResumeFile.open(path, false, true)) {
      assertThat(file.removedNuls()).isZero();
      assertThat(file.take(url("http://a"))).isTrue();
    }
    assertThat(Files.readString(path)).isEqualTo(A + "\0\0");
  }

  @Test
  void aTornLineMayBeTheOnlyOne() throws IOException {
    open(A.substring(0, 20)).close();
    assertThat(path).isEmptyFile();
  }

  @Test
  void aLineWithoutItsEndGetsIt() throws IOException {
    try (ResumeFile file = open(A + B.strip())) {
      assertThat(file.take(url("http://b"))).isTrue();
    }
    assertThat(Files.readString(path)).isEqualTo(A + B);
  }

  @Test
  void aLongBodyIsRead() throws IOException {
    String body = "\"body\":\"" + "ü".repeat(3_000_000) + "\",\"error\"";
    try (ResumeFile file = open(A.replace("\"error\"", body) + B)) {
      assertThat(file.take(url("http://a"))).isTrue();
      assertThat(file.take(url("http://b"))).isTrue();
    }
  }

  @Test
  void isMadeIfThereIsNone() throws IOException {
    try (ResumeFile file = ResumeFile.open(path, false, false)) {
      assertThat(file.take(url("http://a"))).isFalse();
    }
    assertThat(path).isEmptyFile();
  }

  @Test
  void aDryRunChangesNothing() throws IOException {
    ResumeFile.open(path, false, true).close();
    assertThat(path).doesNotExist();
    Files.writeString(path, A + "{\"ur");
    try (ResumeFile file = ResumeFile.open(path, false, true)) {
      assertThat(file.take(url("http://a"))).isTrue();
    }
    assertThat(Files.readString(path)).isEqualTo(A + "{\"ur");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a\n",
        "http://a",
        "{\"a\":1}\n",
        "{\"url\":\"http://a\"}\n",
        "[]\n",
        A + "nonsense",
        A + "{\"url\":\n" + A,
        A + "{\"urn\":",
        A + "\0\0" + A,
        A + "{\"url\":\"h\0\0\n",
        A + "{\"url\":\"h\0\0x",
        A + "{\"urn\0\0",
        "nonsense\0\0",
        "\u0000\u0001"
      })
  void whatIsNoFileOfResultsIsRefusedAndLeftAlone(String content) throws IOException {
    assertThatThrownBy(() -> open(content))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected results of an earlier run in " + path);
    assertThat(Files.readString(path)).isEqualTo(content);
  }

  @Test
  void twoDoNotWriteToOne() throws IOException {
    try (ResumeFile file = open(A)) {
      assertThatThrownBy(() -> ResumeFile.open(path, false, false))
          .hasMessage("another process writes to " + path);
      assertThat(file.take(url("http://a"))).isTrue();
    }
  }
}
