package dev.aioli;

import static dev.aioli.Asyncio.runInExecutor;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.sync.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** The life of a loop that has a thread of its own. */
class EventLoopThreadTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @Test
  void loopThreadEndsItsTasksWhenClosed() throws ExecutionException, InterruptedException {
    List<String> events = new ArrayList<>();
    EventLoopThread thread = EventLoopThread.start("ends");
    CountDownLatch entered = new CountDownLatch(1);
    SubmittedTask<?> left =
        thread.submit(() -> {
          try {
            entered.countDown();
            sleep(Duration.ofDays(1));
          } finally {
            events.add("cleaned up");
          }
        });
    entered.await();
    thread
        .submit(() ->
            assertThatThrownBy(thread::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("would block"))
        .get();
    thread.close();
    thread.close();
    thread.stop();
    assertThat(thread.join(LONG)).isTrue();
    assertThat(left.isCancelled()).isTrue();
    assertThat(events).containsExactly("cleaned up");
    assertThatThrownBy(() -> thread.submit(() -> "x")).hasMessageContaining("closed");
  }

  @Test
  void loopOfAThreadRunsWhenStartReturns() {
    for (int i = 0; i < 50; i++) {
      try (EventLoopThread thread = EventLoopThread.start("runs")) {
        assertThat(thread.loop().isRunning()).isTrue();
      }
    }
  }

  @Test
  void startOfAThreadWhoseLoopCannotRunReturns() throws InterruptedException {
    EventLoop closed = EventLoop.newEventLoop();
    closed.close();
    Thread starter =
        Thread.ofPlatform()
            .unstarted(() -> {
              Thread.currentThread().interrupt();
              EventLoopThread.start("closed", () -> closed);
              assertThat(Thread.currentThread().isInterrupted()).isTrue();
            });
    List<Throwable> thrown = new ArrayList<>();
    starter.setUncaughtExceptionHandler((_, e) -> thrown.add(e));
    starter.start();
    assertThat(starter.join(LONG)).isTrue();
    assertThat(thrown).isEmpty();
  }

  @Test
  void closingALoopThreadFromItsOwnExecutorIsAnErrorAtOnce() throws Exception {
    try (EventLoopThread thread = EventLoopThread.start("inside")) {
      thread
          .submit(() ->
              Asyncio.toThread(() -> {
                assertThatThrownBy(thread::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("of its default executor; use stop()");
                assertThatThrownBy(() -> thread.join(LONG))
                    .isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(thread.loop()::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("while it runs");
              }))
          .result(LONG);
    }
  }

  @Test
  void closingALoopThreadFromAnExecutorThatItIsGivenIsAnErrorToo() throws Exception {
    try (EventLoopThread thread = EventLoopThread.start("inside")) {
      thread
          .submit(() -> {
            EventLoop.getRunningLoop()
                .setDefaultExecutor(Executors.newVirtualThreadPerTaskExecutor());
            Asyncio.toThread(
                () -> assertThatThrownBy(thread::close).hasMessageContaining("use stop()"));
          })
          .result(LONG);
    }
  }

  @Test
  void closingALoopThreadFromAForeignExecutorEnds() throws Exception {
    try (ExecutorService foreign = Executors.newSingleThreadExecutor()) {
      EventLoopThread thread = EventLoopThread.start("foreign");
      SubmittedTask<?> waiting =
          thread.submit(() -> runInExecutor(foreign, () -> thread.close()).await());
      assertThat(thread.join(LONG)).isTrue();
      assertThat(waiting.isCancelled()).isTrue();
    }
  }

  @Test
  void runnerIsNotClosedFromAnotherThreadWhileItRuns() {
    List<Throwable> refused = new ArrayList<>();
    Runner runner = new Runner();
    EventLoop loop = runner.getLoop();
    runner.run(() ->
        Asyncio.toThread(() -> {
          try {
            runner.close();
          } catch (IllegalStateException e) {
            refused.add(e);
          }
        }));
    runner.close();
    assertThat(refused)
        .singleElement()
        .satisfies(e -> assertThat(e).hasMessageContaining("while its loop runs"));
    assertThat(loop.isClosed()).isTrue();
  }

  // ---- close with a grace

  @Test
  void closeWithAGraceLetsTasksGoOnAndWhatTheyStart() throws Exception {
    EventLoopThread thread = EventLoopThread.start("graceful");
    List<String> lines = new CopyOnWriteArrayList<>();
    SubmittedTask<?> task =
        thread.submit(() -> {
          Asyncio.sleep(Duration.ofMillis(20));
          Asyncio.createTask(() -> {
            Asyncio.sleep(Duration.ofMillis(20));
            lines.add("child");
          });
          lines.add("parent");
        });
    thread.close(LONG);
    assertThat(task.isCancelled()).isFalse();
    assertThat(lines).containsExactly("parent", "child");
    assertThat(thread.join(Duration.ZERO)).isTrue();
    assertThat(thread.loop().isClosed()).isTrue();
  }

  @Test
  void closeWithAGraceCancelsWhatIsLeft() throws Exception {
    EventLoopThread thread = EventLoopThread.start("graceful");
    CountDownLatch cleanedUp = new CountDownLatch(1);
    CountDownLatch runs = new CountDownLatch(1);
    thread.submit(() -> {
      runs.countDown();
      try {
        new Event().await();
      } finally {
        Asyncio.sleep(Duration.ofMillis(1));
        cleanedUp.countDown();
      }
    });
    runs.await();
    thread.close(Duration.ofMillis(10));
    assertThat(cleanedUp.getCount()).isZero();
    assertThat(thread.join(Duration.ZERO)).isTrue();
  }

  @Test
  void nothingIsSubmittedDuringTheGraceAndStopEndsIt() throws Exception {
    EventLoopThread thread = EventLoopThread.start("graceful");
    CountDownLatch runs = new CountDownLatch(1);
    SubmittedTask<?> hangs =
        thread.submit(() -> {
          runs.countDown();
          new Event().await();
        });
    runs.await();
    Thread closer = Thread.ofPlatform().start(() -> thread.close(LONG));
    boolean refused = false;
    while (!refused) {
      try {
        thread.submit(() -> {});
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageContaining("close(Duration) was called");
        refused = true;
      }
    }
    assertThat(hangs.isDone()).isFalse();
    thread.stop();
    assertThat(closer.join(LONG)).isTrue();
    assertThat(hangs.isCancelled()).isTrue();
  }

  @Test
  void graceIsNotNegative() {
    try (EventLoopThread thread = EventLoopThread.start("graceful")) {
      assertThatThrownBy(() -> thread.close(Duration.ofMillis(-1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("expected a grace of zero or more, was PT-0.001S");
    }
  }
}
