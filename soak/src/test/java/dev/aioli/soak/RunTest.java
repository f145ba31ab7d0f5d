package dev.aioli.soak;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.CancelledError;
import dev.aioli.sync.Event;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A load that leaks is found, and one that does not is not. */
@Timeout(120)
class RunTest {
  private static final Duration INTERVAL = Duration.ofMillis(1);

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** What a load does at each step. */
  private interface Step {
    void take() throws Exception;
  }

  private record Simple(Step work) implements Load {
    @Override
    public String name() {
      return "simple";
    }

    @Override
    public Duration pause() {
      return INTERVAL;
    }

    @Override
    public void step(Random random) throws Exception {
      work.take();
    }
  }

  private static Verdict verdict(Step work) {
    return run(() -> {
      Run trial = new Run(List.of(new Simple(work)), 1, PATIENCE, sample -> {});
      return Verdict.of(trial.take(15, INTERVAL));
    });
  }

  @Test
  void aLoadThatKeepsNothingIsFlat() {
    assertThat(verdict(() -> sleep(INTERVAL)).growing()).isEmpty();
  }

  @Test
  void aLoadThatKeepsMemoryIsFound() {
    List<byte[]> kept = new ArrayList<>();
    assertThat(verdict(() -> kept.add(new byte[1 << 20])).growing())
        .singleElement()
        .asString()
        .startsWith("heap KiB grows");
  }

  @Test
  void aLoadThatLeavesTasksBehindIsFound() {
    Event never = new Event();
    assertThat(verdict(() -> createTask(never::await)).growing())
        .anyMatch(sentence -> sentence.startsWith("tasks grows"));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aLoadThatLeavesSocketsOpenIsFound() throws IOException {
    List<ServerSocket> open = new ArrayList<>();
    try {
      assertThat(verdict(() -> open.add(new ServerSocket(0))).growing())
          .anyMatch(sentence -> sentence.startsWith("descriptors grows"));
    } finally {
      for (ServerSocket socket : open) {
        socket.close();
      }
    }
  }

  @Test
  void aStepThatGoesWrongEndsTheRunWithItsSeed() {
    assertThatThrownBy(() ->
            verdict(() -> {
              throw new IllegalStateException("not what was expected");
            }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("seed 1")
        .hasMessageContaining("simple: ")
        .hasMessageContaining("not what was expected");
  }

  @Test
  void theLoadOfTheTrialItselfIsFound() {
    LeakLoad leak = new LeakLoad();
    assertThat(verdict(() -> leak.step(new Random(1))).growing())
        .anyMatch(sentence -> sentence.startsWith("tasks grows"));
  }

  @ParameterizedTest
  @ValueSource(classes = {StackOverflowError.class, OutOfMemoryError.class, CancelledError.class})
  void aStepThatEndsByAnErrorOfAnyKindEndsTheRun(Class<? extends Error> kind) throws Exception {
    Error error = kind.getConstructor().newInstance();
    assertThatThrownBy(() ->
            verdict(() -> {
              throw error;
            }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("simple: " + kind.getName());
  }

  @Test
  void aStepThatDoesNotEndIsNamedWithThePlaceWhereItStands() {
    Load stuck = new Simple(RunTest::waitForEver);
    assertThatThrownBy(() ->
            run(() -> {
              new Run(List.of(stuck), 1, INTERVAL, sample -> {}).take(3, INTERVAL);
            }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("simple: a step has not ended within PT0.001S")
        .rootCause()
        .satisfies(where ->
            assertThat(where.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("waitForEver")));
  }

  private static void waitForEver() {
    new Event().await();
  }

  @Test
  void argumentsThatMakeNoSenseAreRefused() throws IOException {
    for (String arguments :
        List.of("", "0", "0.0", "-1", "ten", "1 c.csv seed", "1 c.csv 1 more")) {
      assertThat(Soak.soak(arguments.isEmpty() ? List.of() : List.of(arguments.split(" ", -1))))
          .as(arguments)
          .isEqualTo(2);
    }
  }

  @Test
  void samplesAreTakenWhileNoStepIsUnderWay() {
    int[] underWay = {0};
    List<Integer> seen = new ArrayList<>();
    run(() -> {
      Load load =
          new Simple(() -> {
            underWay[0]++;
            sleep(Duration.ofMillis(3));
            underWay[0]--;
          });
      Run trial = new Run(List.of(load, load), 1, PATIENCE, sample -> seen.add(underWay[0]));
      List<Sample> samples = trial.take(3, INTERVAL);
      assertThat(samples).hasSize(3);
      assertThat(samples.get(2).steps()).isGreaterThan(samples.get(0).steps());
    });
    assertThat(seen).containsExactly(0, 0, 0);
  }

  @Test
  void theCurveHasALineForEachSample(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("new/curve.csv");
    List<Sample> samples =
        run(() ->
            new Run(List.of(new Simple(() -> {})), 1, PATIENCE, sample -> {}).take(2, INTERVAL));
    Curve.write(file, samples);
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(3);
    assertThat(lines.getFirst())
        .isEqualTo("seconds,steps,heap KiB,descriptors,threads,netty KiB,tasks,processes");
    assertThat(lines.getLast().split(",", -1)).hasSize(8);
  }
}
