package dev.aioli.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
  private static final List<String> NAMES =
      List.of("--limit", "--per-host", "--rate", "--retries", "--retry-failed", "-H", "--help");

  @ParameterizedTest
  @CsvSource({
    "--limt, --limit",
    "--limits, --limit",
    "--ilmit, --limit",
    "--retrie, --retries",
    "--retry-f, --retry-failed",
    "--per, --per-host",
    "--perhost, --per-host",
    "--rat, --rate",
    "--x, none",
    "--concurrency, none",
    "-Z, none"
  })
  void isWhatWasProbablyMeant(String word, String name) {
    assertThat(Suggestion.of(word, NAMES).orElse("none")).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({"abc, abc, 0", "abc, acb, 1", "abc, ab, 1", "ab, abc, 1", "abc, axc, 1", "ab, yz, 2"})
  void countsChanges(String a, String b, int distance) {
    assertThat(Suggestion.distance(a, b)).isEqualTo(distance);
  }
}
