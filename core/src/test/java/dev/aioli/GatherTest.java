package dev.aioli;

import static dev.aioli.Asyncio.allTasks;
import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.gatherFuture;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.current;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Start.class)
class GatherTest {
  @Parameter Start start;
  private final List<String> log = new ArrayList<>();

  private static Task<Integer> after(long millis, int result) {
    return createTask(() -> {
      sleep(ms(millis));
      return result;
    });
  }

  private static Task<Integer> failing(long millis, String message) {
    return createTask(() -> {
      sleep(ms(millis));
      throw new IllegalArgumentException(message);
    });
  }

  @Test
  void givesResultsInTheOrderOfTheArguments() {
    start.run(() ->
        assertThat(gather(after(30, 1), after(10, 2), after(20, 3))).containsExactly(1, 2, 3));
  }

  @Test
  void ofNothingIsAnEmptyList() {
    start.run(() -> {
      assertThat(gather(List.<Task<Integer>>of())).isEmpty();
      assertThat(gather(List.of(), true)).isEmpty();
    });
  }

  @Test
  void duplicateIsWaitedForOnceAndGivenTwice() {
    start.run(() -> {
      Task<Integer> task = after(10, 7);
      assertThat(gather(task, task)).containsExactly(7, 7);
    });
  }

  @Test
  void takesFuturesThatAreDone() {
    start.run(() -> {
      Task<Integer> done = createTask(() -> 1);
      tick();
      assertThat(gather(done, after(10, 2))).containsExactly(1, 2);
      assertThat(gather(done)).containsExactly(1);
    });
  }

  @Test // python/cpython#75633, #76935, python/asyncio#238
  void firstErrorIsThrownAndTheOthersKeepRunning() {
    start.runTimed(time -> {
      Task<Integer> survivor = after(100, 1);
      assertThatThrownBy(() -> gather(survivor, failing(10, "first"), failing(20, "second")))
          .hasMessage("first");
      assertThat(time.millis()).isEqualTo(10);
      assertThat(allTasks()).contains(survivor).hasSize(3);
      assertThat(survivor.await()).isEqualTo(1);
    });
  }

  @Test
  void cancelledChildCountsAsAnErrorButDoesNotCancelTheCaller() {
    start.run(() -> {
      Task<Integer> other = after(100, 1);
      Task<Integer> child = after(100, 2);
      Asyncio.getRunningLoop().callLater(ms(10), child::cancel);
      assertThatThrownBy(() -> gather(other, child)).isInstanceOf(CancelledError.class);
      assertThat(current().cancelling()).isZero();
      assertThat(other.await()).isEqualTo(1);
    });
  }

  @Test
  void canGiveErrorsAsResults() {
    start.run(() -> {
      Task<Integer> cancelled = after(100, 1);
      Future<Integer> withMessage = Asyncio.getRunningLoop().createFuture();
      tick();
      cancelled.cancel();
      withMessage.cancel("why");
      List<Object> results =
          gather(List.of(after(10, 1), failing(5, "bad"), cancelled, withMessage), true);
      assertThat(results).hasSize(4).first().isEqualTo(1);
      assertThat((Throwable) results.get(1)).hasMessage("bad");
      assertThat((Throwable) results.get(2)).isInstanceOf(CancelledError.class).hasMessage("");
      assertThat((Throwable) results.get(3)).isInstanceOf(CancelledError.class).hasMessage("why");
    });
  }

  @Test // micropython/micropython#5798, #7901
  void cancelReachesAllChildren() {
    start.run(() -> {
      List<Task<Integer>> children = List.of(after(100, 1), after(100, 2), after(100, 3));
      Task<?> gatherer = createTask(() -> gather(children));
      ticks(2);
      gatherer.cancel("all of you");
      assertThatThrownBy(gatherer::await)
          .isInstanceOf(CancelledError.class)
          .hasMessage("all of you");
      assertThat(children).allMatch(Future::cancelled);
    });
  }

