package dev.aioli;

import static dev.aioli.Asyncio.asCompleted;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Start.class)
class AsCompletedTest {
  @Parameter Start start;
  private final List<Object> log = new ArrayList<>();

  private static Task<Integer> after(long millis, int result) {
    return createTask(() -> {
      sleep(ms(millis));
      return result;
    });
  }

  @Test
  void givesTheFuturesThemselvesInOrderOfCompletion() {
    start.run(() -> {
      Task<Integer> slow = after(20, 1);
      Task<Integer> quick = after(10, 2);
      for (Future<Integer> done : asCompleted(List.of(slow, quick))) {
        log.add(done);
      }
      assertThat(log).containsExactly(quick, slow);
    });
  }

  @Test
  void givesResultsInOrderOfCompletion() {
    start.run(() -> {
      for (int result : asCompleted(List.of(after(30, 1), after(10, 2), after(20, 3))).results()) {
        log.add(result);
      }
      assertThat(log).containsExactly(2, 3, 1);
    });
  }

  @Test
  void throwsTheErrorInItsPlaceAndGoesOn() {
    start.run(() -> {
      Task<Integer> failing =
          createTask(() -> {
            sleep(ms(5));
            throw new IllegalArgumentException("failing");
          });
      Iterator<Integer> results = asCompleted(List.of(after(10, 1), failing)).results().iterator();
      assertThatThrownBy(results::next).hasMessage("failing");
      assertThat(results.next()).isEqualTo(1);
      assertThat(results.hasNext()).isFalse();
      assertThatThrownBy(results::next).isInstanceOf(NoSuchElementException.class);
    });
  }

  @Test
  void duplicatesCountOnceAndDoneOnesAreGiven() {
    start.run(() -> {
      Task<Integer> done = createTask(() -> 1);
      tick();
      asCompleted(List.of(done, done)).results().forEach(log::add);
      assertThat(log).containsExactly(1);
    });
  }

  @Test
  void ofNothingIsEmpty() {
    start.run(() -> {
      assertThat(asCompleted(List.<Future<Integer>>of()).iterator().hasNext()).isFalse();
      assertThat(asCompleted(List.<Future<Integer>>of(), ms(10)).iterator().hasNext()).isFalse();
    });
  }

  @Test
  void throwsForEachThatIsNotDoneInTimeAndCancelsNothing() {
    start.runTimed(time -> {
      Task<Integer> slow = after(100, 1);
      Iterator<Integer> results =
          asCompleted(List.of(slow, after(5, 2), after(200, 3)), ms(10)).results().iterator();
      assertThat(results.next()).isEqualTo(2);
      assertThatThrownBy(results::next).isInstanceOf(TimeoutException.class);
      assertThatThrownBy(results::next).isInstanceOf(TimeoutException.class);
      assertThat(results.hasNext()).isFalse();
      assertThat(time.millis()).isEqualTo(10);
      assertThat(slow.await()).isEqualTo(1);
    });
  }

  @Test
  void timerIsCalledOffWhenAllAreDone() {
    start.run(() -> {
      asCompleted(List.of(after(5, 1)), ms(1_000)).results().forEach(log::add);
      assertThat(Asyncio.getRunningLoop().timers().size()).isZero();
    });
  }

  @Test
  void canBeGoneThroughInSeveralLoops() {
    start.run(() -> {
      AsCompleted<Integer> completed = asCompleted(List.of(after(10, 1), after(20, 2)));
      assertThat(completed.results().iterator().next()).isEqualTo(1);
      assertThat(completed.iterator().next().result()).isEqualTo(2);
      assertThat(completed.iterator().hasNext()).isFalse();
    });
  }

  @Test
  void cancelOfTheWaiterLeavesTheTasksRunning() {
    start.run(() -> {
      Task<Integer> slow = after(100, 1);
      Task<?> waiter = createTask(() -> asCompleted(List.of(slow)).iterator().next());
      ticks(2);
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(slow.await()).isEqualTo(1);
    });
  }

  @Test
  void callbackTakesWhatIsDoneAlready() {
    start.run(() -> {
      AsCompleted<Integer> completed = asCompleted(List.of(after(0, 1)));
      ticks(4);
      Asyncio.getRunningLoop().callSoon(() -> log.add(completed.results().iterator().next()));
      ticks(2);
      assertThat(log).containsExactly(1);
    });
  }
}
