package dev.aioli;

import static dev.aioli.Asyncio.blocking;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A loop that is closed under its tasks: each ends, wherever it waits. */
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

  /** Catches every cancellation, and goes on to wait. */
  private static void refuseToEnd() {
    while (true) {
      try {
        new Event().await();
      } catch (CancelledError e) {
        // and again
      }
    }
  }

  @Test
  void taskThatRefusesToEndIsReportedAndLeftBehind() {
    List<ExceptionContext> reports = new ArrayList<>();
    List<String> ended = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((closed, context) -> reports.add(context));
    TaskOptions named = TaskOptions.DEFAULT.withName("stubborn");
    Task<?> stubborn = loop.createTask(Asyncio.callable(LoopCloseTest::refuseToEnd), named);
    Task<?> awaiting = loop.createTask(Asyncio.callable(stubborn::await));
    Task<?> orderly =
        loop.createTask(
            Asyncio.callable(() -> {
              try {
                new Event().await();
              } finally {
                ended.add("orderly");
              }
            }));
    stubborn.addDoneCallback(done -> ended.add("never called"));
    loop.runUntilComplete(() -> Steps.ticks(5));
    loop.close();
    assertThat(stubborn.cancelled()).isTrue();
    assertThat(awaiting.cancelled()).isTrue();
    assertThat(orderly.cancelled()).isTrue();
    assertThat(ended).containsExactly("orderly");
    assertThat(reports)
        .filteredOn(report -> report.message().contains("refuses to end and is left behind"))
        .singleElement()
        .satisfies(report -> {
          assertThat(report.message()).startsWith("Task stubborn refuses");
          assertThat(report.future()).isSameAs(stubborn);
          assertThat(report.exception())
              .hasMessageContaining("caught CancelledError 1001 times")
              .satisfies(e ->
                  assertThat(e.getStackTrace())
                      .anyMatch(frame -> frame.getMethodName().equals("refuseToEnd")));
        });
  }

  @Test
  @DisabledIfSystemProperty(
      named = "dev.aioli.engine",
      matches = "bare",
      disabledReason = "there is no thread that something could wake")
  void threadOfATaskLeftBehindStaysWhereItIsWhateverWakesIt() throws Exception {
    List<Integer> refusals = new ArrayList<>();
    Thread[] thread = new Thread[1];
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((closed, context) -> {});
    loop.createTask(() -> {
      thread[0] = Thread.currentThread();
      while (true) {
        try {
          new Event().await();
        } catch (CancelledError e) {
          refusals.add(refusals.size());
        }
      }
    });
    loop.runUntilComplete(() -> Steps.ticks(5));
    loop.close();
    int before = refusals.size();
    for (int i = 0; i < 1_000; i++) {
      LockSupport.unpark(thread[0]);
      thread[0].interrupt();
      thread[0].getStackTrace();
    }
    assertThat(thread[0].join(ms(20))).isFalse();
    assertThat(refusals).hasSize(before);
    assertThat(thread[0].isDaemon()).isTrue();
  }

  @Test
  void whoWaitsForASubmittedTaskThatIsLeftBehindIsReleased() throws Exception {
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((closed, context) -> {});
    SubmittedTask<?> submitted = Asyncio.runCoroutineThreadsafe(LoopCloseTest::refuseToEnd, loop);
    loop.runUntilComplete(() -> Steps.ticks(5));
    loop.close();
    assertThat(submitted.isCancelled()).isTrue();
    assertThat(submitted.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  void cleanUpWithManyWaitsThatFailIsRunToItsEnd() {
    int[] waits = new int[1];
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((closed, context) -> {});
    Task<String> task =
        loop.createTask(() -> {
          try {
            new Event().await();
          } catch (CancelledError e) {
            for (int i = 0; i < 900; i++) {
              try {
                new Event().await();
              } catch (CancelledError again) {
                waits[0]++;
              }
            }
          }
          return "ended";
        });
    loop.runUntilComplete(() -> Steps.ticks(5));
    loop.close();
    assertThat(waits[0]).isEqualTo(900);
    assertThat(task.result()).isEqualTo("ended");
  }

  // ---- tasks that can neither be ended nor suspended

  /** Catches whatever is thrown, where nothing can be suspended; for one task. */
  private static final class RefusesWhileInitialised {
    static {
      refuseAll();
    }

    static void initialise() {}
  }

  private static final class RefusesWhileInitialisedToo {
    static {
      refuseAll();
    }

    static void initialise() {}
  }

  private static void refuseAll() {
    while (true) {
      try {
        new Event().await();
      } catch (Throwable e) {
        // and again
      }
    }
  }

  /** Waits, and does this when its loop is closed. */
  private static Task<?> whenClosed(EventLoop loop, String name, ThrowingRunnable cleanUp) {
    return loop.createTask(
        () -> {
          try {
            new Event().await();
          } finally {
            cleanUp.run();
          }
          return null;
        },
        TaskOptions.DEFAULT.withName(name));
  }

  private static String nameOfCurrent() {
    return Steps.current().getName();
  }

  /** Prints who has ended, and who was left behind. What is left stays, so it has its own JVM. */
  static final class LeavesPinnedTasksBehind {
    public static void main(String[] args) {
      EventLoop loop = EventLoop.newEventLoop();
      loop.setExceptionHandler((_, context) -> {
        if (context.exception() != null) {
          System.out.println(context.message() + ": " + context.exception().getMessage());
          System.out.println("in " + initialiserIn(context.exception().getStackTrace()));
        }
      });
      List<Task<?>> tasks =
          List.of(
              whenClosed(loop, "first", () -> System.out.println("first ended")),
              whenClosed(loop, "pinned", RefusesWhileInitialised::initialise),
              whenClosed(loop, "second", () -> System.out.println("second ended")),
              whenClosed(loop, "pinned too", RefusesWhileInitialisedToo::initialise));
      loop.runUntilComplete(() -> Steps.ticks(5));
      loop.close();
      System.out.println("all cancelled: " + tasks.stream().allMatch(Task::cancelled));
      System.out.println("running: " + loop.isRunning() + ", " + EventLoop.currentOrNull());
      System.out.println(Asyncio.<String>run(() -> "the next loop runs"));
    }

    private static String initialiserIn(StackTraceElement[] stack) {
      return Stream.of(stack)
          .filter(frame -> frame.getMethodName().equals("<clinit>"))
          .map(StackTraceElement::getClassName)
          .findFirst()
          .orElse("none");
    }
  }

  @Test
  @DisabledIfSystemProperty(
      named = "dev.aioli.engine",
      matches = "bare",
      disabledReason = "there such a task keeps close: it may not go on in a thread to spare")
  void tasksThatRefuseWhereTheyCannotBeSuspendedAreLeftBehindWithTheirThreads() throws Exception {
    ChildJvm.Result result = ChildJvm.run(LeavesPinnedTasksBehind.class, withCarriers());
    assertThat(result.output().lines())
        .containsSubsequence(
            "first ended",
            "Task pinned refuses to end and is left behind: caught CancelledError 1001 times",
            "in " + RefusesWhileInitialised.class.getName(),
            "second ended",
            "Task pinned too refuses to end and is left behind: caught CancelledError 1001 times",
            "in " + RefusesWhileInitialisedToo.class.getName(),
            "all cancelled: true",
            "running: false, null",
            "the next loop runs");
    assertThat(result.exitCode()).isZero();
  }

  /** Prints whether an interrupt is kept that comes before the task is left behind. */
  static final class IsInterruptedAsItLeavesOneBehind {
    public static void main(String[] args) {
      EventLoop loop = EventLoop.newEventLoop();
      loop.setExceptionHandler((_, _) -> {});
      Thread closer = Thread.currentThread();
      whenClosed(
          loop,
          "pinned",
          () -> {
            closer.interrupt();
            RefusesWhileInitialised.initialise();
          });
      loop.runUntilComplete(() -> Steps.ticks(5));
      loop.close();
      System.out.println("interrupted: " + Thread.interrupted());
    }
  }

  @Test
  @DisabledIfSystemProperty(
      named = "dev.aioli.engine",
      matches = "bare",
      disabledReason = "there such a task keeps close: it may not go on in a thread to spare")
  void interruptOfACloseThatLeavesAPinnedTaskBehindIsKept() throws Exception {
    assertThat(ChildJvm.run(IsInterruptedAsItLeavesOneBehind.class, withCarriers()).output())
        .contains("interrupted: true");
  }

  /** On hand-over a pinned task that is left behind keeps a carrier. */
  private static String[] withCarriers() {
    String carriers = "-Djdk.virtualThreadScheduler.parallelism=4";
    return Stream.concat(Stream.of(ChildJvm.engine()), Stream.of(carriers)).toArray(String[]::new);
  }

  @Test
  void taskThatRefusesToEndInBlockingCodeThatEndsAtOnceIsLeftBehind() {
    List<String> reports = new ArrayList<>();
    List<String> ended = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((_, context) -> reports.add(context.message()));
    Task<?> stubborn =
        whenClosed(
            loop,
            "stubborn",
            () -> {
              while (true) {
                try {
                  blocking(() -> 1);
                } catch (CancelledError e) {
                  // and again
                }
              }
            });
    Task<?> orderly = whenClosed(loop, "orderly", () -> ended.add(nameOfCurrent()));
    loop.runUntilComplete(() -> Steps.ticks(5));
    loop.close();
    assertThat(List.of(stubborn, orderly)).allMatch(Task::cancelled);
    assertThat(ended).containsExactly("orderly");
    assertThat(reports).contains("Task stubborn refuses to end and is left behind");
  }

  @Test
  void closeNeedsNoFurtherThreadWhereNoTaskHasStarted() {
    List<String> threads = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((_, _) -> threads.add(Thread.currentThread().getName()));
    loop.createTask(() -> 1);
    loop.close();
    assertThat(threads).singleElement().isNotEqualTo("aioli-close");
  }

  @Test
  @EnabledIfSystemProperty(
      named = "dev.aioli.engine",
      matches = "bare",
      disabledReason = "elsewhere a task has a thread of its own, which may be mounted anywhere")
  void onEngineBareATaskEndsInTheThreadInWhichItRan() {
    List<Thread> threads = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((_, _) -> {});
    whenClosed(loop, "ends", () -> threads.add(Thread.currentThread()));
    loop.runUntilComplete(() -> threads.add(Thread.currentThread()));
    loop.close();
    assertThat(threads).hasSize(2).containsOnly(threads.getFirst());
  }

  @Test
  void errorOfATaskThatEndsTheLoopAsItIsClosedDisturbsNoOther() {
    List<String> ended = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((_, context) -> {
      if (context.message().contains("first")) {
        throw new SystemExit(3);
      }
    });
    whenClosed(loop, "first", () -> ended.add(nameOfCurrent()));
    whenClosed(loop, "second", () -> ended.add(nameOfCurrent()));
    loop.runUntilComplete(() -> Steps.ticks(5));
    assertThatThrownBy(loop::close).isInstanceOf(SystemExit.class);
    assertThat(ended).containsExactly("first", "second");
  }
}