  @Test // python/cpython#76865
  void outsideCancelIsNotTurnedIntoAResult() {
    start.run(() -> {
      List<Task<Integer>> children = List.of(after(100, 1), after(100, 2));
      Task<?> gatherer =
          createTask(() -> {
            gather(children, true);
            log.add("not reached");
          });
      ticks(2);
      gatherer.cancel();
      assertCancelled(gatherer);
      assertThat(children).allMatch(Future::cancelled);
      assertThat(log).isEmpty();
    });
  }

  @Test // with a child that refuses
  void outsideCancelComesOutThoughAChildRefusedIt() {
    start.run(() -> {
      Task<Integer> stubborn =
          createTask(() -> {
            try {
              sleep(ms(100));
            } catch (CancelledError e) {
              // refuses
            }
            return 1;
          });
      Task<?> gatherer = createTask(() -> gather(List.of(stubborn), true));
      ticks(2);
      gatherer.cancel();
      assertCancelled(gatherer);
      assertThat(stubborn.result()).isEqualTo(1);
    });
  }

  @Test
  void cancelOfTheFutureWaitsForTheChildren() {
    start.run(() -> {
      Task<Integer> slow =
          createTask(() -> {
            try {
              sleep(ms(100));
            } finally {
              sleep(ms(50));
              log.add("cleaned up");
            }
            return 1;
          });
      tick();
      Future<List<Integer>> all = gatherFuture(List.of(slow));
      assertThat(all.cancel()).isTrue();
      assertThat(all.done()).isFalse();
      assertThatThrownBy(all::await).isInstanceOf(CancelledError.class);
      assertThat(log).containsExactly("cleaned up");
      assertThat(all.cancel()).isFalse();
    });
  }

  @Test
  void cancelWhenAllChildrenAreDoneDoesNothing() {
    start.run(() -> {
      Future<Integer> child = Asyncio.getRunningLoop().createFuture();
      Future<List<Integer>> all = gatherFuture(List.of(child));
      child.setResult(1); // all gets it an iteration later
      assertThat(all.cancel()).isFalse();
      assertThat(all.await()).containsExactly(1);
    });
  }

  @Test
  void laterErrorsAndCancellationsOfChildrenAreSwallowed() {
    start.run(() -> {
      Task<Integer> second = failing(20, "second");
      Task<Integer> third = after(100, 3);
      assertThatThrownBy(() -> gather(failing(10, "first"), second, third)).hasMessage("first");
      third.cancel();
      assertCancelled(third);
      sleep(ms(50));
      assertThat(second.exception()).hasMessage("second");
    });
  }

  @Test
  void futureOfAnotherLoopIsRefused() {
    start.run(() -> {
      try (EventLoop other = EventLoop.newEventLoop()) {
        Future<Integer> foreign = other.createFuture();
        Future<Integer> own = Asyncio.getRunningLoop().createFuture();
        assertThatThrownBy(() -> gather(List.of(foreign, own)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("gather expects futures of one event loop");
        assertThatThrownBy(() -> gather(List.of(foreign)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("belongs to another event loop");
      }
    });
  }

  @Test // as CPython: the loop of a gathering future is that of what it gathers
  void futureForOthersIsMadeOutsideTheLoop() {
    try (EventLoop loop = new VirtualTime().newLoop()) {
      Future<Integer> first = loop.createFuture();
      Future<List<Integer>> gathered = gatherFuture(List.of(first));
      loop.callSoon(() -> first.setResult(1));
      assertThat(loop.runUntilComplete(gathered)).containsExactly(1);
    }
  }

  @Test
  void futureForOthersIsMadeInTheTurnOfAnotherLoop() {
    try (EventLoop other = new VirtualTime().newLoop()) {
      start.run(() -> {
        Future<Integer> foreign = other.createFuture();
        assertThat(gatherFuture(List.of(foreign)).getLoop()).isSameAs(other);
        assertThat(gatherFuture(List.of(foreign), true).getLoop()).isSameAs(other);
      });
    }
  }

  @Test
  void futureForNothingNeedsARunningLoop() {
    assertThatThrownBy(() -> gatherFuture(List.<Future<Integer>>of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no running event loop");
    start.run(() -> {
      Future<List<Integer>> ofNothing = gatherFuture(List.of());
      assertThat(ofNothing.result()).isEmpty();
    });
  }
}
