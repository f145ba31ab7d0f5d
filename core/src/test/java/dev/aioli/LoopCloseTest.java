package dev.aioli;

import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Steps.ms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.queue.Queue;
import dev.aioli.sync.Condition;
import dev.aioli.sync.Event;
import dev.aioli.sync.Permit;
import dev.aioli.sync.Semaphore;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A loop that is closed under its tasks: each ends, wherever it waits (G5, J3). */
class LoopCloseTest {
  static Stream<Named<ThrowingRunnable>> waits() {
    return Stream.of(
        Named.of("sleep", () -> sleep(ms(1_000))),
        Named.of("event", () -> new Event().await()),
        Named.of("semaphore", () -> new Semaphore(0).acquire()),
        Named.of("queue", () -> new Queue<Integer>(1).get()),
        Named.of("condition", () -> awaitSignal(new Condition())),
        Named.of("condition with its lock taken", LoopCloseTest::awaitLockOfCondition),
        Named.of("gather", () -> Asyncio.gather(Asyncio.createTask(() -> sleep(ms(1_000))))),
        Named.of("task group", LoopCloseTest::awaitGroup),
        Named.of("timeout", () -> Asyncio.timeout(ms(1_000), () -> new Event().await())));
  }

  private static void awaitSignal(Condition condition) {
    try (Permit permit = condition.acquire()) {
      condition.await();
    }
  }

  private static void awaitLockOfCondition() {
    Condition condition = new Condition();
    condition.acquire();
    Asyncio.createTask(() -> {
      condition.acquire(); // when await() has freed it; never given back
      new Event().await();
    });
    condition.await();
  }

  private static void awaitGroup() {
    Asyncio.taskGroup(group -> {
      group.createTask(() -> sleep(ms(1_000)));
    });
  }

  @ParameterizedTest
  @MethodSource("waits")
  void everyWaitEnds(ThrowingRunnable wait) {
    List<String> reports = new ArrayList<>();
    EventLoop loop = new VirtualTime().newLoop();
    loop.setExceptionHandler((closed, context) -> reports.add(context.message()));
    Task<?> task = loop.createTask(Asyncio.callable(wait));
    loop.runUntilComplete(() -> {
      Steps.ticks(5);
      return null;
    });
    loop.close();
    assertThat(task.cancelled()).isTrue();
    assertThatThrownBy(task::result).hasMessage("the event loop was closed");
    assertThat(reports).isNotEmpty().allMatch(report -> report.contains("destroyed"));
  }

  @Test
  void taskThatHasNotStartedEndsToo() {
    EventLoop loop = new VirtualTime().newLoop();
    loop.setExceptionHandler((closed, context) -> {});
    Task<?> task = loop.createTask(() -> 1);
    loop.close();
    assertThat(task.cancelled()).isTrue();
  }
}
