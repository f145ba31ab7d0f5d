package dev.aioli.sync;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.timeout;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.Task;
import dev.aioli.TimeoutException;
import dev.aioli.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SemaphoreTest {
  private final List<String> log = new ArrayList<>();

  private Task<?> taker(Semaphore semaphore, String name) {
    return createTask(
        () -> {
          semaphore.acquire();
          log.add(name);
        },
        name);
  }

  @Test
  void freePermitIsTakenWithoutSuspending() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(2);
      Asyncio.getRunningLoop().callSoon(() -> log.add("callback"));
      semaphore.acquire();
      assertThat(semaphore.availablePermits()).isOne();
      assertThat(semaphore.locked()).isFalse();
      semaphore.acquire();
      assertThat(semaphore.locked()).isTrue();
      assertThat(log).isEmpty();
    });
  }

  @Test // python/cpython#90155; anyio 3.7 notes
  void waitersAreServedInOrder() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(0);
      List<Task<?>> takers = List.of(taker(semaphore, "a"), taker(semaphore, "b"));
      tick();
      semaphore.release();
      semaphore.release();
      gather(takers);
      assertThat(log).containsExactly("a", "b");
      assertThat(semaphore.availablePermits()).isZero();
    });
  }

  @Test
  void releasedPermitGoesStraightToTheOldestWaiter() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(1);
      semaphore.acquire();
      Task<?> waiter = taker(semaphore, "waiter");
      tick();
      semaphore.release();
      assertThat(semaphore.availablePermits()).isZero();
      assertThat(semaphore.locked()).isTrue();
      waiter.await();
    });
  }

  @Test // bpo-45997, python/cpython#93222
  void releaserCannotTakeThePermitBack() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(1);
      Task<?> greedy =
          createTask(() -> {
            for (int i = 0; i < 10; i++) {
              try (Permit permit = semaphore.acquire()) {
                log.add("greedy");
                tick();
              }
            }
          });
      Task<?> waiter =
          createTask(() -> {
            try (Permit permit = semaphore.acquire()) {
              log.add("waiter");
            }
          });
      gather(List.of(greedy, waiter));
      assertThat(log.indexOf("waiter")).isEqualTo(1);
    });
  }

  @Test
  void newcomerQueuesBehindAWokenWaiterThoughPermitsAreFree() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Task<?> waiter = taker(semaphore, "waiter");
      tick();
      semaphore.release();
      semaphore.release();
      assertThat(semaphore.availablePermits()).isOne();
      semaphore.acquire();
      log.add("newcomer");
      assertThat(log).containsExactly("waiter", "newcomer");
      waiter.await();
    });
  }

  @Test
  void waiterCancelledBeforeItIsWokenTakesNoPermit() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Task<?> waiter = taker(semaphore, "waiter");
      tick();
      waiter.cancel();
      assertCancelled(waiter);
      semaphore.release();
      assertThat(semaphore.availablePermits()).isOne();
      assertThat(semaphore.locked()).isFalse();
    });
  }

  @Test // python/asyncio#271, python/cpython#90155, Kotlin/kotlinx.coroutines#1477, #2390
  void cancelledWaiterPassesThePermitOn() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Task<?> a = taker(semaphore, "a");
      Task<?> b = taker(semaphore, "b");
      tick();
      semaphore.release();
      a.cancel();
      assertCancelled(a);
      b.await();
      assertThat(semaphore.availablePermits()).isZero();
    });
  }

  @Test
  void lastWaiterCancelledAfterItWasWokenGivesThePermitBack() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Task<?> waiter = taker(semaphore, "waiter");
      tick();
      semaphore.release();
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(semaphore.availablePermits()).isOne();
    });
  }

  @Test // as test_acquire_cancel_before_awoken of CPython's test_locks
  void permitsOfSeveralReleasesGoPastCancelledWaiters() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(0);
      List<Task<?>> tasks = new ArrayList<>();
      for (String name : List.of("a", "b", "c", "d")) {
        tasks.add(taker(semaphore, name));
      }
      tick();
      tasks.get(0).cancel();
      tasks.get(1).cancel();
      semaphore.release();
      semaphore.release();
      gather(tasks.subList(2, 4));
      assertThat(log).containsExactly("c", "d");
    });
  }

  @Test // as test_acquire_hang of CPython's test_locks
  void cancelledWaiterWithAFreePermitWakesTheNext() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Task<?> a = taker(semaphore, "a");
      Task<?> b = taker(semaphore, "b");
      tick();
      a.cancel();
      semaphore.release();
      b.await();
      assertThat(semaphore.locked()).isTrue();
    });
  }

  @Test
  void cancelledWaiterInTheMiddleIsSkipped() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Task<?> a = taker(semaphore, "a");
      Task<?> b = taker(semaphore, "b");
      Task<?> c = taker(semaphore, "c");
      tick();
      b.cancel();
      semaphore.release();
      semaphore.release();
      gather(List.of(a, c));
      assertThat(log).containsExactly("a", "c");
      assertThat(semaphore.availablePermits()).isZero();
    });
  }

  @Test
  void whoLeavesTheLineWakesAsManyAsThereArePermits() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(0);
      Task<?> first = taker(semaphore, "first");
      tick();
      semaphore.release();
      semaphore.release();
      semaphore.release(); // two are free, but a woken waiter is in line
      Task<?> second = taker(semaphore, "second");
      Task<?> third = taker(semaphore, "third");
      gather(List.of(first, second, third));
      assertThat(log).containsExactly("first", "second", "third");
      assertThat(semaphore.availablePermits()).isZero();
    });
  }

  @Test // Kotlin/kotlinx.coroutines#2233, #3504
  void noPermitIsLostWhenTimeoutsStrikeBesideGrants() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(3);
      List<Task<?>> tasks = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        tasks.add(
            createTask(() -> {
              try {
                timeout(
                    ms(25),
                    () -> {
                      try (Permit permit = semaphore.acquire()) {
                        sleep(ms(5)); // so that grants and limits fall on the same instants
                      }
                    });
              } catch (TimeoutException e) {
                log.add("late");
              }
            }));
      }
      gather(tasks);
      assertThat(log).isNotEmpty();
      assertThat(semaphore.availablePermits()).isEqualTo(3);
    });
  }

  @Test // apache/solr#4236, redisson/redisson#7264
  void permitComesBackOnEveryErrorPath() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(1);
      for (int step = 0; step < 3; step++) {
        int failing = step;
        assertThatThrownBy(
                () -> {
                  try (Permit permit = semaphore.acquire()) {
                    for (int i = 0; i < 3; i++) {
                      if (i == failing) {
                        throw new IllegalArgumentException("step " + i);
                      }
                      tick();
                    }
                  }
                })
            .hasMessage("step " + failing);
        assertThat(semaphore.availablePermits()).isOne();
      }
    });
  }

  @Test
  void releaseAddsAPermit() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(0);
      semaphore.release();
      semaphore.release();
      assertThat(semaphore.availablePermits()).isEqualTo(2);
    });
  }

  @Test
  void negativeNumberOfPermitsIsRefused() {
    assertThatThrownBy(() -> new Semaphore(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected permits >= 0, was -1");
    assertThatThrownBy(() -> new BoundedSemaphore(-2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected permits >= 0, was -2");
  }

  @Test
  void boundedSemaphoreRefusesAReleaseTooMany() {
    VirtualTime.run(() -> {
      BoundedSemaphore semaphore = new BoundedSemaphore(1);
      assertThatThrownBy(semaphore::release)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected fewer than 1 free permits")
          .hasMessageContaining("BoundedSemaphore[unlocked, value=1, waiters=0]");
      assertThat(semaphore.availablePermits()).isOne();
    });
  }

  @Test // it would let one task more in, for ever
  void closingAPermitAgainAddsNone() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(2);
      Permit first = semaphore.acquire();
      try (Permit second = semaphore.acquire()) {
        first.close();
        first.close();
        assertThat(semaphore.availablePermits()).isOne();
      }
      assertThat(semaphore.availablePermits()).isEqualTo(2);
      BoundedSemaphore bounded = new BoundedSemaphore(1);
      Permit permit = bounded.acquire();
      permit.close();
      permit.close();
      assertThat(bounded.availablePermits()).isOne();
    });
  }

  @Test
  void boundedSemaphorePassesPermitsOn() {
    VirtualTime.run(() -> {
      BoundedSemaphore semaphore = new BoundedSemaphore(1);
      Permit permit = semaphore.acquire();
      Task<?> waiter = taker(semaphore, "waiter");
      tick();
      permit.close();
      waiter.await();
      semaphore.release();
      assertThat(semaphore.availablePermits()).isOne();
    });
  }

  @Test
  void showsItsState() {
    VirtualTime.run(() -> {
      Semaphore semaphore = new Semaphore(1);
      assertThat(semaphore).hasToString("Semaphore[unlocked, value=1, waiters=0]");
      semaphore.acquire();
      Task<?> waiter = taker(semaphore, "waiter");
      ticks(2);
      assertThat(semaphore).hasToString("Semaphore[locked, value=0, waiters=1]");
      semaphore.release();
      waiter.await();
    });
  }
}
