package dev.aioli;

import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Steps.ms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.sync.Event;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A loop that is closed though others have posted to it, or wait for its futures. */
class LoopClosePostsTest {
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
}
