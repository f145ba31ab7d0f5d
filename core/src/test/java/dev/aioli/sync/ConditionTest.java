package dev.aioli.sync;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.timeout;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.current;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.CancelledError;
import dev.aioli.Task;
import dev.aioli.TimeoutException;
import dev.aioli.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConditionTest {
  private final Condition condition = new Condition();
  private final List<String> log = new ArrayList<>();

  private Task<?> waiter(String name) {
    return createTask(
        () -> {
          try (Permit permit = condition.acquire()) {
            condition.await();
            log.add(name);
          }
        },
        name);
  }

  private void signal(int count) {
    try (Permit permit = condition.acquire()) {
      condition.signal(count);
    }
  }

  @Test
  void signalWakesTheOldestWaiters() {
    VirtualTime.run(() -> {
      List<Task<?>> waiters = List.of(waiter("a"), waiter("b"), waiter("c"));
      ticks(3);
      assertThat(condition.waiters()).isEqualTo(3);
      signal(2);
      ticks(5);
      assertThat(log).containsExactly("a", "b");
      signal(1);
      gather(waiters);
      assertThat(log).containsExactly("a", "b", "c");
    });
  }

  @Test
  void signalAllWakesEveryWaiter() {
    VirtualTime.run(() -> {
      List<Task<?>> waiters = List.of(waiter("a"), waiter("b"), waiter("c"));
      ticks(3);
      try (Permit permit = condition.acquire()) {
        condition.signalAll();
        assertThat(condition.waiters()).isZero();
      }
      gather(waiters);
      assertThat(log).containsExactly("a", "b", "c");
    });
  }

  @Test
  void signalWithoutAWaiterIsLost() {
    VirtualTime.run(() -> {
      signal(5);
      Task<?> waiter = waiter("waiter");
      ticks(5);
      assertThat(waiter.done()).isFalse();
      condition.acquire();
      condition.signal();
      condition.release();
      waiter.await();
    });
  }

  @Test
  void waiterHoldsTheLockWhenItGoesOn() {
    VirtualTime.run(() -> {
      Task<?> waiter =
          createTask(() -> {
            condition.acquire();
            condition.await();
            assertThat(condition.locked()).isTrue();
            condition.release();
          });
      tick();
      assertThat(condition.locked()).as("while it waits").isFalse();
      signal(1);
      waiter.await();
      assertThat(condition.locked()).isFalse();
    });
  }

  @Test
  void lockMayBeHeldByAnyone() {
    VirtualTime.run(() -> {
      condition.acquire();
      Task<?> waiter = createTask(condition::await); // frees the lock that this task took
      tick();
      assertThat(condition.locked()).isFalse();
      condition.acquire();
      createTask(() -> condition.signal()).await();
      condition.release();
      waiter.await();
      assertThat(condition.locked()).isTrue();
    });
  }

  @Test
  void twoConditionsCanShareALock() {
    VirtualTime.run(() -> {
      Lock lock = new Lock();
      Condition one = new Condition(lock);
      Condition other = new Condition(lock);
      Task<?> waiter =
          createTask(() -> {
            one.acquire();
            one.await();
          });
      tick();
      other.acquire();
      other.signal();
      other.release();
      ticks(3);
      assertThat(waiter.done()).isFalse();
      other.acquire();
      one.signal();
      lock.release();
      waiter.await();
    });
  }

  @Test
  void awaitForReturnsAtOnceIfThePredicateHolds() {
    VirtualTime.run(() -> condition.awaitFor(() -> true));
    assertThat(condition.locked()).isFalse();
  }

  @Test
  void awaitForWaitsUntilThePredicateHolds() {
    VirtualTime.run(() -> {
      int[] value = {0};
      Task<?> waiter =
          createTask(() -> {
            try (Permit permit = condition.acquire()) {
              condition.awaitFor(() -> value[0] == 3);
              log.add("saw " + value[0]);
            }
          });
      ticks(2);
      for (int i = 1; i <= 3; i++) {
        assertThat(log).isEmpty();
        value[0] = i;
        signal(1);
        ticks(4);
      }
      waiter.await();
      assertThat(log).containsExactly("saw 3");
    });
  }

  @Test
  void waiterCancelledBeforeItIsSignalledLeavesWithTheLock() {
    VirtualTime.run(() -> {
      Task<?> waiter =
          createTask(() -> {
            condition.acquire();
            try {
              condition.await();
            } finally {
              log.add("locked: " + condition.locked());
              condition.release();
            }
          });
      tick();
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(log).containsExactly("locked: true");
      assertThat(condition.waiters()).isZero();
      assertThat(condition.locked()).isFalse();
    });
  }

  @Test // python/cpython#112202, agronholm/anyio#1075
  void signalledThenCancelledWaiterPassesTheSignalOn() {
    VirtualTime.run(() -> {
      Task<?> a = waiter("a");
      Task<?> b = waiter("b");
      ticks(2);
      signal(1);
      a.cancel();
      assertCancelled(a);
      b.await();
      assertThat(log).containsExactly("b");
    });
  }

  @Test // with the cancellation while the signalled one waits for the lock
  void signalledWaiterCancelledWhileItTakesTheLockPassesTheSignalOn() {
    VirtualTime.run(() -> {
      Task<?> a = waiter("a");
      Task<?> b = waiter("b");
      ticks(2);
      condition.acquire();
      condition.signal();
      ticks(2); // a runs into the lock
      a.cancel();
      tick();
      assertThat(a.done()).as("it does not leave without the lock").isFalse();
      condition.release();
      assertCancelled(a);
      b.await();
      assertThat(log).containsExactly("b");
    });
  }

  @Test // bpo-22970, python/asyncio#346, python/cpython#77022, #86766
  void cancelsWhileTheLockIsTakenAgainDoNotLoseTheLock() {
    VirtualTime.run(() -> {
      Task<?> waiter =
          createTask(() -> {
            condition.acquire();
            try {
              condition.await();
            } finally {
              log.add("locked: " + condition.locked());
              condition.release();
            }
          });
      tick();
      condition.acquire();
      condition.signal();
      for (int i = 0; i < 5; i++) {
        waiter.cancel("cancel " + i);
        ticks(2);
        assertThat(waiter.done()).isFalse();
      }
      condition.release();
      assertThatThrownBy(waiter::await).isInstanceOf(CancelledError.class).hasMessage("cancel 4");
      assertThat(log).containsExactly("locked: true");
      assertThat(condition.locked()).isFalse();
    });
  }

  @Test
  void holdersLockIsNotFreedByACancelledWaiter() {
    VirtualTime.run(() -> {
      Task<?> waiter = waiter("waiter");
      tick();
      condition.acquire();
      waiter.cancel();
      ticks(5);
      assertThat(condition.locked()).isTrue();
      assertThat(waiter.done()).isFalse();
      condition.release();
      assertCancelled(waiter);
    });
  }

  @Test // python/cpython#111693
  void cancelKeepsItsMessage() {
    VirtualTime.run(() -> {
      Task<?> waiter = waiter("waiter");
      tick();
      waiter.cancel("the reason");
      assertThatThrownBy(waiter::await).hasMessage("the reason");
    });
  }

  @Test // bpo-32751, bpo-33638
  void timeoutLeavesOnlyWithTheLock() {
    VirtualTime.run(() -> {
      Task<?> waiter =
          createTask(() -> {
            condition.acquire();
            assertThatThrownBy(() -> timeout(ms(10), condition::await))
                .isInstanceOf(TimeoutException.class);
            log.add("locked: " + condition.locked());
            assertThat(current().cancelling()).isZero();
            condition.release();
          });
      tick();
      condition.acquire();
      sleep(ms(50));
      assertThat(log).isEmpty();
      condition.release();
      waiter.await();
      assertThat(log).containsExactly("locked: true");
    });
  }

  @Test
  void waitAndSignalNeedTheLock() {
    VirtualTime.run(() -> {
      assertThatThrownBy(condition::await)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("await expects a locked lock, was Condition[unlocked, waiters=0]");
      assertThatThrownBy(() -> condition.awaitFor(() -> false))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> condition.signal())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("signal expects a locked lock");
      assertThatThrownBy(condition::signalAll).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(condition::release).isInstanceOf(IllegalStateException.class);
    });
  }

  @Test
  void predicateThatThrowsLeavesTheLockHeld() {
    VirtualTime.run(() -> {
      condition.acquire();
      assertThatThrownBy(() ->
              condition.awaitFor(() -> {
                throw new IllegalArgumentException("predicate");
              }))
          .hasMessage("predicate");
      assertThat(condition.locked()).isTrue();
    });
  }

  @Test
  void showsItsState() {
    VirtualTime.run(() -> {
      condition.acquire();
      assertThat(condition).hasToString("Condition[locked, waiters=0]");
    });
  }
}
