package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.run;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import dev.aioli.sync.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.testkit.engine.EngineTestKit;

/** An interrupt of the thread that is in {@code run} cancels what it runs. */
class RunInterruptTest {
  private static final Duration LONG = Duration.ofDays(1);

  private final List<String> events = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void flagIsClear() {
    assertThat(Thread.interrupted()).isFalse();
  }

  /** Waits, in a thread that is interrupted as soon as it does. */
  private void waitForAnInterrupt(Thread runner) {
    EventLoop.getRunningLoop()
        .callLater(Duration.ZERO, () -> Thread.ofPlatform().start(runner::interrupt));
    try {
      new Event().await();
    } catch (CancelledError e) {
      events.add(String.valueOf(e.getMessage()));
      throw e;
    } finally {
      sleep(Duration.ofMillis(1)); // cleaning up may wait
      events.add("cleaned up");
    }
  }

  private void assertThatItEndsARun() {
    Thread runner = Thread.currentThread();
    assertThatThrownBy(() -> run(() -> waitForAnInterrupt(runner)))
        .isInstanceOf(CancelledError.class);
    events.add("flag: " + Thread.interrupted());
  }

  @Test
  void itCancelsAMainTaskThatWaits() {
    assertThatItEndsARun();
    assertThat(events)
        .containsExactly("the thread in run was interrupted", "cleaned up", "flag: true");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void itDoesSoWhateverKindOfThreadIsInRun(boolean virtual) throws InterruptedException {
    Thread.Builder builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
    builder.start(this::assertThatItEndsARun).join();
    assertThat(events)
        .containsExactly("the thread in run was interrupted", "cleaned up", "flag: true");
  }

  @Test
  void itCancelsAMainTaskThatNeverWaits() {
    Thread runner = Thread.currentThread();
    assertThatThrownBy(() ->
            run(() -> {
              Thread.ofPlatform().start(runner::interrupt);
              while (true) {
                sleep(Duration.ZERO);
              }
            }))
        .isInstanceOf(CancelledError.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void whatTheMainTaskMakesOfItIsTheResult() {
    Thread runner = Thread.currentThread();
    String result =
        run(() -> {
          try {
            waitForAnInterrupt(runner);
            return "not cancelled";
          } catch (CancelledError e) {
            return "given up";
          }
        });
    assertThat(result).isEqualTo("given up");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void onePendingBeforeTheRunCancelsTheMainTaskBeforeItBegins() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> run(() -> events.add("ran"))).isInstanceOf(CancelledError.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(events).isEmpty();
  }

  @Test
  void theFlagThatIsKeptDoesNotCutOffTheCleanUpOfOtherTasks() {
    Thread runner = Thread.currentThread();
    assertThatThrownBy(() ->
            run(() -> {
              createTask(() -> {
                try {
                  sleep(LONG);
                } finally {
                  for (int i = 0; i < 5; i++) {
                    sleep(Duration.ofMillis(1));
                  }
                  events.add("other cleaned up");
                }
              });
              waitForAnInterrupt(runner);
            }))
        .isInstanceOf(CancelledError.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(events).endsWith("cleaned up", "other cleaned up");
  }

  /** Catches what cancels it, and waits on. */
  private void refuse(int cancellations, CountDownLatch told) {
    for (int i = 0; i < cancellations; i++) {
      try {
        sleep(LONG);
      } catch (CancelledError e) {
        events.add("refused");
        told.countDown();
      }
    }
  }

  private static Thread interruptTwice(Thread runner, CountDownLatch first, CountDownLatch second) {
    return Thread.ofPlatform()
        .start(() -> {
          try {
            first.await();
            runner.interrupt();
            second.await();
            runner.interrupt();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void aSecondOneEndsTheRunOfATaskThatRefusesToEnd() throws InterruptedException {
    CountDownLatch runs = new CountDownLatch(1);
    CountDownLatch refused = new CountDownLatch(1);
    List<String> reports = new ArrayList<>();
    Thread interrupter = interruptTwice(Thread.currentThread(), runs, refused);
    try (Runner runner = new Runner()) {
      runner.getLoop().setExceptionHandler((_, context) -> reports.add(context.message()));
      assertThatThrownBy(() ->
              runner.run(() -> {
                runs.countDown();
                refuse(Integer.MAX_VALUE, refused);
              }))
          .isInstanceOf(CancelledError.class)
          .hasMessageStartingWith("a second interrupt has ended the run; left behind: Task[Task-1");
    }
    assertThat(Thread.interrupted()).isTrue();
    interrupter.join();
    assertThat(events).startsWith("refused");
    assertThat(reports)
        .contains(
            "Task was destroyed but it is pending: Task[Task-1 cancelling waiting for Future]");
  }

  @Test
  void aSecondOneEndsTheCleanUpOfATaskThatIsLeft() throws InterruptedException {
    CountDownLatch runs = new CountDownLatch(1);
    CountDownLatch refused = new CountDownLatch(1);
    List<String> reports = new ArrayList<>();
    Thread interrupter = interruptTwice(Thread.currentThread(), runs, refused);
    assertThatThrownBy(
            () -> {
              try (Runner runner = new Runner()) {
                runner
                    .getLoop()
                    .setExceptionHandler((_, context) -> reports.add(context.message()));
                runner.run(() -> {
                  createTask(() -> refuse(Integer.MAX_VALUE, refused), "left");
                  sleep(Duration.ZERO);
                  runs.countDown();
                  sleep(LONG);
                });
              }
            })
        .isInstanceOf(CancelledError.class);
    assertThat(Thread.interrupted()).isTrue();
    interrupter.join();
    assertThat(reports)
        .contains("Task was destroyed but it is pending: Task[left cancelling waiting for Future]");
  }

  @Test
  void shutdownNowOfAnExecutorEndsARunInIt() throws Exception {
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      CountDownLatch runs = new CountDownLatch(1);
      executor.submit(() ->
          run(() -> {
            runs.countDown();
            new Event().await();
          }));
      runs.await();
      executor.shutdownNow();
      assertThat(executor.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  @DisabledIfSystemProperty(
      named = "dev.aioli.engine",
      matches = "hand-over",
      disabledReason = "the callback's thread is not the one that is in run")
  void oneThatTheLoopsThreadMakesItselfIsKeptAndCancelsNothing() {
    run(() -> {
      EventLoop.getRunningLoop().callSoon(() -> Thread.currentThread().interrupt());
      sleep(Duration.ofMillis(1));
      events.add("went on");
    });
    assertThat(events).containsExactly("went on");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void itInterruptsABodyThatBlocksTheLoop() {
    Thread runner = Thread.currentThread();
    assertThatThrownBy(() ->
            run(() -> {
              Thread.ofPlatform().start(() -> interruptWhenBlocked(runner));
              Thread.sleep(LONG);
            }))
        .hasRootCauseInstanceOf(InterruptedException.class);
    boolean kept = Thread.interrupted(); // but not on engine bare, where the body has received it
  }

  /** Again and again, since only the body could tell when it blocks. */
  private static void interruptWhenBlocked(Thread runner) {
    while (RunningLoops.all().length > 0) {
      runner.interrupt();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** Not a test of this class's: {@link #timeoutOfJUnitEndsARunThatHangs} runs it. */
  static final class Hangs {
    @Test
    @org.junit.jupiter.api.Timeout(1)
    void forEver() {
      run(() -> new Event().await());
    }
  }

  @Test
  void timeoutOfJUnitEndsARunThatHangs() {
    EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(Hangs.class))
        .execute()
        .testEvents()
        .assertThatEvents()
        .haveExactly(
            1,
            event(
                finishedWithFailure(
                    instanceOf(java.util.concurrent.TimeoutException.class),
                    message(text -> text.contains("timed out after 1 second")))));
  }

  @Test
  void aLoopThatIsRunWithoutARunnerKeepsItForItsCaller() {
    Thread runner = Thread.currentThread();
    try (EventLoop loop = EventLoop.newEventLoop()) {
      loop.runUntilComplete(() -> {
        Thread interrupter = Thread.ofPlatform().start(runner::interrupt);
        while (interrupter.isAlive()) {
          sleep(Duration.ZERO);
        }
      });
    }
    assertThat(Thread.interrupted()).isTrue();
  }
}
