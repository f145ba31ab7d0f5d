package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.current;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.sync.Lock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskCancellationTest {
  private final List<String> log = new ArrayList<>();

  @Test // Python moved it out of Exception in 3.8; Kotlin/kotlinx.coroutines#3658
  void catchExceptionDoesNotSwallowACancellation() {
    VirtualTime.run(() -> {
      Task<?> task =
          createTask(() -> {
            try {
              sleep(ms(100));
            } catch (Exception e) {
              log.add("caught");
            }
          });
      tick();
      task.cancel();
      assertCancelled(task);
      assertThat(log).isEmpty();
    });
  }

  @Test
  void everyCancelCountsAndADoneTaskRefuses() {
    VirtualTime.run(() -> {
      Task<?> task = createTask(() -> sleep(ms(100)));
      tick();
      assertThat(task.cancel()).isTrue();
      assertThat(task.cancel()).isTrue();
      assertThat(task.cancelling()).isEqualTo(2);
      assertCancelled(task);
      assertThat(task.cancel()).isFalse();
      assertThat(task.cancelling()).isEqualTo(2);
    });
  }

  @Test
  void twoCancelsInOneTickHitOnceAndSpareTheCleanUp() {
    VirtualTime.run(() -> {
      Task<?> task =
          createTask(() -> {
            try {
              sleep(ms(100));
            } finally {
              sleep(ms(10));
              log.add("cleaned up");
            }
          });
      tick();
      task.cancel();
      task.cancel();
      assertCancelled(task);
      assertThat(log).containsExactly("cleaned up");
    });
  }

  @Test
  void cancelAgainHitsTheCleanUp() {
    VirtualTime.run(() -> {
      Task<?> task =
          createTask(() -> {
            try {
              sleep(ms(100));
            } finally {
              sleep(ms(10));
              log.add("cleaned up");
            }
          });
      tick();
      task.cancel();
      tick();
      task.cancel();
      assertCancelled(task);
      assertThat(log).isEmpty();
    });
  }

  @Test
  void taskCancelledBeforeItsFirstStepNeverRuns() {
    VirtualTime.run(() -> {
      Task<?> task = createTask(() -> log.add("ran"));
      task.cancel("too early");
      assertThatThrownBy(task::await).isInstanceOf(CancelledError.class).hasMessage("too early");
      assertThat(log).isEmpty();
    });
  }

  @Test // AnyIO's "why" page
  void eagerTaskOwnsAResourceFromTheFirstMoment() {
    VirtualTime.run(() -> {
      AutoCloseable resource = () -> log.add("closed");
      Task<?> task =
          createTask(
              () -> {
                try (resource) {
                  sleep(ms(100));
                }
                return null;
              },
              TaskOptions.DEFAULT.withEagerStart(true));
      task.cancel();
      assertCancelled(task);
      assertThat(log).containsExactly("closed");
    });
  }

  @Test // Kotlin/kotlinx.coroutines#3504, #1936; the future keeps the value
  void cancelWinsOverAValueThatIsOnItsWay() {
    VirtualTime.run(() -> {
      Future<String> future = Asyncio.getRunningLoop().createFuture();
      Task<String> task = createTask(() -> future.await());
      ticks(2);
      future.setResult("value");
      task.cancel();
      assertCancelled(task);
      assertThat(future.result()).isEqualTo("value");
    });
  }

  @Test
  void valueIsLostIfTheTaskCancelsItselfAndReturns() {
    VirtualTime.run(() -> {
      Task<String> task =
          createTask(() -> {
            current().cancel();
            return "value";
          });
      assertCancelled(task);
    });
  }

  @Test
  void cancelOfItselfStrikesAtTheNextRealSuspension() {
    VirtualTime.run(() -> {
      Lock lock = new Lock();
      Task<?> task =
          createTask(() -> {
            current().cancel();
            lock.acquire();
            log.add("acquired");
            tick();
            log.add("not reached");
          });
      assertCancelled(task);
      assertThat(log).containsExactly("acquired");
    });
  }

  @Test
  void swallowedCancellationLeavesTheCount() {
    VirtualTime.run(() -> {
      Task<String> task =
          createTask(() -> {
            try {
              sleep(ms(100));
            } catch (CancelledError e) {
              return "swallowed " + e.getMessage();
            }
            return "not reached";
          });
      tick();
      task.cancel("why");
      assertThat(task.await()).isEqualTo("swallowed why");
      assertThat(task.cancelled()).isFalse();
      assertThat(task.cancelling()).isOne();
    });
  }

  @Test
  void uncancelToZeroTakesBackAnUndeliveredCancellation() {
    VirtualTime.run(() -> {
      Task<String> task =
          createTask(() -> {
            Task<?> self = current();
            self.cancel();
            self.cancel();
            assertThat(self.uncancel()).isOne();
            assertThat(self.uncancel()).isZero();
            assertThat(self.uncancel()).as("never below zero").isZero();
            tick();
            return "not cancelled";
          });
      assertThat(task.await()).isEqualTo("not cancelled");
    });
  }

  @Test
  void cancelGoesThroughToWhatTheTaskAwaits() {
    VirtualTime.run(() -> {
      Task<?> inner = createTask(() -> sleep(ms(100)));
      Task<?> outer = createTask(() -> inner.await());
      ticks(2);
      outer.cancel("both");
      assertThatThrownBy(outer::await).isInstanceOf(CancelledError.class).hasMessage("both");
      assertThat(inner.cancelled()).isTrue();
    });
  }

  @Test
  void awaitedTaskThatIsCancelledDoesNotCancelTheOneThatWaits() {
    VirtualTime.run(() -> {
      Task<?> inner = createTask(() -> sleep(ms(100)));
      Task<String> outer =
          createTask(() -> {
            try {
              inner.await();
            } catch (CancelledError e) {
              return "inner is gone, I am at " + current().cancelling();
            }
            return "not reached";
          });
      ticks(2);
      inner.cancel();
      assertThat(outer.await()).isEqualTo("inner is gone, I am at 0");
    });
  }

  @Test
  void nextAwaiterIsServedWhenAShieldedOneIsCancelled() {
    VirtualTime.run(() -> {
      Task<String> work =
          createTask(() -> {
            sleep(ms(10));
            return "done";
          });
      Task<String> cancelled = createTask(() -> Asyncio.shield(work).await());
      Task<String> next = createTask(() -> work.await());
      ticks(2);
      cancelled.cancel();
      assertCancelled(cancelled);
      assertThat(next.await()).isEqualTo("done");
    });
  }

  @Test
  void sleepCancelledRemovesItsTimer() {
    VirtualTime.run(() -> {
      Task<?> task = createTask(() -> sleep(ms(100)));
      tick();
      assertThat(Asyncio.getRunningLoop().timers().size()).isOne();
      task.cancel();
      assertCancelled(task);
      assertThat(Asyncio.getRunningLoop().timers().size()).isZero();
    });
  }

  @Test
  void sleepOfZeroYieldsExactlyOneIteration() {
    VirtualTime.run(() -> {
      createTask(() -> log.add("other"));
      log.add("before");
      tick();
      log.add("after");
      Task<?> cancelledInIt = createTask(Steps::tick);
      tick();
      cancelledInIt.cancel();
      assertCancelled(cancelledInIt);
    });
    assertThat(log).containsExactly("before", "other", "after");
  }

  @Test
  void awaitOfItselfIsRefused() {
    VirtualTime.run(() -> {
      Task<?> task = createTask(() -> current().await(), "narcissus");
      assertThatThrownBy(task::await)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("a task cannot await itself: Task[narcissus");
    });
  }

  @Test // the circle is printed
  void circleOfAwaitsIsRefused() {
    VirtualTime.run(() -> {
      List<Task<?>> tasks = new ArrayList<>();
      tasks.add(createTask(() -> tasks.get(1).await(), "a"));
      tasks.add(createTask(() -> Asyncio.gather(List.of(tasks.get(2))), "b"));
      tasks.add(createTask(() -> tasks.get(0).await(), "c"));
      assertThatThrownBy(tasks.get(2)::await)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("these tasks would wait for each other for ever: c -> a -> b -> c");
    });
  }

  @Test
  void futureOfAnotherLoopIsRefused() {
    VirtualTime.run(() -> {
      try (EventLoop other = EventLoop.newEventLoop()) {
        Future<String> foreign = other.createFuture();
        assertThatThrownBy(foreign::await)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("which belongs to another event loop");
      }
    });
  }
}
