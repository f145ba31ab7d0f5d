package dev.aioli.examples;

import static dev.aioli.Asyncio.*;

import dev.aioli.sync.Lock;
import java.time.Duration;

/**
 * A lock is passed on in the order in which tasks asked for it, and may be released by anyone: here
 * by the loop itself, a tenth of a second later.
 *
 * <pre>{@code
 * $ ./aioli example lock
 * first wants the lock
 * second wants the lock
 * the loop releases it
 * first has it
 * first gives it back
 * second has it
 * second gives it back
 * }</pre>
 */
public final class LockExample {
  private LockExample() {}

  /** Runs the example. */
  public static void main(String[] args) {
    run(LockExample::program);
  }

  static void program() {
    var lock = new Lock();
    lock.acquire();
    getRunningLoop().callLater(Duration.ofMillis(100), () -> release(lock));
    gather(task(() -> work("first", lock)), task(() -> work("second", lock)));
  }

  private static void release(Lock lock) {
    IO.println("the loop releases it");
    lock.release();
  }

  private static void work(String name, Lock lock) {
    IO.println(name + " wants the lock");
    try (var held = lock.acquire()) { // suspends this task, never the loop
      IO.println(name + " has it");
      sleep(Duration.ofMillis(10));
      IO.println(name + " gives it back");
    }
  }
}
