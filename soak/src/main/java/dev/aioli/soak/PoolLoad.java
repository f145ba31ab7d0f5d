package dev.aioli.soak;

import static dev.aioli.Asyncio.runInExecutor;

import dev.aioli.Future;
import dev.aioli.process.Job;
import dev.aioli.process.ProcessPoolExecutor;
import dev.aioli.process.WorkerDiedException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

/** Jobs of a process pool that end, fail, kill their worker, hang and are cancelled. */
final class PoolLoad implements Load {
  private final ProcessPoolExecutor pool;

  PoolLoad(ProcessPoolExecutor pool) {
    this.pool = pool;
  }

  @Override
  public String name() {
    return "process pool";
  }

  /** A worker takes half a second of a processor's time to start. */
  @Override
  public Duration pause() {
    return Duration.ofMillis(50);
  }

  @Override
  public void step(Random random) {
    switch (random.nextInt(40)) {
      case 0 -> dies();
      case 1 -> hangs(random);
      case 2, 3 -> fails();
      default -> ends(random);
    }
  }

  private void ends(Random random) {
    byte[] sent = Faults.bytes(10_000, random);
    Faults.checkEqual(sent, runInExecutor(pool, Job.of(() -> sent)).await(), "job");
  }

  private void fails() {
    try {
      runInExecutor(pool, Job.of(() -> Integer.parseInt("x"))).await();
      throw new AssertionError("job: expected it to fail");
    } catch (NumberFormatException e) {
      // As was asked for.
    }
  }

  private void dies() {
    try {
      runInExecutor(
              pool,
              Job.of(() -> {
                Runtime.getRuntime().halt(9);
                return 1;
              }))
          .await();
      throw new AssertionError("job: expected its worker to die");
    } catch (WorkerDiedException e) {
      // As was asked for.
    }
  }

  private void hangs(Random random) {
    Future<Integer> job = runInExecutor(pool, Job.of(PoolLoad::hang));
    Faults.cancelled(Faults.upTo(500, random), job::await);
  }

  private static int hang() throws InterruptedException {
    new CountDownLatch(1).await();
    return 1;
  }
}
