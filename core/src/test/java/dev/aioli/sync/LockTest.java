package dev.aioli.sync;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.timeout;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.current;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.CancelledError;
import dev.aioli.Task;
import dev.aioli.TimeoutException;
import dev.aioli.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LockTest {
  private final Lock lock = new Lock();
  private final List<String> log = new ArrayList<>();

  private Task<?> taker(String name) {
    return createTask(
        () -> {
          try (Permit permit = lock.acquire()) {
            log.add(name);
          }
        },
        name);
  }

  @Test
  void freeLockIsTakenWithoutSuspending() {
    VirtualTime.run(() -> {
      Asyncio.getRunningLoop().callSoon(() -> log.add("callback"));
      lock.acquire();
      assertThat(lock.locked()).isTrue();
      assertThat(log).isEmpty();
    });
  }

  @Test
  void waitersGetTheLockInOrder() {
    VirtualTime.run(() -> {
      lock.acquire();
      List<Task<?>> takers = List.of(taker("a"), taker("b"), taker("c"));
      tick();
      assertThat(lock.waiters()).isEqualTo(3);
      lock.release();
      gather(takers);
      assertThat(log).containsExactly("a", "b", "c");
      assertThat(lock.locked()).isFalse();
    });
  }

  @Test
  void newcomerQueuesBehindTheOneThatWasPassedTheLock() {
    VirtualTime.run(() -> {
      lock.acquire();
      Task<?> waiter = taker("waiter");
      tick();
      lock.release();
      assertThat(lock.locked()).as("for an instant nobody holds it").isFalse();
      try (Permit permit = lock.acquire()) {
        log.add("newcomer");
      }
      waiter.await();
      assertThat(log).containsExactly("waiter", "newcomer");
    });
  }

  @Test
  void anotherTaskMayRelease() {
    VirtualTime.run(() -> {
      lock.acquire();
      createTask(lock::release).await();
      assertThat(lock.locked()).isFalse();
    });
  }

  @Test
  void lockIsNotReentrant() {
    VirtualTime.run(() -> {
      lock.acquire();
      assertThatThrownBy(() -> timeout(ms(10), lock::acquire)).isInstanceOf(TimeoutException.class);
      assertThat(lock.locked()).isTrue();
    });
  }

  @Test
  void waiterCancelledBeforeItIsWokenDoesNotGetTheLock() {
    VirtualTime.run(() -> {
      lock.acquire();
      Task<?> waiter = taker("waiter");
      tick();
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(lock.waiters()).isZero();
      lock.release();
      assertThat(lock.locked()).isFalse();
      assertThat(log).isEmpty();
    });
  }

  @Test // bpo-27585, python/cpython#1031, python/asyncio#393
  void cancelledWaiterPassesTheLockOn() {
    VirtualTime.run(() -> {
      lock.acquire();
      Task<?> a = taker("a");
      Task<?> b = taker("b");
      tick();
      lock.release();
      a.cancel();
      assertCancelled(a);
      b.await();
      assertThat(log).containsExactly("b");
    });
  }

  @Test
  void lastWaiterCancelledAfterItWasWokenLeavesTheLockFree() {
    VirtualTime.run(() -> {
      lock.acquire();
      Task<?> waiter = taker("waiter");
      tick();
      lock.release();
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(lock.locked()).isFalse();
      lock.acquire();
    });
  }

  @Test // with a chain: each chosen one is cancelled in its turn
  void lockPassesDownAChainOfCancelledWaiters() {
    VirtualTime.run(() -> {
      lock.acquire();
      List<Task<?>> doomed = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        doomed.add(taker("doomed"));
      }
      Task<?> last = taker("last");
      tick();
      lock.release();
      doomed.forEach(Task::cancel);
      last.await();
      assertThat(log).containsExactly("last");
    });
  }

  @Test // agronholm/anyio#1145, #387
  void cancelledHeadOfTheLineDoesNotStrandThoseBehindIt() {
    VirtualTime.run(() -> {
      lock.acquire();
      Task<?> a = taker("a");
      Task<?> b = taker("b");
      Task<?> c = taker("c");
      tick();
      a.cancel();
      lock.release(); // before a has run, and so left the line
      gather(List.of(b, c));
      assertThat(log).containsExactly("b", "c");
      assertThat(a.cancelled()).isTrue();
    });
  }

  @Test // from the middle of the line
  void cancelledWaiterInTheMiddleIsSkipped() {
    VirtualTime.run(() -> {
      lock.acquire();
      Task<?> a = taker("a");
      Task<?> b = taker("b");
      Task<?> c = taker("c");
      tick();
      b.cancel();
      lock.release();
      gather(List.of(a, c));
      assertThat(log).containsExactly("a", "c");
    });
  }

  @Test
  void cancelledWaitersInTheLineDoNotBlockTheFastPath() {
    VirtualTime.run(() -> {
      lock.acquire();
      Task<?> waiter = taker("waiter");
      tick();
      waiter.cancel();
      lock.release();
      Asyncio.getRunningLoop().callSoon(() -> log.add("suspended"));
      lock.acquire();
      assertThat(log).isEmpty();
      lock.release();
    });
  }

  @Test // agronholm/anyio#398
  void cancelDoesNotReachIntoTheFastPath() {
    VirtualTime.run(() -> {
      Task<?> task =
          createTask(() -> {
            current().cancel();
            try (Permit permit = lock.acquire()) {
              log.add("inside");
              tick();
              log.add("not reached");
            }
          });
      assertCancelled(task);
      assertThat(log).containsExactly("inside");
      assertThat(lock.locked()).isFalse();
    });
  }

  @Test // bpo-45997, python/cpython#30052, #31910, #90155
  void releaserThatComesBackAtOnceDoesNotOvertakeTheWaiter() {
    VirtualTime.run(() -> {
      Task<?> greedy =
          createTask(() -> {
            for (int i = 0; i < 10; i++) {
              try (Permit permit = lock.acquire()) {
                log.add("greedy");
                tick();
              }
            }
          });
      Task<?> waiter = taker("waiter");
      gather(List.of(greedy, waiter));
      assertThat(log.indexOf("waiter")).isEqualTo(1);
    });
  }

  @Test // acquire was granted before the deadline, the loop is late
  void grantBeforeAnOverdueDeadlineWins() {
    VirtualTime time = new VirtualTime();
    try (dev.aioli.Runner runner = new dev.aioli.Runner(time::newLoop)) {
      runner.run(() -> {
        lock.acquire();
        Task<?> waiter =
            createTask(() -> {
              timeout(ms(10), lock::acquire);
              log.add("granted");
            });
        ticks(2);
        lock.release();
        time.advance(ms(20));
        waiter.await();
        assertThat(log).containsExactly("granted");
        return null;
      });
    }
  }

  @Test
  void releaseOfAnUnlockedLockIsRefused() {
    assertThatThrownBy(lock::release)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected a locked lock")
        .hasMessageContaining("Lock[unlocked, waiters=0]");
    assertThat(lock.locked()).isFalse();
  }

  @Test
  void closingThePermitReleases() {
    VirtualTime.run(() -> {
      Permit permit = lock.acquire();
      permit.close();
      assertThat(lock.locked()).isFalse();
    });
  }

  @Test
  void closingAPermitAgainTakesNothingFromTheNextOwner() {
    VirtualTime.run(() -> {
      Permit first = lock.acquire();
      first.close();
      first.close();
      Permit second = lock.acquire();
      first.close();
      assertThat(lock.locked()).isTrue();
      assertThat(first).hasToString("Permit[closed]");
      assertThat(second).hasToString("Permit[held]");
      second.close();
      assertThat(lock.locked()).isFalse();
    });
  }

  @Test
  void permitOfWhatWasReleasedWithoutItIsTold() {
    VirtualTime.run(() -> {
      Permit permit = lock.acquire();
      lock.release();
      assertThatThrownBy(permit::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("release it once for each acquire, or leave that to close()");
    });
  }

  @Test
  void errorInsideTheBlockReleases() {
    VirtualTime.run(() -> {
      assertThatThrownBy(
              () -> {
                try (Permit permit = lock.acquire()) {
                  throw new IllegalArgumentException("inside");
                }
              })
          .hasMessage("inside");
      assertThat(lock.locked()).isFalse();
    });
  }

  @Test
  void cancellationCarriesItsMessageOut() {
    VirtualTime.run(() -> {
      lock.acquire();
      Task<?> waiter = taker("waiter");
      tick();
      waiter.cancel("no longer needed");
      assertThatThrownBy(waiter::await)
          .isInstanceOf(CancelledError.class)
          .hasMessage("no longer needed");
    });
  }

  @Test
  void showsItsState() {
    VirtualTime.run(() -> {
      lock.acquire();
      Task<?> waiter = taker("waiter");
      tick();
      assertThat(lock).hasToString("Lock[locked, waiters=1]");
      lock.release();
      waiter.await();
      assertThat(lock).hasToString("Lock[unlocked, waiters=0]");
    });
  }
}
