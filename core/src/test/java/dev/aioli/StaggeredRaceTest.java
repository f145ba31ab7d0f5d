package dev.aioli;

import static dev.aioli.Asyncio.allTasks;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.staggeredRace;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass // python/cpython#124309
@EnumSource(Start.class)
class StaggeredRaceTest {
  @Parameter Start start;
  private final List<String> log = new ArrayList<>();

  private Callable<String> winner(String name, long millis) {
    return () -> {
      log.add(name);
      if (millis > 0) {
        sleep(ms(millis));
      }
      return name;
    };
  }

  private Callable<String> loser(String name, long millis) {
    return () -> {
      winner(name, millis).call();
      throw new IllegalArgumentException(name);
    };
  }

  @Test
  void ofNothingHasNoWinner() {
    start.run(() -> {
      RaceResult<String> result = staggeredRace(List.<Callable<String>>of(), null);
      assertThat(result.winner()).isNull();
      assertThat(result.index()).isEqualTo(-1);
      assertThat(result.exceptions()).isEmpty();
    });
  }

  @Test
  void firstToSucceedWinsAndLaterOnesDoNotStart() {
    start.run(() -> {
      RaceResult<String> result = staggeredRace(List.of(winner("a", 0), winner("b", 0)), null);
      assertThat(result.winner()).isEqualTo("a");
      assertThat(result.index()).isZero();
      assertThat(result.exceptions()).containsExactly((Throwable) null);
      assertThat(log).containsExactly("a");
    });
  }

  @Test
  void nextOneStartsWhenTheOneBeforeFails() {
    start.runTimed(time -> {
      RaceResult<String> result =
          staggeredRace(List.of(loser("a", 10), winner("b", 10)), ms(1_000));
      assertThat(result.winner()).isEqualTo("b");
      assertThat(result.index()).isEqualTo(1);
      assertThat(result.exceptions()).hasSize(2);
      assertThat(result.exceptions().get(0)).hasMessage("a");
      assertThat(result.exceptions().get(1)).isNull();
      assertThat(time.millis()).isEqualTo(20);
    });
  }

  @Test
  void nextOneStartsAfterTheDelay() {
    start.runTimed(time -> {
      RaceResult<String> result = staggeredRace(List.of(winner("a", 100), winner("b", 10)), ms(20));
      assertThat(result.winner()).isEqualTo("b");
      assertThat(result.exceptions().get(0)).isInstanceOf(CancelledError.class);
      assertThat(time.millis()).isEqualTo(30);
    });
  }

  @Test
  void slowFirstOneMayStillWin() {
    start.runTimed(time -> {
      RaceResult<String> result =
          staggeredRace(List.of(winner("a", 50), winner("b", 100), winner("c", 100)), ms(20));
      assertThat(result.winner()).isEqualTo("a");
      assertThat(result.index()).isZero();
      assertThat(log).containsExactly("a", "b", "c");
      assertThat(result.exceptions().get(1)).isInstanceOf(CancelledError.class);
      assertThat(time.millis()).isEqualTo(50);
    });
  }

  @Test
  void withoutADelayEachWaitsForTheOneBefore() {
    start.runTimed(time -> {
      staggeredRace(List.of(winner("a", 500), winner("b", 10)), null);
      assertThat(log).containsExactly("a");
    });
  }

  @Test
  void allErrorsAreTold() {
    start.run(() -> {
      RaceResult<String> result =
          staggeredRace(List.of(loser("a", 0), loser("b", 5), loser("c", 0)), ms(1));
      assertThat(result.index()).isEqualTo(-1);
      assertThat(result.exceptions())
          .extracting(Throwable::getMessage)
          .containsExactly("a", "b", "c");
    });
  }

  @Test
  void noTaskIsLeftAfterTheRace() {
    start.run(() -> {
      staggeredRace(List.of(winner("a", 100), winner("b", 10), winner("c", 100)), ms(5));
      ticks(3);
      assertThat(allTasks()).hasSize(1);
    });
  }

  @Test
  void cancelReachesAllCandidates() {
    start.run(() -> {
      Task<?> race =
          createTask(() -> staggeredRace(List.of(winner("a", 100), winner("b", 100)), ms(5)));
      sleep(ms(20));
      race.cancel();
      assertCancelled(race);
      ticks(5);
      assertThat(allTasks()).hasSize(1);
    });
  }

  private Callable<String> slowToCleanUp(String name, long millis) {
    return () -> {
      try {
        sleep(ms(1_000));
      } finally {
        sleep(ms(millis));
        log.add(name);
      }
      return name;
    };
  }

