package dev.aioli.sync;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.timeout;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.settle;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.CancelledError;
import dev.aioli.StepSweep;
import dev.aioli.Task;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * Cancels a task at every point of its wait for a primitive, contended; afterwards what it may have
 * held must be there again and the next one be served.
 */
class SyncSweepTest {
  /** A stage: a rival has the primitive, and a bystander comes after the victim. */
  private static StepSweep.Scenario scene(
      Callable<Task<?>> rival, Callable<Task<?>> victim, Callable<Task<?>> next, Runnable check) {
    return new StepSweep.Scenario() {
      private Task<?> last;

      @Override
      public Task<?> start() {
        try {
          rival.call();
          Task<?> task = victim.call();
          last = next.call();
          return task;
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }

      @Override
      public void check(Task<?> task) {
        timeout(ms(1_000), () -> last.await());
        check.run();
      }
    };
  }

  private static void sweep(Supplier<StepSweep.Scenario> scenario) {
    StepSweep.cancelEverywhere(scenario);
  }

  @Test // agronholm/anyio#398, Effect-TS/effect#6910, typelevel/keypool#706
  void lockIsNeverLost() {
    sweep(() -> {
      Lock lock = new Lock();
      Callable<Task<?>> user =
          () ->
              createTask(() -> {
                try (Permit permit = lock.acquire()) {
                  ticks(3);
                }
              });
      return scene(user, user, user, () -> assertFree(lock));
    });
  }

  private static void assertFree(Lock lock) {
    assertThat(lock.locked()).isFalse();
    assertThat(lock.waiters()).isZero();
    lock.acquire();
  }

  @Test
  void permitIsNeverLost() {
    sweep(() -> {
      BoundedSemaphore semaphore = new BoundedSemaphore(1);
      Callable<Task<?>> user =
          () ->
              createTask(() -> {
                try (Permit permit = semaphore.acquire()) {
                  ticks(3);
                }
              });
      return scene(
          user,
          user,
          user,
          () -> {
            assertThat(semaphore.availablePermits()).isOne();
            assertThat(semaphore.locked()).isFalse();
          });
    });
  }

  @Test
  void eventIsSeenByTheOtherWaiter() {
    sweep(() -> {
      Event event = new Event();
      return scene(
          () ->
              createTask(() -> {
                ticks(3);
                event.set();
              }),
          () -> createTask(event::await),
          () -> createTask(event::await),
          () -> assertThat(event.waiters()).isZero());
    });
  }

  @Test // python/cpython#112202, bpo-22970, python/cpython#77022
  void oneSignalReachesOneOfTwoWaiters() {
    sweep(() -> {
      Condition condition = new Condition();
      int[] woken = {0};
      Callable<Task<?>> waiter =
          () ->
              createTask(() -> {
                try (Permit permit = condition.acquire()) {
                  try {
                    condition.await();
                    woken[0]++;
                  } catch (CancelledError e) {
                    assertThat(condition.locked()).isTrue();
                    throw e;
                  }
                  tick();
                }
              });
      Task<?>[] other = new Task<?>[1];
      return scene(
          () ->
              createTask(() -> {
                ticks(2);
                try (Permit permit = condition.acquire()) {
                  condition.signal();
                  ticks(3); // so that the signalled one has to wait for the lock
                }
              }),
          waiter,
          () -> {
            other[0] = waiter.call();
            return createTask(() -> ticks(30)); // by then whoever was signalled has gone on
          },
          () -> {
            assertThat(woken[0]).isEqualTo(1);
            other[0].cancel();
            settle(other[0]);
            assertThat(condition.locked()).isFalse();
            assertThat(condition.waiters()).isZero();
          });
    });
  }

  @Test
  void awaitForKeepsTheLockConsistent() {
    sweep(() -> {
      Condition condition = new Condition();
      int[] turn = {0};
      Callable<Task<?>> waiter =
          () ->
              createTask(() -> {
                try (Permit permit = condition.acquire()) {
                  condition.awaitFor(() -> turn[0] >= 3);
                }
              });
      Callable<Task<?>> driver =
          () ->
              createTask(() -> {
                while (turn[0] < 3) {
                  ticks(2);
                  try (Permit permit = condition.acquire()) {
                    turn[0]++;
                    condition.signalAll();
                    tick();
                  }
                }
              });
      return scene(
          driver,
          waiter,
          waiter,
          () -> {
            assertThat(condition.locked()).isFalse();
            assertThat(condition.waiters()).isZero();
          });
    });
  }

  @Test
  void barrierServesTwoOthersAfterwards() {
    sweep(() -> {
      Barrier barrier = new Barrier(2);
      Callable<Task<?>> party = () -> createTask(() -> barrier.await());
      return scene(
          () ->
              createTask(() -> {
                ticks(3);
                try {
                  barrier.await();
                } catch (BrokenBarrierException e) {
                  // left alone by the victim and sent away
                }
              }),
          party,
          () ->
              createTask(() -> {
                ticks(10);
                barrier.reset(); // sends away whom the victim has left alone
                ticks(10);
              }),
          () -> {
            assertThat(barrier.state()).isEqualTo("filling");
            assertThat(barrier.waiting()).isZero();
            Task<Integer> one = createTask(() -> barrier.await());
            assertThat(barrier.await() + one.await()).isEqualTo(1);
          });
    });
  }

  @Test
  void barrierResetAndAbortAreAllOrNothing() {
    sweep(() -> {
      Barrier barrier = new Barrier(3);
      Callable<Task<?>> party =
          () ->
              createTask(() -> {
                try {
                  barrier.await();
                } catch (BrokenBarrierException e) {
                  // sent away
                }
              });
      return scene(
          party,
          () ->
              createTask(() -> {
                tick();
                barrier.abort();
                tick();
                barrier.reset();
                tick();
              }),
          () ->
              createTask(() -> {
                ticks(10);
                barrier.reset();
                ticks(10);
              }),
          () -> assertThat(barrier.state()).isEqualTo("filling"));
    });
  }
}
