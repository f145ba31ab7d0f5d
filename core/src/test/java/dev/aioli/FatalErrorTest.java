package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Errors of the JVM, and interrupts, in a task and its loop. */
class FatalErrorTest {
  @SuppressWarnings("InfiniteRecursion") // on purpose
  private static int recurse(int depth) {
    return recurse(depth + 1) + 1;
  }

  @Test
  void stackOverflowFailsItsTaskAndTheLoopLives() {
    run(() -> {
      Task<Integer> task = createTask(() -> recurse(0));
      assertThatThrownBy(task::await).isInstanceOf(StackOverflowError.class);
      assertThat(createTask(() -> "alive").await()).isEqualTo("alive");
    });
  }

  @Test
  void outOfMemoryFailsItsTaskAndReachesTheHandlerIfNobodyLooks() {
    List<Throwable> reported = new ArrayList<>();
    OutOfMemoryError error = new OutOfMemoryError("planted");
    run(() -> {
      EventLoop.getRunningLoop()
          .setExceptionHandler((loop, context) -> reported.add(context.exception()));
      createTask(() -> {
        throw error;
      });
      sleep(Duration.ZERO);
      assertThat(createTask(() -> "alive").await()).isEqualTo("alive");
    });
    assertThat(reported).containsExactly(error);
  }

  @Test
  void interruptOfTheLoopsThreadIsKeptAndTheTasksFinish() {
    Thread.currentThread().interrupt();
    String result =
        Steps.inALoop(() -> {
          sleep(Duration.ofMillis(2)); // waits, and does not spin
          return "finished";
        });
    assertThat(result).isEqualTo("finished");
    assertThat(Thread.interrupted()).isTrue();
  }
}