  @Test // python/cpython#128479
  void cancelledRaceWaitsForItsCandidates() {
    start.runTimed(time -> {
      Task<?> race =
          createTask(
              () -> staggeredRace(List.of(slowToCleanUp("a", 30), slowToCleanUp("b", 40)), ms(5)));
      sleep(ms(20));
      race.cancel("enough");
      assertThatThrownBy(race::await).isInstanceOf(CancelledError.class).hasMessage("enough");
      assertThat(log).containsExactly("a", "b");
      assertThat(time.millis()).isEqualTo(60);
      assertThat(allTasks()).hasSize(1);
    });
  }

  @Test // as test_cancelled of CPython 3.14's test_staggered
  void everyCancelReachesTheCandidates() {
    start.run(() -> {
      Callable<String> swallowsOne =
          () -> {
            try {
              sleep(ms(1_000));
            } catch (CancelledError e) {
              log.add("first " + e.getMessage());
            }
            try {
              sleep(ms(1_000));
            } catch (CancelledError e) {
              log.add("second " + e.getMessage());
              throw e;
            }
            return "slept";
          };
      Task<?> race = createTask(() -> staggeredRace(List.of(swallowsOne), null));
      ticks(5);
      race.cancel("one");
      ticks(5);
      assertThat(race.done()).isFalse();
      race.cancel("two");
      assertThatThrownBy(race::await).isInstanceOf(CancelledError.class).hasMessage("two");
      assertThat(log).containsExactly("first one", "second two");
    });
  }

  @Test
  void limitOfARaceIsReportedWhenItsCandidatesHaveCleanedUp() {
    start.runTimed(time -> {
      assertThatThrownBy(() ->
              Asyncio.timeout(ms(10), () -> staggeredRace(List.of(slowToCleanUp("a", 30)), null)))
          .isInstanceOf(TimeoutException.class);
      assertThat(log).containsExactly("a");
      assertThat(time.millis()).isEqualTo(40);
    });
  }

  @Test
  void candidateThatRefusesToBeCancelledDoesNotWinAfterTheWinner() {
    start.run(() -> {
      Callable<String> stubborn =
          () -> {
            try {
              sleep(ms(1_000));
            } catch (CancelledError e) {
              sleep(ms(10));
            }
            return "stubborn";
          };
      RaceResult<String> result = staggeredRace(List.of(stubborn, winner("b", 10)), ms(5));
      assertThat(result.winner()).isEqualTo("b");
      assertThat(result.index()).isEqualTo(1);
    });
  }

  @Test // as CPython: what a candidate did not throw is no part of the result
  void errorOfATaskFactoryComesOut() {
    assertThatThrownBy(() ->
            start.run(() -> {
              EventLoop loop = Asyncio.getRunningLoop();
              TaskFactory usual = loop.getTaskFactory();
              List<Task<?>> made = new ArrayList<>();
              loop.setTaskFactory(
                  new TaskFactory() {
                    @Override
                    public <T> Task<T> create(
                        EventLoop owner, Callable<? extends T> body, TaskOptions options) {
                      if (!made.isEmpty()) {
                        throw new IllegalArgumentException("no more tasks");
                      }
                      Task<T> task =
                          usual == null
                              ? owner.newTask(body, options)
                              : usual.create(owner, body, options);
                      made.add(task);
                      return task;
                    }
                  });
              staggeredRace(List.of(winner("a", 10)), null);
            }))
        .isInstanceOf(ExceptionGroup.class)
        .satisfies(e ->
            assertThat(((ExceptionGroup) e).exceptions())
                .extracting(Throwable::getMessage)
                .containsExactly("no more tasks"));
  }

  @Test
  void callbackCannotWaitForARace() {
    start.run(() -> {
      Asyncio.getRunningLoop()
          .callSoon(() -> {
            assertThatThrownBy(() -> staggeredRace(List.of(winner("a", 10)), null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("create a task");
            log.add("refused");
          });
      ticks(2);
      assertThat(log).containsExactly("refused");
      assertThat(allTasks()).hasSize(1);
    });
  }

  @Test
  void closeOfTheLoopEndsARaceAndItsCandidates() {
    List<Task<?>> tasks = new ArrayList<>();
    try (EventLoop loop = new VirtualTime().newLoop()) {
      loop.setTaskFactory(start == Start.EAGER ? TaskFactory.EAGER : null);
      loop.setExceptionHandler((closed, context) -> log.add(context.message()));
      loop.runUntilComplete(() -> {
        createTask(() -> staggeredRace(List.of(slowToCleanUp("a", 0), winner("b", 100)), ms(5)));
        sleep(ms(10));
        tasks.addAll(allTasks());
      });
    }
    assertThat(tasks).allMatch(Task::done);
    assertThat(log).noneMatch(message -> message.contains("refuses to end"));
  }

  @Test
  void errorThatEndsTheLoopIsNotCollected() {
    assertThatThrownBy(() ->
            start.run(() ->
                staggeredRace(
                    List.of(() -> {
                      sleep(ms(1));
                      throw new SystemExit(2);
                    }),
                    null)))
        .isInstanceOf(SystemExit.class);
  }
}
