package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.waitFor;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.current;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Start.class)
class WaitForTest {
  @Parameter Start start;
  private final List<String> log = new ArrayList<>();

  private static Task<String> after(long millis, String result) {
    return createTask(() -> {
      sleep(ms(millis));
      return result;
    });
  }

  private static void fail(String message) {
    throw new IllegalArgumentException(message);
  }

  @Test
  void givesTheResult() {
    start.run(() -> {
      assertThat(waitFor(after(5, "done"), ms(10))).isEqualTo("done");
      assertThat(waitFor(after(500, "no limit"), null)).isEqualTo("no limit");
      assertThat(waitFor(() -> "body", ms(10))).isEqualTo("body");
      assertThat(waitFor(() -> "body", null)).isEqualTo("body");
    });
  }

  @Test
  void cancelsTheFutureWhenTheTimeHasPassed() {
    start.run(() -> {
      Task<String> slow = after(100, "late");
      assertThatThrownBy(() -> waitFor(slow, ms(10))).isInstanceOf(TimeoutException.class);
      assertThat(slow.cancelled()).isTrue();
      assertThat(current().cancelling()).isZero();
    });
  }

  @Test // bpo-32751, python/cpython#7216
  void waitsForTheCleanUpPastTheDeadline() {
    start.runTimed(time -> {
      Task<?> slow =
          createTask(() -> {
            try {
              sleep(ms(1_000));
            } finally {
              sleep(ms(100));
              log.add("cleaned up");
            }
          });
      assertThatThrownBy(() -> waitFor(slow, ms(20))).isInstanceOf(TimeoutException.class);
      assertThat(log).containsExactly("cleaned up");
      assertThat(time.millis()).isEqualTo(120);
    });
  }

  @Test
  void limitOfZeroGivesAResultThatIsThere() {
    start.run(() -> {
      Task<String> done = createTask(() -> "done");
      tick();
      assertThat(waitFor(done, Duration.ZERO)).isEqualTo("done");
      assertThat(waitFor(done, ms(-5))).isEqualTo("done");
    });
  }

  @Test
  void limitOfZeroCancelsATaskThatIsNotDone() {
    start.runTimed(time -> {
      Task<String> slow = after(100, "late");
      assertThatThrownBy(() -> waitFor(slow, Duration.ZERO))
          .isInstanceOf(TimeoutException.class)
          .hasCauseInstanceOf(CancelledError.class);
      assertThat(slow.cancelled()).isTrue();
      assertThat(time.millis()).isZero();
    });
  }

  @Test
  void bodyDoesNotStartWithALimitOfZero() {
    Start.LAZY.run(() -> {
      assertThatThrownBy(() -> waitFor(() -> log.add("started"), Duration.ZERO))
          .isInstanceOf(TimeoutException.class);
      assertThat(log).isEmpty();
    });
  }

  @Test
  void limitOfZeroWaitsForTheCleanUp() {
    start.run(() -> {
      Task<String> stubborn =
          createTask(() -> {
            try {
              sleep(ms(1_000));
            } catch (CancelledError e) {
              sleep(ms(10));
            }
            return "refused";
          });
      ticks(2);
      assertThat(waitFor(stubborn, Duration.ZERO)).isEqualTo("refused");
    });
  }

  @Test
  void resultOfAFutureThatRefusesToBeCancelledIsGiven() {
    start.run(() -> {
      Task<String> stubborn =
          createTask(() -> {
            try {
              sleep(ms(1_000));
            } catch (CancelledError e) {
              // refuses
            }
            return "refused";
          });
      assertThat(waitFor(stubborn, ms(10))).isEqualTo("refused");
      assertThat(current().cancelling()).isZero();
    });
  }

  @Test
  void errorDuringTheCancellationComesOut() {
    start.run(() -> {
      Task<?> failing =
          createTask(() -> {
            try {
              sleep(ms(1_000));
            } finally {
              fail("clean-up");
            }
          });
      assertThatThrownBy(() -> waitFor(failing, ms(10))).hasMessage("clean-up");
    });
  }

  @Test // python/cpython#86296, #26097, #28149
  void cancelBesideTheResultWinsAndTheFutureKeepsIt() {
    start.run(() -> {
      Future<String> inner = Asyncio.getRunningLoop().createFuture();
      Task<String> waiter = createTask(() -> waitFor(inner, ms(100)));
      ticks(2);
      inner.setResult("value");
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(inner.result()).isEqualTo("value");
    });
  }

  @Test // without a limit
  void cancelBesideTheResultWinsWithoutALimitToo() {
    start.run(() -> {
      Future<String> inner = Asyncio.getRunningLoop().createFuture();
      Task<String> waiter = createTask(() -> waitFor(inner, null));
      ticks(2);
      inner.setResult("value");
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(inner.result()).isEqualTo("value");
    });
  }

  @Test // python/asyncio#211, #107, #343
  void cancelOfTheWaiterCancelsTheFuture() {
    start.run(() -> {
      Future<String> inner = Asyncio.getRunningLoop().createFuture();
      Task<String> waiter = createTask(() -> waitFor(inner, ms(100)));
      ticks(2);
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(inner.cancelled()).isTrue();
    });
  }

  @Test // while it waits for the clean-up of a future that had no time at all
  void cancelDuringTheCleanUpEndsTheWait() {
    start.run(() -> {
      Task<?> slow =
          createTask(() -> {
            try {
              sleep(ms(1_000));
            } finally {
              sleep(ms(100));
            }
          });
      ticks(2);
      Task<?> waiter = createTask(() -> waitFor(slow, Duration.ZERO));
      ticks(2);
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(slow.done()).isFalse();
      assertCancelled(slow);
    });
  }
}
