package dev.aioli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.sync.Lock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DebugModeTest {
  private static Task<String> failing() {
    return Asyncio.createTask(() -> {
      throw new IllegalArgumentException("boom");
    });
  }

  /** Holds the turn for a while, in debug mode; prints what is logged. */
  static final class SlowCallback {
    public static void main(String[] args) {
      VirtualTime time = new VirtualTime();
      try (EventLoop loop = EventLoop.builder().clock(time).poller(time).debug(true).build()) {
        loop.setSlowCallbackDuration(Duration.ofMillis(50));
        loop.runUntilComplete(() -> {
          time.advance(Duration.ofMillis(49));
          Asyncio.sleep(Duration.ZERO);
          time.advance(Duration.ofMillis(123));
          return null;
        });
      }
    }
  }

  @Test
  void stepThatTakesLongIsLogged() throws Exception {
    assertThat(ChildJvm.run(SlowCallback.class).output())
        .contains("Executing Task[Task-1")
        .containsOnlyOnce("took")
        .contains("took 123 ms");
  }

  @Test
  void objectOfAnotherLoopIsRefusedOnItsFirstUse() {
    Lock lock = new Lock();
    VirtualTime time = new VirtualTime();
    for (int i = 0; i < 2; i++) {
      boolean second = i == 1;
      try (EventLoop loop = EventLoop.builder().clock(time).poller(time).debug(true).build()) {
        loop.runUntilComplete(() -> {
          if (second) {
            assertThatThrownBy(lock::acquire)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("belongs to another event loop");
          } else {
            lock.acquire().close();
          }
          return null;
        });
      }
    }
  }

  private static long placesOfAwaits(Throwable exception) {
    return Stream.of(exception.getSuppressed())
        .filter(place -> "awaited here".equals(place.getMessage()))
        .count();
  }

  private static void awaitInVain(Future<?> future) {
    assertThatThrownBy(future::await).hasMessage("boom");
  }

  private static void inDebugMode(ThrowingRunnable body) {
    VirtualTime.run(() -> {
      Asyncio.getRunningLoop().setDebug(true);
      body.run();
    });
  }

  @Test // as test_future_traceback of CPython 3.13's test_futures
  void taskThatAwaitsAFailureAgainAddsNoFurtherPlace() {
    inDebugMode(() -> {
      Task<String> failed = failing();
      for (int i = 0; i < 5; i++) {
        awaitInVain(failed);
      }
      assertThat(placesOfAwaits(failed.exception())).isEqualTo(1);
    });
  }

  @Test
  void everyAwaiterAddsItsPlace() {
    inDebugMode(() -> {
      Task<String> failed = failing();
      for (int i = 0; i < 3; i++) {
        Asyncio.createTask(
                () -> {
                  awaitInVain(failed);
                  awaitInVain(failed);
                },
                "of one name")
            .await();
      }
      assertThat(placesOfAwaits(failed.exception())).isEqualTo(3);
    });
  }

  @Test
  void sharedExceptionDoesNotGrowWithoutEnd() {
    IllegalArgumentException shared = new IllegalArgumentException("boom");
    inDebugMode(() -> {
      for (int i = 0; i < 100; i++) {
        Future<String> future = Asyncio.getRunningLoop().createFuture();
        future.setException(shared);
        Asyncio.createTask(() -> awaitInVain(future)).await();
      }
    });
    assertThat(shared.getSuppressed()).hasSize(10);
  }

  @Test
  void failureThatGoesThroughSeveralTasksShowsTheWay() {
    inDebugMode(() -> {
      Task<String> failed = failing();
      Task<String> between = Asyncio.createTask(() -> failed.await());
      awaitInVain(between);
      awaitInVain(failed);
      assertThat(placesOfAwaits(failed.exception())).isEqualTo(2);
    });
  }

  @Test
  void callbacksCountAsOneAwaiter() {
    inDebugMode(() -> {
      Task<String> failed = failing();
      EventLoop loop = Asyncio.getRunningLoop();
      failed.addDoneCallback(done -> awaitInVain(done));
      failed.addDoneCallback(done -> awaitInVain(done));
      Steps.ticks(3);
      assertThat(loop.currentTask()).isNotNull();
      assertThat(placesOfAwaits(failed.exception())).isEqualTo(1);
    });
  }

  @Test
  void debugModeTellsWhereThingsWereMadeAndAwaitedAndWhatTookLong() {
    VirtualTime time = new VirtualTime();
    List<ExceptionContext> seen = new ArrayList<>();
    try (EventLoop loop = EventLoop.builder().clock(time).poller(time).debug(true).build()) {
      loop.setExceptionHandler((l, context) -> seen.add(context));
      loop.callSoon(() -> {
        throw new IllegalArgumentException("boom");
      });
      loop.runUntilComplete(() -> {
        Task<String> failed = failing();
        assertThatThrownBy(failed::await)
            .satisfies(e ->
                assertThat(e.getSuppressed())
                    .anyMatch(place -> "awaited here".equals(place.getMessage())));
        return null;
      });
    }
    assertThat(seen.getFirst().source())
        .isNotNull()
        .satisfies(source ->
            assertThat(source.getStackTrace())
                .anyMatch(frame -> frame.getClassName().contains("DebugModeTest")));
  }
}
