package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnseenFailuresTest {
  private final List<String> reports = new ArrayList<>();

  /** Runs a body and returns what was reported by the end. */
  private List<String> reportsOf(ThrowingRunnable body) {
    VirtualTime.run(() -> {
      Asyncio.getRunningLoop()
          .setExceptionHandler((loop, context) -> reports.add(context.message()));
      body.run();
    });
    return reports;
  }

  private static Task<String> failing() {
    return Asyncio.createTask(() -> {
      throw new IllegalArgumentException("boom");
    });
  }

  private static void settle() {
    Asyncio.sleep(Duration.ofMillis(1));
  }

  @Test // G4
  void failedTaskThatNobodyLooksAtIsReportedWhenTheLoopCloses() {
    assertThat(
            reportsOf(() -> {
              failing();
              settle();
            }))
        .containsExactly("Task exception was never retrieved");
  }

  @Test
  void failedFutureIsReportedOnce() {
    assertThat(
            reportsOf(() -> {
              Future<String> future = Asyncio.getRunningLoop().createFuture();
              future.setException(new IllegalArgumentException("boom"));
            }))
        .containsExactly("Future exception was never retrieved");
  }

  @Test
  void lookingAtTheExceptionInAnyWayIsEnough() {
    assertThat(
            reportsOf(() -> {
              Task<String> awaited = failing();
              Task<String> asked = failing();
              Task<String> gathered = failing();
              Task<String> gatheredToo = failing();
              assertThatThrownBy(awaited::await).hasMessage("boom");
              assertThat(asked.exception()).hasMessage("boom");
              assertThatThrownBy(() -> Asyncio.gather(gathered, gatheredToo)).hasMessage("boom");
              settle();
            }))
        .isEmpty();
  }

  @Test
  void failedTaskIsReportedWhenItIsGarbage() {
    List<String> whileRunning = new ArrayList<>();
    Asyncio.run(() -> {
      Asyncio.getRunningLoop()
          .setExceptionHandler((loop, context) -> reports.add(context.message()));
      failing();
      while (reports.isEmpty()) { // the garbage collector decides when; bounded by the test's limit
        System.gc();
        settle();
      }
      whileRunning.addAll(reports);
    });
    assertThat(whileRunning).containsExactly("Task exception was never retrieved");
    assertThat(reports).hasSize(1);
  }

  @Test // G3
  void taskThatNobodyHoldsIsNotCollectedBeforeItIsDone() {
    List<String> events = new ArrayList<>();
    VirtualTime.run(() -> {
      Asyncio.createTask(() -> {
        Asyncio.getRunningLoop().createFuture(); // unrelated garbage
        Future<String> dropped = Asyncio.getRunningLoop().createFuture();
        Asyncio.getRunningLoop().callLater(Duration.ofMillis(5), () -> dropped.setResult("x"));
        dropped.await();
        events.add("done");
      });
      Asyncio.sleep(Duration.ofMillis(1));
      System.gc();
      Asyncio.sleep(Duration.ofMillis(10));
    });
    assertThat(events).containsExactly("done");
  }
}
