package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.timeout;
import static dev.aioli.Asyncio.timeoutAt;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.current;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Start.class)
class TimeoutTest {
  @Parameter Start start;
  private final List<String> log = new ArrayList<>();

  private static void fail(String message) {
    throw new IllegalArgumentException(message);
  }

  @Test
  void strikesWhenTheTimeHasPassed() {
    start.runTimed(time -> {
      assertThatThrownBy(() -> timeout(ms(10), () -> sleep(ms(100))))
          .isInstanceOf(TimeoutException.class)
          .hasMessageStartingWith("the time limit of 10 ms has passed; Task-")
          .hasCauseInstanceOf(CancelledError.class);
      assertThat(time.millis()).isEqualTo(10);
      assertThat(current().cancelling()).isZero();
      tick();
    });
  }

  @Test
  void givesTheResultOfAQuickBlock() {
    start.runTimed(time -> {
      String result =
          timeout(
              ms(100),
              limit -> {
                sleep(ms(10));
                assertThat(limit.expired()).isFalse();
                return "in time";
              });
      assertThat(result).isEqualTo("in time");
      sleep(ms(200));
      assertThat(time.millis()).isEqualTo(210);
    });
  }

  @Test
  void errorOfTheBlockComesOutAsItIs() {
    start.run(() ->
        assertThatThrownBy(() ->
                timeout(
                    ms(10),
                    () -> {
                      throw new java.io.IOException("own");
                    }))
            .isInstanceOf(java.io.IOException.class));
  }

  @Test
  void errorThatReplacesTheCancellationComesOut() {
    start.run(() -> {
      assertThatThrownBy(() ->
              timeout(
                  ms(10),
                  () -> {
                    try {
                      sleep(ms(100));
                    } finally {
                      fail("clean-up");
                    }
                  }))
          .hasMessage("clean-up");
      assertThat(current().cancelling()).isZero();
    });
  }

  @Test
  void blockThatSwallowsTheCancellationIsNotTimedOut() {
    start.run(() -> {
      boolean expired =
          timeout(
              ms(10),
              limit -> {
                try {
                  sleep(ms(100));
                } catch (CancelledError e) {
                  log.add("swallowed");
                }
                return limit.expired();
              });
      assertThat(expired).isTrue();
      assertThat(log).containsExactly("swallowed");
      assertThat(current().cancelling()).isZero();
    });
  }

  @Test
  void noLimit() {
    start.run(() -> {
      timeout(null, () -> sleep(ms(100_000)));
      timeoutAt(
          null,
          limit -> {
            assertThat(limit.when()).isNull();
            return null;
          });
    });
  }

  @Test
  void limitOfZeroStrikesAtTheFirstSuspension() {
    start.run(() -> {
      assertThatThrownBy(() ->
              timeout(
                  Duration.ZERO,
                  () -> {
                    log.add("started");
                    sleep(ms(10));
                  }))
          .isInstanceOf(TimeoutException.class);
      assertThat(log).containsExactly("started");
    });
  }

  @Test
  void limitOfZeroSparesABlockThatDoesNotSuspend() {
    start.run(() -> {
      Timeout[] limits = new Timeout[1];
      timeout(
          Duration.ZERO,
          limit -> {
            limits[0] = limit;
            return null;
          });
      assertThat(limits[0].expired()).isFalse();
      tick();
    });
  }

  @Test
  void rescheduleMovesTheDeadline() {
    start.runTimed(time -> {
      EventLoop loop = Asyncio.getRunningLoop();
      assertThatThrownBy(() ->
              timeoutAt(
                  loop.time().plus(ms(10)),
                  limit -> {
                    assertThat(limit.when()).isEqualTo(ms(10));
                    limit.reschedule(loop.time().plus(ms(50)));
                    assertThat(limit.when()).isEqualTo(ms(50));
                    assertThat(limit).hasToString("Timeout[active, when=PT0.05S]");
                    sleep(ms(100));
                    return null;
                  }))
          .isInstanceOf(TimeoutException.class);
      assertThat(time.millis()).isEqualTo(50);
    });
  }

  @Test
  void rescheduleToThePastStrikesInTheNextIteration() {
    start.runTimed(time -> {
      assertThatThrownBy(() ->
              timeout(
                  ms(1_000),
                  limit -> {
                    limit.reschedule(Duration.ZERO);
                    ticks(5);
                    return null;
                  }))
          .isInstanceOf(TimeoutException.class);
      assertThat(time.millis()).isZero();
    });
  }

