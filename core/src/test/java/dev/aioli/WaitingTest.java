package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link Asyncio#await}. */
@ParameterizedClass
@EnumSource(Start.class)
class WaitingTest {
  @Parameter Start start;

  private static Task<Integer> after(long millis) {
    return createTask(() -> {
      sleep(ms(millis));
      return 1;
    });
  }

  private static Task<Integer> failing(long millis) {
    return createTask(() -> {
      sleep(ms(millis));
      throw new IllegalArgumentException("failing");
    });
  }

  @Test
  void waitsForAll() {
    start.run(() -> {
      List<Task<Integer>> tasks = List.of(after(20), failing(10));
      Waiting<Task<Integer>> waiting = Asyncio.await(tasks);
      assertThat(waiting.done()).isEqualTo(tasks);
      assertThat(waiting.pending()).isEmpty();
      assertThat(waiting.done().getLast().exception()).hasMessage("failing");
    });
  }

  @Test
  void returnsWhenTheTimeHasPassedAndCancelsNothing() {
    start.runTimed(time -> {
      Task<Integer> quick = after(5);
      Task<Integer> slow = after(100);
      Waiting<Task<Integer>> waiting =
          Asyncio.await(List.of(slow, quick), ms(10), ReturnWhen.ALL_COMPLETED);
      assertThat(time.millis()).isEqualTo(10);
      assertThat(waiting.done()).containsExactly(quick);
      assertThat(waiting.pending()).containsExactly(slow);
      assertThat(slow.await()).isEqualTo(1);
    });
  }

  @Test
  void timeoutThatIsNotNeededIsCalledOff() {
    start.runTimed(time -> {
      Asyncio.await(List.of(after(5)), ms(1_000), ReturnWhen.ALL_COMPLETED);
      assertThat(Asyncio.getRunningLoop().timers().size()).isZero();
    });
  }

  @Test
  void firstCompletedReturnsWithTheFirst() {
    start.run(() -> {
      Task<Integer> quick = after(5);
      Task<Integer> slow = after(100);
      Waiting<Task<Integer>> waiting =
          Asyncio.await(List.of(slow, quick), null, ReturnWhen.FIRST_COMPLETED);
      assertThat(waiting.done()).containsExactly(quick);
      assertThat(waiting.pending()).containsExactly(slow);
    });
  }

  @Test
  void firstExceptionIgnoresResultsAndCancellations() {
    start.runTimed(time -> {
      Task<Integer> cancelled = after(1_000);
      Task<Integer> failing = failing(20);
      Task<Integer> slow = after(100);
      Asyncio.getRunningLoop().callLater(ms(5), cancelled::cancel);
      Waiting<Task<Integer>> waiting =
          Asyncio.await(
              List.of(cancelled, after(10), failing, slow), null, ReturnWhen.FIRST_EXCEPTION);
      assertThat(time.millis()).isEqualTo(20);
      assertThat(waiting.done()).hasSize(3).contains(failing);
      assertThat(waiting.pending()).containsExactly(slow);
    });
  }

  @Test
  void takesFuturesThatAreDone() {
    start.run(() -> {
      Task<Integer> done = createTask(() -> 1);
      tick();
      assertThat(Asyncio.await(List.of(done, done)).done()).containsExactly(done);
    });
  }

  @Test
  void cancelOfTheWaiterLeavesTheTasksRunning() {
    start.run(() -> {
      Task<Integer> slow = after(100);
      Task<?> waiter =
          createTask(() -> Asyncio.await(List.of(slow), ms(1_000), ReturnWhen.ALL_COMPLETED));
      ticks(3);
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(slow.await()).isEqualTo(1);
      assertThat(Asyncio.getRunningLoop().timers().size()).isZero();
    });
  }

  @Test
  void cancelBesideTheLastCompletionWins() {
    start.run(() -> {
      Future<Integer> future = Asyncio.getRunningLoop().createFuture();
      Task<?> waiter = createTask(() -> Asyncio.await(List.of(future)));
      ticks(2);
      future.setResult(1);
      tick();
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(future.result()).isEqualTo(1);
    });
  }

  @Test
  void deadlineAndCompletionInOneIterationAreFine() {
    start.run(() -> {
      Task<Integer> task = after(10);
      Waiting<Task<Integer>> waiting =
          Asyncio.await(List.of(task), ms(10), ReturnWhen.ALL_COMPLETED);
      assertThat(waiting.done().size() + waiting.pending().size()).isEqualTo(1);
    });
  }

  @Test
  void ofNothingIsRefused() {
    start.run(() ->
        assertThatThrownBy(() -> Asyncio.await(List.<Task<Integer>>of()))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("await expects at least one future, found none"));
  }

  @Test
  void whenToReturnMustBeGiven() {
    start.run(() -> {
      List<Task<Integer>> tasks = List.of(createTask(() -> 1));
      assertThatThrownBy(() -> Asyncio.await(tasks, null, null))
          .isInstanceOf(NullPointerException.class)
          .hasMessage("returnWhen");
    });
  }
}
