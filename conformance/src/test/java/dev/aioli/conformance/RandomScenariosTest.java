package dev.aioli.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.aioli.Engine;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random scenarios that nobody has seen, run by CPython 3.13 and by Aioli at the same time, and
 * compared line by line and iteration by iteration. Where there is no CPython 3.13 they are skipped
 * loudly.
 *
 * <p>{@code -Dconformance.seed=...} runs those of a seed again; {@code -Dconformance.count=...}
 * sets their number.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RandomScenariosTest {
  private static final String SEED =
      System.getProperty("conformance.seed", Long.toString(System.currentTimeMillis(), 36));

  private static CPython python = new CPython("", "");

  @BeforeAll
  static void findPython() throws Exception {
    python = CPython.find().orElseGet(() -> skip(CPython.HOW_TO_GET_IT));
    List<String> stale = staleTraces();
    if (!stale.isEmpty()) {
      String message =
          "CPython "
              + python.version()
              + " gives other traces than those stored of 3.13.0: "
              + stale;
      if (python.isReference()) {
        fail(message);
      } else {
        skip(message + "; " + CPython.HOW_TO_GET_IT);
      }
    }
  }

  private static CPython skip(String why) {
    System.err.println("SKIPPED: the comparison of random scenarios with CPython " + why);
    return abort(why);
  }

  /** The scenarios of the corpus for which this Python does not give the stored trace. */
  private static List<String> staleTraces() throws Exception {
    List<String> stale = new ArrayList<>();
    String scenarios = TestedEngine.HOME.resolve("corpus").toString();
    List<String> print =
        List.of(
            python.command(),
            "-c",
            "import glob, json, sys\n"
                + "for f in sorted(glob.glob(sys.argv[1] + '/*.json')): print(json.dumps(json.load(open(f))))",
            scenarios);
    try (Reference reference = new Reference(print, reference(false))) {
      for (Corpus scenario : Corpus.all()) {
        if (!reference.nextAnswer().equals(Json.answer(scenario.name(), scenario.trace()))) {
          stale.add(scenario.name());
        }
      }
    }
    return stale;
  }

  private static List<String> reference(boolean ticks, String... more) {
    List<String> command = python.run("asyncio_runner.py", "--jsonl", "-");
    if (ticks) {
      command.add("--ticks");
    }
    command.addAll(List.of(more));
    return command;
  }

  @ParameterizedTest
  @CsvSource({"all, 20000", "eager, 2000", "context, 2000", "callbacks, 2000", "threadsafe, 2000"})
  void giveTheTracesOfCPython(String profile, int byDefault) throws Exception {
    int count = Integer.getInteger("conformance.count", byDefault);
    System.err.printf(
        "conformance: %d scenarios of profile %s, seed %s, engine %s, %s%n",
        count, profile, SEED, TestedEngine.ENGINE, "CPython " + python.version());
    String difference = compare(profile, SEED, count, reference(true));
    assertThat(difference).as("seed %s", SEED).isEmpty();
  }

  @Test
  void aBugIsFoundMinimisedAndShown() throws Exception {
    String difference =
        compare("locks", "bug", 2000, reference(true, "--mutant", "lock_wakes_all"));
    assertThat(difference).contains("differ at line", "CPython: ", "Aioli: ", "minimised: {");
  }

  /** Where a scenario gives another trace, or an empty text. */
  private static String compare(String profile, String seed, int count, List<String> reference)
      throws Exception {
    List<String> generator =
        python.run(
            "generate.py", "--seed", seed, "--profile", profile, "--count", String.valueOf(count));
    try (Reference runs = new Reference(generator, reference)) {
      String different =
          onLoopThread(() -> {
            for (int i = 0; i < count; i++) {
              String scenario = runs.nextScenario();
              if (!answer(scenario).equals(runs.nextAnswer())) {
                return scenario;
              }
            }
            return "";
          });
      return different.isEmpty() ? "" : new Difference(python, reference).describe(different);
    }
  }

  private static String answer(String json) {
    Scenario scenario = Scenario.parse(json);
    return Json.answer(scenario.name(), ScenarioRun.trace(scenario, TestedEngine.ENGINE, true));
  }

  /** On a thread of the kind that the engine's loops want, so that they need no other. */
  private static <T> T onLoopThread(Callable<T> body) throws Exception {
    try (ExecutorService executor =
        TestedEngine.ENGINE == Engine.HAND_OVER
            ? Executors.newVirtualThreadPerTaskExecutor()
            : Executors.newSingleThreadExecutor()) {
      return executor.submit(body).get();
    }
  }
}
