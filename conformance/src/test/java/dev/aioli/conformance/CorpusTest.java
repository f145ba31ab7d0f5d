package dev.aioli.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every scenario of the corpus gives the trace that CPython 3.13.0 gave; no Python is needed. */
@Timeout(60)
class CorpusTest {
  static List<Corpus> corpus() {
    return Corpus.all();
  }

  @ParameterizedTest
  @MethodSource("corpus")
  void givesTheTraceOfCPython(Corpus scenario) {
    assertThat(trace(scenario)).isEqualTo(scenario.trace());
  }

  @Test
  void isAllThere() {
    assertThat(corpus()).hasSizeGreaterThanOrEqualTo(130);
  }

  @Test
  void runsInfluenceOneAnotherInNothing() {
    List<Corpus> corpus = corpus().subList(0, 20);
    List<List<String>> forwards = corpus.stream().map(CorpusTest::trace).toList();
    List<List<String>> backwards = corpus.reversed().stream().map(CorpusTest::trace).toList();
    assertThat(backwards.reversed()).isEqualTo(forwards);
  }

  private static List<String> trace(Corpus scenario) {
    return ScenarioRun.trace(Scenario.parse(scenario.json()), TestedEngine.ENGINE, false);
  }
}
