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
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
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

  // ---- what others have posted

  @Test
  void postsThatWereAcceptedRunThoughTheLoopDoesNot() throws Exception {
    List<String> events = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.callSoonThreadsafe(() -> events.add("first"));
    loop.asExecutor().execute(() -> events.add("second"));
    CompletableFuture<Integer> supplied = CompletableFuture.supplyAsync(() -> 3, loop.asExecutor());
    SubmittedTask<Integer> submitted = Asyncio.runCoroutineThreadsafe(() -> 4, loop);
    loop.callSoon(() -> events.add("its own are dropped"));
    loop.close();
    assertThat(events).containsExactly("first", "second");
    assertThat(supplied.get()).isEqualTo(3);
    assertThat(submitted.isCancelled()).isTrue();
    assertThatThrownBy(() -> loop.callSoonThreadsafe(() -> events.add("late")))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void postThatIsReadyWhenTheLoopIsThrownOutOfItsRunRuns() {
    List<String> events = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.callSoonThreadsafe(() -> {
      throw new SystemExit(3);
    });
    loop.callSoonThreadsafe(() -> events.add("second"));
    assertThatThrownBy(loop::runForever).isInstanceOf(SystemExit.class);
    loop.close();
    assertThat(events).containsExactly("second");
  }

  @Test
  void postFindsItsLoopClosedAndIsToldSo() {
    List<Throwable> reported = new ArrayList<>();
    List<String> events = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((_, context) -> reported.add(context.exception()));
    loop.callSoonThreadsafe(() -> loop.createTask(() -> events.add("never")));
    loop.callSoonThreadsafe(() -> {
      events.add(loop.isClosed() + ", and the turn is " + EventLoop.getRunningLoop());
      loop.callSoonThreadsafe(() -> events.add("never"));
    });
    loop.callSoonThreadsafe(() -> events.add("last"));
    loop.close();
    assertThat(events).containsExactly("true, and the turn is " + loop, "last");
    assertThat(reported)
        .hasSize(2)
        .allSatisfy(e -> assertThat(e).hasMessageContaining("event loop is closed"));
  }

  @Test
  void errorOfAPostThatEndsLoopsComesOutWhenAllIsClosed() {
    List<String> events = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((_, _) -> {});
    Task<?> left = loop.createTask(() -> 1);
    loop.callSoonThreadsafe(() -> {
      throw new SystemExit(3);
    });
    loop.callSoonThreadsafe(() -> events.add("second"));
    assertThatThrownBy(loop::close).isInstanceOf(SystemExit.class);
    assertThat(events).containsExactly("second");
    assertThat(left.cancelled()).isTrue();
  }

  private static EventLoop loopWithTwoFailures() {
    EventLoop loop = EventLoop.newEventLoop();
    for (String message : List.of("one", "two")) {
      loop.createFuture().setException(new IllegalStateException(message));
    }
    return loop;
  }

  @Test
  void failuresAreReportedThoughAPostEndsTheLoop() {
    List<String> reports = new ArrayList<>();
    EventLoop loop = loopWithTwoFailures();
    loop.setExceptionHandler((_, context) -> reports.add(messageOf(context)));
    loop.callSoonThreadsafe(() -> {
      throw new SystemExit(3);
    });
    assertThatThrownBy(loop::close).isInstanceOf(SystemExit.class);
    assertThat(reports).containsExactly("one", "two");
  }

  @Test
  void handlerThatEndsTheLoopIsToldOfEveryFailure() {
    List<String> reports = new ArrayList<>();
    EventLoop loop = loopWithTwoFailures();
    loop.setExceptionHandler((_, context) -> {
      reports.add(messageOf(context));
      throw new SystemExit(reports.size());
    });
    assertThatThrownBy(loop::close)
        .isInstanceOf(SystemExit.class)
        .hasMessageContaining("exit code 1"); // the first of them
    assertThat(reports).containsExactly("one", "two");
  }

  private static String messageOf(ExceptionContext context) {
    return String.valueOf(context.exception() == null ? null : context.exception().getMessage());
  }

  @Test
  void postsRunBeforeTasksAreEnded() {
    List<String> events = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((_, _) -> {});
    Future<String> future = loop.createFuture();
    loop.createTask(() -> {
      try {
        new Event().await();
      } finally {
        events.add("task ends, future " + future.result());
      }
    });
    loop.runUntilComplete(() -> Steps.ticks(5));
    loop.callSoonThreadsafe(() -> future.setResult("is set"));
    loop.close();
    assertThat(events).containsExactly("task ends, future is set");
  }

  @Test
  void whoWaitsOutsideForAFutureThatNobodyFinishesIsReleased() {
    EventLoop loop = EventLoop.newEventLoop();
    Future<String> pending = loop.createFuture();
    Future<String> wrapped = loop.createFuture();
    CompletableFuture<String> outside = pending.toCompletableFuture();
    CompletableFuture<Void> dependent = outside.thenAccept(_ -> {});
    CompletableFuture<String> inTime = wrapped.toCompletableFuture();
    loop.callSoonThreadsafe(() -> wrapped.setResult("in time"));
    loop.close();
    assertThat(outside).isCancelled();
    assertThat(dependent).isCompletedExceptionally();
    assertThat(inTime).isCompletedWithValue("in time");
  }

  static Stream<Named<UnaryOperator<CompletableFuture<?>>>> followers() {
    return Stream.of(
        Named.of("thenApply", outside -> outside.thenApply(value -> value)),
        Named.of("a chain", outside -> outside.thenAccept(_ -> {}).thenRun(() -> {})),
        Named.of("thenCompose", Forgotten::composed),
        Named.of("allOf", CompletableFuture::allOf),
        Named.of("anyOf", CompletableFuture::anyOf));
  }

  /** Nobody but the loop knows the future, nor what is outside of it. */
  private static final class Forgotten {
    static CompletableFuture<?> composed(CompletableFuture<?> outside) {
      return CompletableFuture.completedFuture(1).thenCompose(_ -> outside);
    }

    static CompletableFuture<?> of(
        EventLoop loop,
        UnaryOperator<CompletableFuture<?>> follow,
        List<WeakReference<?>> garbage) {
      Future<String> future = loop.createFuture();
      garbage.add(new WeakReference<>(future));
      return follow.apply(future.toCompletableFuture());
    }
  }

  @ParameterizedTest
  @MethodSource("followers")
  void whoWaitsForWhatFollowsOnAForgottenFutureIsReleased(
      UnaryOperator<CompletableFuture<?>> follow) {
    EventLoop loop = EventLoop.newEventLoop();
    List<WeakReference<?>> futures = new ArrayList<>();
    CompletableFuture<?> held = Forgotten.of(loop, follow, futures);
    collect(futures);
    loop.close();
    assertThat(held).isCompletedExceptionally();
  }

  private static void collect(List<WeakReference<?>> objects) {
    while (objects.stream().anyMatch(object -> !object.refersTo(null))) {
      System.gc();
      Thread.onSpinWait();
    }
  }

  @Test
  void futuresThatAreForgottenDoNotPileUp() {
    try (EventLoop loop = EventLoop.newEventLoop()) {
      List<WeakReference<?>> futures = new ArrayList<>();
      CompletableFuture<?> held = Forgotten.of(loop, outside -> outside, futures);
      for (int i = 0; i < 10; i++) {
        for (int j = 0; j < 100; j++) {
          Forgotten.of(loop, outside -> outside, futures);
        }
        collect(futures);
      }
      assertThat(loop.waitingOutside().size()).isLessThan(500);
      assertThat(held).isCompletedExceptionally(); // nobody can finish it
    }
  }

  @Test
  void futuresThatAreDoneOutsideDoNotPileUp() {
    try (EventLoop loop = EventLoop.newEventLoop()) {
      List<Future<String>> futures = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        Future<String> future = loop.createFuture();
        futures.add(future);
        future.toCompletableFuture().complete("by hand"); // as orTimeout does, too
      }
      assertThat(loop.waitingOutside().size()).isLessThan(200);
      assertThat(futures).noneMatch(Future::done);
    }
  }

  @Test
  void futureThatIsCancelledOutsideIsForgotten() {
    try (EventLoop loop = EventLoop.newEventLoop()) {
      Future<String> future = loop.createFuture();
      future.toCompletableFuture().cancel(true);
      loop.runUntilComplete(() -> sleep(ms(0)));
      assertThat(future.cancelled()).isTrue();
      assertThat(loop.waitingOutside().isEmpty()).isTrue();
    }
  }

  @Test
  void whoWaitsOutsideForWorkOfAnExecutorIsReleased() {
    List<Runnable> queued = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    CompletableFuture<Integer> outside =
        loop.runInExecutor(queued::add, () -> 1).toCompletableFuture();
    loop.close();
    assertThat(outside).isCancelled();
    queued.getFirst().run(); // late, and nobody is there
  }

  // ---- code in blocking(...) that is deaf to interrupts

  private static void deaf(CountDownLatch entered, CountDownLatch release) {
    entered.countDown();
    boolean released = false;
    while (!released) {
      try {
        release.await();
        released = true;
      } catch (InterruptedException e) {
        // and again
      }
    }
  }

  @Test
  void codeThatIgnoresItsInterruptIsReportedAndLeftBehind() {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(2);
    List<ExceptionContext> reports = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setCloseTimeout(ms(50));
    loop.setExceptionHandler((_, context) -> reports.add(context));
    Task<?> deaf =
        loop.createTask(
            Asyncio.callable(() -> blocking(() -> deaf(entered, release))),
            TaskOptions.DEFAULT.withName("deaf"));
    Task<?> polite =
        loop.createTask(() ->
            blocking(() -> {
              entered.countDown();
              new CountDownLatch(1).await();
            }));
    loop.runUntilComplete(() -> blocking(() -> entered.await()));
    loop.close();
    assertThat(deaf.cancelled()).isTrue();
    assertThat(polite.cancelled()).isTrue();
    assertThat(reports)
        .filteredOn(report -> report.message().contains("left behind"))
        .singleElement()
        .satisfies(report -> {
          assertThat(report.message()).startsWith("Task deaf refuses to end");
          assertThat(report.exception())
              .hasMessageContaining("was interrupted and has not ended in time")
              .satisfies(e ->
                  assertThat(e.getStackTrace())
                      .anyMatch(frame -> frame.getMethodName().equals("deaf")));
        });
    release.countDown(); // too late: nobody continues it
    assertThat(deaf.cancelled()).isTrue();
  }

  @Test
  void codeThatEndsInTimeIsWaitedFor() {
    CountDownLatch entered = new CountDownLatch(1);
    List<String> events = new ArrayList<>();
    List<String> reports = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setCloseTimeout(ms(600_000));
    loop.setExceptionHandler((_, context) -> reports.add(context.message()));
    Task<?> slow =
        loop.createTask(() -> {
          try {
            blocking(() -> {
              entered.countDown();
              try {
                new CountDownLatch(1).await();
              } finally {
                Thread.sleep(20);
                events.add("code ended");
              }
            });
          } finally {
            events.add("task ended");
          }
        });
    loop.runUntilComplete(() -> blocking(() -> entered.await()));
    loop.close();
    assertThat(events).containsExactly("code ended", "task ended");
    assertThat(slow.cancelled()).isTrue();
    assertThat(reports).noneMatch(report -> report.contains("left behind"));
  }

  @Test
  void cleanUpThatBlocksIsWaitedForToo() {
    List<String> events = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setExceptionHandler((_, _) -> {});
    loop.createTask(() -> {
      try {
        new Event().await();
      } finally {
        blocking(() -> {
          Thread.sleep(20);
          events.add("flushed");
        });
      }
    });
    loop.runUntilComplete(() -> Steps.ticks(5));
    loop.close();
    assertThat(events).containsExactly("flushed");
  }

  @Test
  void cleanUpThatBlocksForEverIsLeftBehind() {
    CountDownLatch release = new CountDownLatch(1);
    List<String> reports = new ArrayList<>();
    EventLoop loop = EventLoop.newEventLoop();
    loop.setCloseTimeout(ms(50));
    loop.setExceptionHandler((_, context) -> reports.add(context.message()));
    Task<?> task =
        loop.createTask(() -> {
          try {
            new Event().await();
          } finally {
            blocking(() -> deaf(new CountDownLatch(1), release));
          }
        });
    loop.runUntilComplete(() -> Steps.ticks(5));
    loop.close();
    assertThat(task.cancelled()).isTrue();
    assertThat(reports).anyMatch(report -> report.contains("is left behind"));
    release.countDown();
  }

  @Test
  void endOfARunLeavesCodeBehindThatIgnoresItsInterrupt() {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch entered = new CountDownLatch(1);
    List<String> reports = new ArrayList<>();
    List<String> events = new ArrayList<>();
    try (Runner runner = new Runner().shutdownLimit(ms(50))) {
      runner.getLoop().setCloseTimeout(ms(50));
      runner.getLoop().setExceptionHandler((_, context) -> reports.add(context.message()));
      runner.run(() -> {
        Asyncio.createTask(() -> blocking(() -> deaf(entered, release)), "deaf");
        Asyncio.createTask(() -> {
          try {
            new Event().await();
          } finally {
            sleep(ms(200)); // other clean-up takes as long as it takes
            events.add("cleaned up");
          }
        });
        blocking(() -> entered.await());
      });
    }
    assertThat(events).containsExactly("cleaned up");
    assertThat(reports).anyMatch(report -> report.startsWith("Task deaf refuses to end"));
    release.countDown();
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

  @Test
  void closeTimeoutMustNotBeNegative() {
    try (EventLoop loop = EventLoop.newEventLoop()) {
      assertThatThrownBy(() -> loop.setCloseTimeout(ms(-1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected a close timeout >= 0");
    }
  }
}