  @Test
  void rescheduleToNeverDisarms() {
    start.run(() ->
        timeout(
            ms(10),
            limit -> {
              limit.reschedule(null);
              sleep(ms(100));
              return null;
            }));
  }

  @Test
  void rescheduleOfAFinishedOrExpiredTimeoutIsRefused() {
    start.run(() -> {
      Timeout[] limits = new Timeout[1];
      timeout(
          ms(10),
          limit -> {
            limits[0] = limit;
            return null;
          });
      assertThatThrownBy(() -> limits[0].reschedule(ms(100)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("expected an active timeout, was finished");
      assertThatThrownBy(() ->
              timeout(
                  ms(10),
                  limit -> {
                    limits[0] = limit;
                    sleep(ms(100));
                    return null;
                  }))
          .isInstanceOf(TimeoutException.class);
      assertThat(limits[0].expired()).isTrue();
      assertThatThrownBy(() -> limits[0].reschedule(null))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("expected an active timeout, was expired");
    });
  }

  @Test // aio-libs/aiohttp#9326, #9030
  void outsideCancelStaysACancel() {
    start.run(() -> {
      Task<?> task = createTask(() -> timeout(ms(10), () -> sleep(ms(100))));
      ticks(2);
      task.cancel("outside");
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class).hasMessage("outside");
    });
  }

  @Test // both in one iteration
  void outsideCancelBesideTheDeadlineIsNotEaten() {
    start.runTimed(time -> {
      Task<?> task =
          createTask(() -> {
            timeout(ms(10), () -> sleep(ms(100)));
            log.add("not reached");
          });
      ticks(2);
      Asyncio.getRunningLoop().callLater(ms(10), task::cancel); // right after the limit's timer
      assertCancelled(task);
      assertThat(task.cancelling()).isOne();
      assertThat(time.millis()).isEqualTo(10);
    });
  }

  @Test
  void cancelThatWasSwallowedBeforeDoesNotMaskTheTimeout() {
    start.run(() -> {
      Task<?> task =
          createTask(() -> {
            try {
              sleep(ms(1_000));
            } catch (CancelledError e) {
              log.add("swallowed");
            }
            assertThatThrownBy(() -> timeout(ms(10), () -> sleep(ms(100))))
                .isInstanceOf(TimeoutException.class);
            assertThat(current().cancelling()).isOne();
          });
      ticks(2);
      task.cancel();
      task.await();
    });
  }

  @Test
  void innerOneStrikesAloneWhenNested() {
    start.run(() ->
        timeout(
            ms(100),
            outer -> {
              assertThatThrownBy(() -> timeout(ms(10), () -> sleep(ms(1_000))))
                  .isInstanceOf(TimeoutException.class);
              assertThat(outer.expired()).isFalse();
              sleep(ms(10));
              return null;
            }));
  }

  @Test
  void outerOneReportsWhenBothAreOverdue() {
    start.runTimed(time ->
        assertThatThrownBy(() ->
                timeout(
                    ms(10),
                    () -> {
                      try {
                        timeout(
                            ms(20),
                            () -> {
                              time.advance(ms(50)); // computes for too long
                              sleep(ms(1));
                            });
                      } catch (CancelledError e) {
                        log.add("inner is cancelled");
                        throw e;
                      }
                    }))
            .isInstanceOf(TimeoutException.class));
    assertThat(log).containsExactly("inner is cancelled");
  }

  @Test // python-trio/trio#2512, agronholm/anyio#1298
  void timeRunsFromTheEntry() {
    start.runTimed(time -> {
      Block.Action<RuntimeException> block = () -> sleep(ms(9));
      sleep(ms(100));
      timeout(ms(10), block);
      assertThat(time.millis()).isEqualTo(109);
    });
  }

  @Test // Kotlin/kotlinx.coroutines#4382
  void strikesThoughTheExecutorNeverAnswers() {
    start.runTimed(time -> {
      assertThatThrownBy(() ->
              timeout(ms(10), () -> Asyncio.runInExecutor(ignored -> {}, () -> "never").await()))
          .isInstanceOf(TimeoutException.class);
      assertThat(time.millis()).isEqualTo(10);
    });
  }

  @Test
  void isForTasksOnly() {
    start.run(() -> {
      Asyncio.getRunningLoop()
          .callSoon(() -> {
            try {
              timeout(ms(10), () -> {});
            } catch (IllegalStateException e) {
              log.add(e.getMessage());
            }
          });
      tick();
      assertThat(log).containsExactly("a timeout is for use inside a task, not in a callback");
    });
  }
}
