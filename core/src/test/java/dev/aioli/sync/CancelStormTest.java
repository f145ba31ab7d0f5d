package dev.aioli.sync;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.timeout;
import static dev.aioli.CancelStorm.pause;
import static dev.aioli.Steps.ms;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.CancelStorm;
import dev.aioli.CancelledError;
import dev.aioli.Task;
import dev.aioli.TimeoutException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Locks, permits and notifications survive any storm of cancellations. */
class CancelStormTest {
  private static final int ROUNDS = 5_000;

  /** At most {@code limit} workers inside at once, however they are cancelled. */
  private abstract static class Exclusive implements CancelStorm.Round {
    private final Random random;
    private final int limit;
    private int inside;

    Exclusive(Random random, int limit) {
      this.random = random;
      this.limit = limit;
    }

    abstract Permit acquire();

    @Override
    public void work(int worker) {
      for (int i = 0; i < 3; i++) {
        pause(random);
        if (random.nextInt(4) == 0) {
          enterWithin();
        } else {
          enter();
        }
      }
    }

    private void enterWithin() {
      try {
        timeout(ms(random.nextInt(3)), this::enter);
      } catch (TimeoutException e) {
        // too late is fine
      }
    }

    private void enter() {
      try (Permit permit = acquire()) {
        inside++;
        try {
          assertThat(inside).isLessThanOrEqualTo(limit);
          pause(random);
        } finally {
          inside--;
        }
      }
    }
  }

  @Test // bpo-32734, python/cpython#5466
  void lockHasOneOwnerAndIsFreeInTheEnd() {
    CancelStorm.run(
        ROUNDS,
        random -> {
          Lock lock = new Lock();
          return new Exclusive(random, 1) {
            @Override
            Permit acquire() {
              return lock.acquire();
            }

            @Override
            public void check() {
              assertThat(lock.locked()).isFalse();
              assertThat(lock.waiters()).isZero();
              lock.acquire();
            }
          };
        });
  }

  @Test // python/cpython#90155, Kotlin/kotlinx.coroutines#1477
  void semaphoreHasAllItsPermitsInTheEnd() {
    CancelStorm.run(ROUNDS, random -> semaphore(random, new Semaphore(2)));
  }

  @Test
  void boundedSemaphoreHasAllItsPermitsInTheEnd() {
    CancelStorm.run(ROUNDS, random -> semaphore(random, new BoundedSemaphore(2)));
  }

  private static CancelStorm.Round semaphore(Random random, Semaphore semaphore) {
    return new Exclusive(random, 2) {
      @Override
      Permit acquire() {
        return semaphore.acquire();
      }

      @Override
      public void check() {
        assertThat(semaphore.availablePermits()).isEqualTo(2);
        assertThat(semaphore.waiters()).isZero();
        semaphore.acquire();
        semaphore.acquire();
        assertThat(semaphore.locked()).isTrue();
      }
    };
  }

  @Test // python/cpython#112202, bpo-22970, python/cpython#77022
  void conditionLosesNeitherTheLockNorSignals() {
    CancelStorm.run(ROUNDS, TokensBehindACondition::new);
  }

  /**
   * A semaphore made of a condition that signals once for each token: if a signal dies with a
   * cancelled waiter, a worker waits for ever and the virtual loop reports a deadlock.
   */
  private static final class TokensBehindACondition implements CancelStorm.Round {
    private final Random random;
    private final Condition condition = new Condition();
    private int tokens = 2;

    TokensBehindACondition(Random random) {
      this.random = random;
    }

    @Override
    public void work(int worker) {
      for (int i = 0; i < 3; i++) {
        take();
        try {
          pause(random);
        } finally {
          giveBack();
        }
      }
    }

    private void take() {
      try (Permit permit = condition.acquire()) {
        try {
          condition.awaitFor(() -> tokens > 0);
        } finally {
          assertThat(condition.locked()).isTrue();
        }
        tokens--;
      }
    }

    /** Must not be cut short: like clean-up that perseveres. */
    private void giveBack() {
      CancelledError cancellation = null;
      while (true) {
        try (Permit permit = condition.acquire()) {
          tokens++;
          condition.signal();
          break;
        } catch (CancelledError e) {
          cancellation = e;
        }
      }
      if (cancellation != null) {
        throw cancellation;
      }
    }

    @Override
    public void checkQuiet() {
      assertThat(condition.locked() || tokens == 0 || condition.waiters() == 0)
          .as("%s tokens are free beside %s", tokens, condition)
          .isTrue();
    }

    @Override
    public void check() {
      assertThat(tokens).isEqualTo(2);
      assertThat(condition.locked()).isFalse();
      assertThat(condition.waiters()).isZero();
    }
  }

  @Test
  void barrierGivesEachOfARoundItsOwnNumber() {
    CancelStorm.run(
        ROUNDS,
        random ->
            new CancelStorm.Round() {
              private final Barrier barrier = new Barrier(2);

              @Override
              public void work(int worker) {
                for (int i = 0; i < 3; i++) {
                  pause(random);
                  try {
                    assertThat(timeout(ms(2), () -> barrier.await())).isBetween(0, 1);
                  } catch (TimeoutException | BrokenBarrierException e) {
                    // nobody came, or sent away
                  }
                  if (random.nextInt(8) == 0) {
                    barrier.reset();
                  }
                }
              }

              @Override
              public void check() {
                assertThat(barrier.state()).isEqualTo("filling");
                assertThat(barrier.waiting()).isZero();
                Task<Integer> other = createTask(() -> barrier.await());
                assertThat(barrier.await() + other.await()).isEqualTo(1);
              }
            });
  }
}
