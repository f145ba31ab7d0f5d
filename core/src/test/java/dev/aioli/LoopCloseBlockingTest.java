package dev.aioli;

import static dev.aioli.Asyncio.blocking;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Steps.ms;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.sync.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A loop that is closed while tasks are in blocking code, which may be deaf to interrupts. */
class LoopCloseBlockingTest {
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
                Thread.sleep(20); // in real time, in which close waits
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
          Thread.sleep(20); // in real time, in which close waits
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

  @Test
  void closeTimeoutMustNotBeNegative() {
    try (EventLoop loop = EventLoop.newEventLoop()) {
      assertThatThrownBy(() -> loop.setCloseTimeout(ms(-1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected a close timeout >= 0");
    }
  }
}
