package dev.aioli;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * Runs the same small program again and again in virtual time while its tasks are cancelled at
 * random, with another seed each time. The seed of a failure is printed; {@code
 * -Ddev.aioli.test.seed=...} starts with that one.
 */
public final class CancelStorm {
  private static final int WORKERS = 6;

  private CancelStorm() {}

  /** One program: made anew for each round. */
  public interface Round {
    /** What each worker does, in a task of its own; it may be cancelled anywhere. */
    void work(int worker) throws Exception;

    /** Checks, when all workers have ended, that nothing was lost. */
    void check();
  }

  /** Runs so many rounds. */
  public static void run(int rounds, Function<Random, Round> program) {
    long first = Long.getLong("dev.aioli.test.seed", new Random().nextLong());
    for (int i = 0; i < rounds; i++) {
      long seed = first + i;
      try {
        VirtualTime.run(() -> runOne(new Random(seed), program));
      } catch (RuntimeException | Error e) {
        throw new AssertionError("with -Ddev.aioli.test.seed=" + seed + ": " + e, e);
      }
    }
  }

  private static void runOne(Random random, Function<Random, Round> program) {
    Round round = program.apply(random);
    List<Task<?>> workers = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      int number = i;
      workers.add(Asyncio.createTask(() -> persist(random, round, number), "worker " + i));
    }
    while (!workers.stream().allMatch(Task::done)) {
      Task<?> target = workers.get(random.nextInt(WORKERS));
      if (random.nextInt(6) == 0) {
        target.cancel();
        if (random.nextInt(4) == 0) {
          target.cancel("again");
        }
      }
      Asyncio.sleep(random.nextBoolean() ? Steps.ms(0) : Steps.ms(1));
    }
    for (Task<?> worker : workers) {
      if (!worker.cancelled() && worker.exception() != null) {
        throw new AssertionError(worker + " has failed", worker.exception());
      }
    }
    round.check();
  }

  /** Some workers swallow a cancellation and begin again. */
  private static void persist(Random random, Round round, int worker) throws Exception {
    try {
      round.work(worker);
    } catch (CancelledError e) {
      if (random.nextInt(3) > 0) {
        throw e;
      }
      round.work(worker);
    }
  }

  /** Lets between none and two iterations, or a millisecond, pass. */
  public static void pause(Random random) {
    int choice = random.nextInt(4);
    if (choice == 3) {
      Asyncio.sleep(Steps.ms(1));
    } else {
      Steps.ticks(choice);
    }
  }
}
