package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Short words that the tests share. */
public final class Steps {
  private Steps() {}

  /** Gives up the turn for one iteration of the loop. */
  public static void tick() {
    Asyncio.sleep(Duration.ZERO);
  }

  /**
   * Gives up the turn for several iterations: enough, say, for everybody to get where they wait.
   */
  public static void ticks(int count) {
    for (int i = 0; i < count; i++) {
      tick();
    }
  }

  /**
   * Runs a body on a loop of its own, without a {@link Runner}, whose main task can be interrupted.
   */
  public static <T> T inALoop(Callable<T> body) {
    try (EventLoop loop = EventLoop.newEventLoop()) {
      return loop.runUntilComplete(body);
    }
  }

  /** So many milliseconds. */
  public static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }

  /** Waits until a task is done, whatever its outcome. */
  public static void settle(Task<?>... tasks) {
    Asyncio.gather(java.util.List.of(tasks), true);
  }

  /** The task that runs. */
  public static Task<?> current() {
    Task<?> task = Asyncio.currentTask();
    if (task == null) {
      throw new AssertionError("not in a task");
    }
    return task;
  }

  /** Waits for a task and checks that it ended by a cancellation. */
  public static void assertCancelled(Task<?> task) {
    settle(task);
    assertThat(task.cancelled()).as("%s is cancelled", task).isTrue();
  }
}
