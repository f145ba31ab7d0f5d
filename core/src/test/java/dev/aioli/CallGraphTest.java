package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
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
      Asyncio.createTask(() -> Asyncio.asCompleted(Set.of(leaf)).iterator().next(), "by-completed");
      Asyncio.createTask(
          () -> Asyncio.staggeredRace(List.<Callable<String>>of(leaf::await), Duration.ZERO),
          "by-race");
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
          .contains(
              "Task[leaf",
              "by-shield",
              "by-gather",
              "by-wait",
              "by-wait-for",
              "by-completed",
              "by-race")
          .contains("child", "by-group", "Awaited by:", "Call stack:");
      assertThat(text.indexOf("Task[child")).isLessThan(text.indexOf("Task[by-group"));
    });
  }

  private static List<String> awaiters(Future<?> future) {
    return FutureCallGraph.capture(future).awaitedBy().stream()
        .map(graph -> ((Task<?>) graph.future()).getName())
        .toList();
  }

  @Test // python/cpython#156523
  void allWhoIterateOverWhatIsCompletedAreSeenWhileTheyWait() {
    VirtualTime.run(() -> {
      Future<Integer> first = Asyncio.getRunningLoop().createFuture();
      Future<Integer> second = Asyncio.getRunningLoop().createFuture();
      AsCompleted<Integer> completed = Asyncio.asCompleted(List.of(first, second));
      Asyncio.createTask(() -> completed.iterator().next(), "one");
      Task<?> two = Asyncio.createTask(() -> completed.results().iterator().next(), "two");
      Steps.ticks(2);
      assertThat(awaiters(first)).containsExactly("one", "two");
      assertThat(awaiters(second)).containsExactly("one", "two");
      first.setResult(1);
      Steps.ticks(3);
      assertThat(awaiters(second)).containsExactly("two");
      two.cancel();
      Steps.ticks(2);
      assertThat(awaiters(second)).isEmpty();
    });
  }

  @Test
  void candidateThatStartsLaterIsSeenToBeAwaited() {
    VirtualTime.run(() -> {
      Future<Integer> never = Asyncio.getRunningLoop().createFuture();
      Asyncio.createTask(
          () ->
              Asyncio.staggeredRace(
                  List.<Callable<Integer>>of(never::await, never::await), Duration.ZERO),
          "race");
      Asyncio.sleep(Duration.ofMillis(1));
      List<FutureCallGraph> candidates = FutureCallGraph.capture(never).awaitedBy();
      assertThat(candidates).hasSize(2);
      assertThat(candidates)
          .allSatisfy(
              candidate -> assertThat(awaiters(candidate.future())).containsExactly("race"));
    });
  }

  @Test
  void waitForACancelledFutureIsSeen() {
    VirtualTime.run(() -> {
      Task<?> stubborn =
          Asyncio.createTask(() -> {
            try {
              Asyncio.sleep(Duration.ofDays(1));
            } finally {
              Asyncio.sleep(Duration.ofMillis(5));
            }
          });
      Steps.tick();
      Asyncio.createTask(() -> Asyncio.waitFor(stubborn, Duration.ZERO), "waits");
      Asyncio.sleep(Duration.ofMillis(1));
      assertThat(FutureCallGraph.capture(stubborn).format()).contains("Task[waits");
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
