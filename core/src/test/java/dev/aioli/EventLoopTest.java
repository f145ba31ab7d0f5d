package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.lowlevel.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopTest {
  private final VirtualTime time = new VirtualTime();
  private final EventLoop loop = time.newLoop();
  private final List<String> events = new ArrayList<>();

  @AfterEach
  void close() {
    if (!loop.isRunning()) {
      loop.close();
    }
  }

  private Runnable note(String event) {
    return () -> events.add(event);
  }

  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }

  /** Runs until everything that is scheduled now and the given time have passed. */
  private void runFor(Duration duration) {
    loop.callLater(duration, loop::stop);
    loop.runForever();
  }

  @Test
  void callbacksRunInOrderAndWhatTheyScheduleRunsInTheNextIteration() {
    loop.callSoon(() -> {
      events.add("a");
      loop.callSoon(note("a2 in iteration " + (time.iterations() + 1)));
    });
    loop.callSoon(note("b"));
    runFor(ms(1));
    assertThat(events).containsExactly("a", "b", "a2 in iteration 2");
  }

  @Test
  void cancelledHandleIsSkipped() {
    Handle handle = loop.callSoon(note("never"));
    handle.cancel();
    handle.cancel();
    runFor(ms(1));
    assertThat(events).isEmpty();
    assertThat(handle.cancelled()).isTrue();
  }

  @Test
  void timersWithEqualDeadlinesRunInTheOrderInWhichTheyWereSet() {
    for (int i = 0; i < 1000; i++) {
      loop.callLater(ms(5), note("t" + i));
    }
    runFor(ms(6));
    for (int i = 0; i < 1000; i++) {
      assertThat(events.get(i)).isEqualTo("t" + i);
    }
  }

  @Test
  void timersOfRandomDeadlinesRunByDeadlineAndCancelledOnesNot() {
    Random random = new Random(42);
    List<TimerHandle> timers = new ArrayList<>();
    List<TimerHandle> ran = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      TimerHandle[] self = new TimerHandle[1];
      self[0] = loop.callLater(ms(random.nextInt(100)), () -> ran.add(self[0]));
      timers.add(self[0]);
    }
    timers.removeIf(timer -> {
      boolean cancel = random.nextBoolean();
      if (cancel) {
        timer.cancel();
      }
      return cancel;
    });
    runFor(ms(200));
    timers.sort(null);
    assertThat(ran).isEqualTo(timers);
  }

  @Test
  void timersThatAreDueRunAfterWhatIsReady() {
    loop.callLater(ms(1), note("timer"));
    loop.callSoon(() -> {
      time.advance(ms(2));
      loop.callSoon(note("ready"));
    });
    runFor(ms(5));
    assertThat(events).containsExactly("ready", "timer");
  }

  @Test
  void timerNeverFiresEarly() {
    Duration[] fired = new Duration[1];
    try (EventLoop real = EventLoop.newEventLoop()) {
      Duration due = real.time().plusNanos(1_500_000);
      real.callAt(
          due,
          () -> {
            fired[0] = real.time();
            real.stop();
          });
      real.runForever();
      assertThat(fired[0]).isGreaterThanOrEqualTo(due);
    }
  }

  @Test
  void timersWorkWhereverTheClockStarts() {
    for (long start : new long[] {Long.MIN_VALUE, -1, 0, Duration.ofDays(200).toNanos()}) {
      VirtualTime virtual = new VirtualTime();
      Clock shifted = () -> start + virtual.nanoTime();
      EventLoop shiftedLoop = EventLoop.builder().clock(shifted).poller(virtual).build();
      shiftedLoop.callLater(ms(1), note("1"));
      shiftedLoop.callLater(ms(2), shiftedLoop::stop);
      shiftedLoop.callLater(Duration.ofSeconds(Long.MAX_VALUE), note("never"));
      shiftedLoop.callLater(Duration.ofSeconds(Long.MIN_VALUE), note("at once"));
      shiftedLoop.runForever();
      assertThat(virtual.millis()).isEqualTo(2);
      shiftedLoop.close();
    }
    assertThat(events).containsOnly("1", "at once").hasSize(8);
  }

  @Test
  void cancelledTimersLeaveAtOnce() {
    loop.callLater(Duration.ofDays(1), note("kept"));
    for (int i = 0; i < 1_000_000; i++) {
      loop.callLater(Duration.ofDays(2), note("never")).cancel();
    }
    assertThat(loop.timers().size()).isEqualTo(1);
  }

  @Test
  void callbackThatReschedulesItselfDoesNotStarveTimers() {
    Runnable[] again = new Runnable[1];
    again[0] =
        () -> {
          time.advance(Duration.ofNanos(1000));
          loop.callSoon(again[0]);
        };
    loop.callSoon(again[0]);
    loop.callLater(ms(1), loop::stop);
    loop.runForever();
    assertThat(time.millis()).isEqualTo(1);
  }

  @Test
  void stopFinishesTheIterationAndKeepsTheRestForTheNextRun() {
    loop.callSoon(() -> {
      loop.stop();
      loop.callSoon(note("next run"));
    });
    loop.callSoon(note("same iteration"));
    loop.runForever();
    assertThat(events).containsExactly("same iteration");
    runFor(ms(1));
    assertThat(events).containsExactly("same iteration", "next run");
  }

  @Test
  void stopBeforeTheStartGivesOneIteration() {
    loop.stop();
    loop.callSoon(note("ran"));
    loop.runForever();
    assertThat(time.iterations()).isEqualTo(1);
    assertThat(events).containsExactly("ran");
  }

  @Test
  void runUntilCompleteGivesTheResultOrTheError() {
    assertThat(loop.<String>runUntilComplete(() -> "result")).isEqualTo("result");
    assertThatThrownBy(() ->
            loop.runUntilComplete(() -> {
              throw new IllegalArgumentException("boom");
            }))
        .isInstanceOf(IllegalArgumentException.class);
    Future<String> future = loop.createFuture();
    loop.callLater(ms(1), () -> future.setResult("later"));
    assertThat(loop.runUntilComplete(future)).isEqualTo("later");
  }

  @Test
  void runUntilCompleteOfAStoppedLoopIsAnError() {
    Future<String> future = loop.createFuture();
    loop.callSoon(loop::stop);
    assertThatThrownBy(() -> loop.runUntilComplete(future))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("stopped before the end of");
    runFor(ms(1)); // the callback that would have stopped it is gone
    assertThat(time.millis()).isEqualTo(1);
  }

  @Test
  void checkedExceptionOfTheMainTaskIsTheCause() {
    assertThatThrownBy(() ->
            Asyncio.run(() -> {
              throw new java.io.IOException("disk");
            }))
        .isInstanceOf(java.util.concurrent.CompletionException.class)
        .cause()
        .isInstanceOf(java.io.IOException.class)
        .hasMessage("disk");
  }

  @Test
  void callbackThatThrowsReachesTheExceptionHandlerAndOthersRun() {
    List<ExceptionContext> seen = new ArrayList<>();
    loop.setExceptionHandler((l, context) -> seen.add(context));
    Handle handle =
        loop.callSoon(() -> {
          throw new IllegalArgumentException("boom");
        });
    loop.callSoon(note("other"));
    runFor(ms(1));
    assertThat(events).containsExactly("other");
    assertThat(seen).singleElement().extracting(ExceptionContext::handle).isEqualTo(handle);
    assertThat(seen.getFirst().exception()).hasMessage("boom");
    assertThat(seen.getFirst().message()).startsWith("Exception in callback");
  }

  @Test
  void exceptionHandlerThatThrowsDoesNotStopTheLoop() {
    loop.setExceptionHandler((l, context) -> {
      throw new IllegalStateException("handler");
    });
    loop.callSoon(() -> {
      throw new IllegalArgumentException("boom");
    });
    loop.callSoon(note("other"));
    runFor(ms(1));
    assertThat(events).containsExactly("other");
  }

  @Test
  void exceptionHandlerRunsInTheContextOfTheCallback() {
    ContextVar<String> who = new ContextVar<>("who", "nobody");
    loop.setExceptionHandler((l, context) -> events.add(who.get()));
    Context context = new Context();
    context.run(() -> who.set("the callback"));
    loop.callSoon(
        () -> {
          throw new IllegalArgumentException("boom");
        },
        context);
    runFor(ms(1));
    assertThat(events).containsExactly("the callback");
  }

  @Test
  void systemExitAndKeyboardInterruptEndTheLoop() {
    for (Error error : List.of(new SystemExit(3), new KeyboardInterrupt())) {
      loop.callSoon(() -> {
        throw error;
      });
      loop.callSoon(note("kept"));
      assertThatThrownBy(loop::runForever).isSameAs(error);
      Task<?> task =
          loop.createTask(() -> {
            throw error;
          });
      assertThatThrownBy(() -> loop.runUntilComplete(task)).isSameAs(error);
      assertThat(task.exception()).isSameAs(error);
    }
    runFor(ms(1));
    assertThat(events).containsExactly("kept", "kept");
  }

  @Test
  void loopCannotRunInsideItselfOrAnother() {
    EventLoop other = new VirtualTime().newLoop();
    loop.runUntilComplete(() -> {
      assertThatThrownBy(loop::runForever)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("runs already");
      assertThatThrownBy(other::runForever)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("runs in the same thread");
      assertThatThrownBy(() -> Asyncio.run(() -> "nested"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("await, or create a task");
      assertThatThrownBy(loop::close).isInstanceOf(IllegalStateException.class);
      return null;
    });
    other.close();
  }

  @Test
  void closedLoopRefusesEverythingAndClosesTwice() {
    loop.callSoon(note("dropped"));
    loop.callLater(ms(1), note("dropped"));
    loop.close();
    loop.close();
    List<Runnable> calls =
        List.of(
            () -> loop.callSoon(note("x")),
            () -> loop.callSoonThreadsafe(note("x")),
            () -> loop.callLater(ms(1), note("x")),
            () -> loop.createTask(() -> "x"),
            () -> loop.runInExecutor(null, () -> "x"),
            () -> Asyncio.runCoroutineThreadsafe(() -> "x", loop),
            loop::runForever);
    for (Runnable call : calls) {
      assertThatThrownBy(call::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("event loop is closed");
    }
    assertThat(loop.isClosed()).isTrue();
    assertThat(events).isEmpty();
  }

  @Test
  void closingEndsSubmittedTasksThatHaveBegun() throws Exception {
    loop.setExceptionHandler((_, _) -> events.add("reported"));
    SubmittedTask<String> suspended =
        Asyncio.runCoroutineThreadsafe(() -> loop.<String>createFuture().await(), loop);
    runFor(ms(1));
    SubmittedTask<String> finished =
        Asyncio.runCoroutineThreadsafe(
            () -> {
              loop.stop(); // before the iteration that would tell the other threads
              return "result";
            },
            loop);
    loop.runForever();
    assertThat(finished.isDone()).isFalse();
    loop.close();
    assertThat(suspended.isCancelled()).isTrue();
    assertThat(suspended.awaitTermination(0, TimeUnit.SECONDS)).isTrue();
    assertThat(finished.getNow("nothing")).isEqualTo("result");
    assertThat(finished.awaitTermination(0, TimeUnit.SECONDS)).isTrue();
    assertThat(events).containsExactly("reported");
  }

  @Test
  void foreignThreadIsToldTheWayIn() throws Exception {
    EventLoop real = EventLoop.newEventLoop();
    Future<String> future = real.createFuture();
    Task<String> task = real.createTask(future::await);
    CountDownLatch running = new CountDownLatch(1);
    real.callSoon(running::countDown);
    Thread loopThread = Thread.ofPlatform().start(() -> real.runUntilComplete(future));
    running.await();
    List<Runnable> calls =
        List.of(
            () -> real.callSoon(note("x")),
            () -> real.callLater(ms(1), note("x")),
            () -> real.createTask(() -> "x"),
            () -> future.setResult("x"),
            () -> future.cancel(),
            task::cancel,
            real::allTasks,
            real::stop);
    for (Runnable call : calls) {
      assertThatThrownBy(call::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("use callSoonThreadsafe or runCoroutineThreadsafe");
    }
    real.callSoonThreadsafe(() -> future.setResult("done"));
    loopThread.join();
    assertThat(future.result()).isEqualTo("done");
    real.close();
  }

  @Test
  void getRunningLoopOutsideIsAClearError() {
    assertThatThrownBy(Asyncio::getRunningLoop)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no running event loop in Thread")
        .hasMessageContaining("Asyncio.run");
  }

  @Test
  void runCancelsAwaitsAndReportsLeftOverTasks() {
    List<ExceptionContext> reported = new ArrayList<>();
    String result =
        VirtualTime.run(() -> {
          Asyncio.getRunningLoop().setExceptionHandler((l, context) -> reported.add(context));
          Asyncio.createTask(() -> {
            try {
              Asyncio.sleep(Duration.ofDays(1));
            } finally {
              Asyncio.sleep(ms(5));
              events.add("cleaned up");
            }
          });
          Asyncio.createTask(() -> {
            try {
              Asyncio.sleep(Duration.ofDays(1));
            } catch (CancelledError e) {
              throw new IllegalArgumentException("while leaving", e);
            }
          });
          Asyncio.sleep(Duration.ZERO);
          return "result";
        });
    assertThat(result).isEqualTo("result");
    assertThat(events).containsExactly("cleaned up");
    assertThat(reported)
        .singleElement()
        .extracting(ExceptionContext::message)
        .isEqualTo("unhandled exception during Asyncio.run shutdown");
  }

  @Test
  void runnerKeepsLoopContextAndTasksBetweenRuns() {
    ContextVar<String> name = new ContextVar<>("name", "none");
    Runner runner = new Runner(new VirtualTime()::newLoop);
    Task<String> task =
        runner.run(() -> {
          name.set("kept");
          return Asyncio.createTask(() -> {
            Asyncio.sleep(ms(5));
            return name.get();
          });
        });
    assertThat(runner.<String>run(task::await)).isEqualTo("kept");
    assertThat(runner.<String>run(name::get, new Context())).isEqualTo("none");
    EventLoop runnerLoop = runner.getLoop();
    runner.close();
    runner.close();
    assertThat(runnerLoop.isClosed()).isTrue();
    assertThatThrownBy(() -> runner.run(() -> "x"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }
}
