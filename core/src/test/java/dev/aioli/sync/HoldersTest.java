package dev.aioli.sync;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.currentTask;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Task;
import org.junit.jupiter.api.Test;

/** Reports name who holds what others wait for. */
class HoldersTest {
  @Test
  void aLockKnowsTheTaskThatAcquiredIt() {
    run(() -> {
      Lock lock = new Lock();
      assertThat(lock.knowsHolders()).isTrue();
      assertThat(lock.holders()).isEmpty();
      Permit permit = lock.acquire();
      assertThat(lock.holders()).satisfiesExactly(task -> assertThat(task).isSameAs(currentTask()));
      Task<?> next = createTask(() -> lock.acquire());
      ticks(3);
      permit.close();
      ticks(3);
      assertThat(lock.holders()).satisfiesExactly(task -> assertThat(task).isSameAs(next));
      lock.release(); // by another task than the one that acquired it
      assertThat(lock.holders()).isEmpty();
    });
  }

  @Test
  void aLockThatACallbackAcquiredIsHeldByNoTask() {
    run(() -> {
      Lock lock = new Lock();
      getRunningLoop().callSoon(() -> lock.acquire());
      ticks(2);
      assertThat(lock.locked()).isTrue();
      assertThat(lock.holders()).isEmpty();
    });
  }

  @Test
  void aSemaphoreKnowsThemInDebugModeOnly() {
    run(() -> {
      Semaphore semaphore = new Semaphore(2);
      assertThat(semaphore.knowsHolders()).isFalse();
      try (var _ = semaphore.acquire()) {
        assertThat(semaphore.holders()).isEmpty();
      }
      getRunningLoop().setDebug(true);
      try (var _ = semaphore.acquire()) {
        assertThat(semaphore.knowsHolders()).isTrue();
        assertThat(semaphore.holders()).hasSize(1);
      }
      assertThat(semaphore.holders()).isEmpty();
    });
  }

  @Test
  void whoReleasesIsForgottenFirstAndElseWhoHasHeldOneForLongest() {
    run(() -> {
      getRunningLoop().setDebug(true);
      Semaphore semaphore = new Semaphore(3);
      Task<?> first = createTask(() -> semaphore.acquire());
      Task<?> second = createTask(() -> semaphore.acquire());
      ticks(2);
      Permit own = semaphore.acquire();
      own.close();
      assertThat(semaphore.holders())
          .satisfiesExactly(
              task -> assertThat(task).isSameAs(first), task -> assertThat(task).isSameAs(second));
      semaphore.release(); // one of the others'
      assertThat(semaphore.holders()).satisfiesExactly(task -> assertThat(task).isSameAs(second));
      getRunningLoop().callSoon(() -> semaphore.release());
      ticks(2);
      assertThat(semaphore.holders()).isEmpty();
      semaphore.release(); // one more than there were
      assertThat(semaphore.holders()).isEmpty();
    });
  }

  @Test
  void aWaiterHoldsThePermitThatIsPassedToIt() {
    run(() -> {
      getRunningLoop().setDebug(true);
      Semaphore semaphore = new Semaphore(1);
      Permit own = semaphore.acquire();
      Task<?> next = createTask(() -> semaphore.acquire());
      ticks(2);
      own.close();
      ticks(2);
      assertThat(semaphore.holders()).satisfiesExactly(task -> assertThat(task).isSameAs(next));
      getRunningLoop().callSoon(() -> semaphore.acquire()); // nobody waits: it cannot
      semaphore.release();
      ticks(2);
      assertThat(semaphore.holders()).isEmpty(); // a callback is no task
    });
  }
}
