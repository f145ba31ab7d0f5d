package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CallGraphTest {
  @Test
  void awaitersAreSeenThroughEveryCombinator() {
    VirtualTime.run(() -> {
      Task<String> leaf =
          Asyncio.createTask(
              () -> {
                Asyncio.sleep(Duration.ofMillis(10));
                return "leaf";
              },
              "leaf");
      Asyncio.createTask(() -> Asyncio.shield(leaf).await(), "by-shield");
      Asyncio.createTask(() -> Asyncio.gather(leaf), "by-gather");
      Asyncio.createTask(() -> Asyncio.await(Set.of(leaf)), "by-wait");
      Asyncio.createTask(() -> Asyncio.waitFor(leaf, Duration.ofMillis(50)), "by-wait-for");
      Asyncio.createTask(
          () -> {
            Asyncio.taskGroup(group -> {
              Task<String> child = group.createTask(leaf::await, "child");
              assertThat(child.done()).isFalse();
            });
          },
          "by-group");
      Asyncio.sleep(Duration.ofMillis(1));
      FutureCallGraph graph = FutureCallGraph.capture(leaf);
      assertThat(graph.future()).isSameAs(leaf);
      assertThat(graph.callStack().getFirst().getMethodName()).isEqualTo("await");
      assertThat(graph.callStack())
          .anyMatch(frame -> frame.getClassName().contains("CallGraphTest"));
      assertThat(graph.callStack())
          .noneMatch(frame -> frame.getClassName().contains("HandOverThread"))
          .noneMatch(frame -> frame.getClassName().contains("LoopScheduledThread"));
      String text = graph.format();
      assertThat(text)
          .contains("Task[leaf", "by-shield", "by-gather", "by-wait", "by-wait-for")
          .contains("child", "by-group", "Awaited by:", "Call stack:");
      assertThat(text.indexOf("Task[child")).isLessThan(text.indexOf("Task[by-group"));
    });
  }

  /** A thread that has handed over may still be busy with waking the loop. */
  @Test
  void framesThatWakeTheLoopAreNotShown() {
    StackTraceElement wait = frame("dev.aioli.Future", "await");
    StackTraceElement body = frame("example.Program", "body");

    assertThat(
            FutureCallGraph.userFrames(
                new StackTraceElement[] {
                  frame("java.util.concurrent.ForkJoinPool", "signalWork"),
                  frame("java.util.concurrent.ForkJoinPool$WorkQueue", "push"),
                  frame("java.lang.VirtualThread", "unpark"),
                  frame("java.util.concurrent.locks.LockSupport", "unpark"),
                  frame("dev.aioli.HandOverThread", "suspend"),
                  frame("dev.aioli.Task", "suspend"),
                  wait,
                  body,
                  frame("dev.aioli.Task", "runBody"),
                }))
        .containsExactly(wait, body);
  }

  private static StackTraceElement frame(String className, String method) {
    return new StackTraceElement(className, method, null, -1);
  }
}
