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

@ParameterizedClass // E3: python/cpython#124309
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
