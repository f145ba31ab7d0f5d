package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.StopSignalsTest.Signal;
import dev.aioli.queue.Queue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A run that finishes what is under way when a signal asks it to stop. */
class RunUntilStoppedTest {
  /** Works on jobs; the drain takes no more of them. */
  static final class Drains {
    public static void main(String[] args) {
      Queue<Integer> jobs = new Queue<>(Queue.UNBOUNDED);
      Asyncio.runUntilStopped(
          () -> {
            for (int i = 0; i < 3; i++) {
              jobs.put(i);
            }
            System.out.println("ready");
            for (int job : jobs) {
              Asyncio.sleep(Duration.ofMillis(200));
              System.out.println("done " + job);
            }
            System.out.println("all done");
          },
          () -> {
            System.out.println("drain");
            jobs.shutdown();
          },
          Duration.ofSeconds(60));
      System.out.println("ended");
    }
  }

  @ParameterizedTest
  @EnumSource
  void theMainTaskFinishesWhatIsUnderWay(Signal signal) throws Exception {
    ChildJvm.Result result = StopSignalsTest.stop(signal, Drains.class);
    assertThat(result.output().lines())
        .contains("drain", "done 0", "done 1", "done 2", "all done", "ended");
    assertThat(result.exitCode()).isZero();
  }

  /** Does not care about its drain. */
  static final class TakesTooLong {
    public static void main(String[] args) {
      Asyncio.runUntilStopped(
          () -> {
            System.out.println("ready");
            try {
              Asyncio.sleep(Duration.ofDays(1));
            } finally {
              System.out.println("cancelled");
            }
          },
          () -> System.out.println("drain"),
          Duration.ofMillis(Integer.getInteger("grace")));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMainTaskThatTakesTooLongIsCancelled(Signal signal) throws Exception {
    ChildJvm.Result result = StopSignalsTest.stop(signal, TakesTooLong.class, "-Dgrace=100");
    assertThat(result.output().lines()).containsExactly("drain", "cancelled");
    assertThat(result.exitCode()).isEqualTo(signal.exitStatus());
  }

  /** Its drain fails. */
  static final class CannotDrain {
    public static void main(String[] args) {
      Asyncio.runUntilStopped(
          () -> {
            System.out.println("ready");
            Asyncio.sleep(Duration.ofDays(1));
          },
          () -> {
            throw new IllegalStateException("no valve");
          },
          Duration.ofDays(1));
    }
  }

  @Test
  void aDrainThatFailsIsToldAndTheMainTaskIsCancelledAtOnce() throws Exception {
    ChildJvm.Result result = StopSignalsTest.stop(Signal.TERM, CannotDrain.class);
    assertThat(result.output())
        .contains("the drain failed, so the main task is cancelled")
        .contains("no valve");
    assertThat(result.exitCode()).isEqualTo(Signal.TERM.exitStatus());
  }

  @Test
  void withoutASignalItIsAnyRun() {
    List<String> events = new ArrayList<>();
    Asyncio.runUntilStopped(
        () -> events.add("main"), () -> events.add("drain"), Duration.ofSeconds(1));
    assertThat(events).containsExactly("main");
  }

  @Test
  void aNegativeGraceIsAClearError() {
    assertThatThrownBy(() -> Asyncio.runUntilStopped(() -> {}, () -> {}, Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected a grace of zero or more, was PT-1S");
  }
}
