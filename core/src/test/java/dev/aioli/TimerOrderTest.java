package dev.aioli;

import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.lowlevel.Poller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimerOrderTest {
  private final List<Object> log = new ArrayList<>();

  /** A clock that ticks in single steps: every poll returns before its time, but for the last. */
  private static final class HastyPoller implements Poller {
    private long nanos;

    @Override
    public void poll(long timeoutNanos, BooleanSupplier mayWait) {
      nanos += Math.min(timeoutNanos, Math.max(1, timeoutNanos / 2));
    }

    @Override
    public void wakeup() {}
  }

  @Test // python/cpython#127859
  void timerNeverFiresEarlyThoughThePollerReturnsEarly() {
    HastyPoller poller = new HastyPoller();
    try (Runner runner =
        new Runner(() -> EventLoop.builder().clock(() -> poller.nanos).poller(poller).build())) {
      runner.run(() -> {
        for (int i = 1; i <= 20; i++) {
          long due = poller.nanos + i * 777;
          sleep(Duration.ofNanos(i * 777));
          assertThat(poller.nanos).isGreaterThanOrEqualTo(due);
        }
        return null;
      });
    }
  }

  @ParameterizedTest // python/cpython#116342, #145703, achimnol/aiotools#69
  @ValueSource(longs = {0, 1_700_000_000L, 200L * 24 * 3600, 9_000_000_000L, -5_000_000_000L})
  void clockWithALargeReadingLosesNoResolution(long startSeconds) {
    VirtualTime time = new VirtualTime();
    time.advance(Duration.ofSeconds(startSeconds));
    try (Runner runner = new Runner(time::newLoop)) {
      runner.run(() -> {
        long before = time.nanoTime();
        int iterations = time.iterations();
        sleep(Duration.ofNanos(1));
        assertThat(time.nanoTime() - before).isEqualTo(1);
        sleep(Duration.ofNanos(1_500_000));
        assertThat(time.nanoTime() - before).isEqualTo(1_500_001);
        assertThat(time.iterations() - iterations).as("it does not spin").isLessThan(10);
        return null;
      });
    }
  }

  @Test // twisted/twisted#6718
  void equalDeadlinesAreFirstInFirstOut() {
    VirtualTime.run(() -> {
      for (int i = 0; i < 1_000; i++) {
        int number = i;
        Asyncio.getRunningLoop().callAt(ms(10), () -> log.add(number));
      }
      sleep(ms(20));
    });
    assertThat(log).containsExactlyElementsOf(IntStream.range(0, 1_000).boxed().toList());
  }

  @Test // Kotlin/kotlinx.coroutines#3440
  void cancelledTimersDoNotPileUp() {
    VirtualTime.run(() -> {
      EventLoop loop = Asyncio.getRunningLoop();
      for (int i = 0; i < 1_000_000; i++) {
        loop.callLater(ms(1_000), () -> log.add("fired")).cancel();
      }
      assertThat(loop.timers().size()).isZero();
      assertThat(log).isEmpty();
    });
  }

  @Test // Kotlin/kotlinx.coroutines#3920
  void fractionsOfAMillisecondCount() {
    VirtualTime time = new VirtualTime();
    try (Runner runner = new Runner(time::newLoop)) {
      runner.run(() -> {
        sleep(Duration.ofNanos(1_500_000));
        assertThat(time.nanoTime()).isEqualTo(1_500_000);
        return null;
      });
    }
  }

  @Test // tokio-rs/tokio#8252: inserted and cancelled in any order, the rest fires in order
  void timersFireInOrderHoweverOthersAreCancelledBetween() {
    Random random = new Random(7);
    VirtualTime.run(() -> {
      EventLoop loop = Asyncio.getRunningLoop();
      TreeSet<TimerHandle> model = new TreeSet<>();
      List<TimerHandle> fired = new ArrayList<>();
      List<TimerHandle> expected = new ArrayList<>();
      for (int round = 0; round < 300; round++) {
        for (int i = random.nextInt(8); i > 0; i--) {
          TimerHandle[] self = new TimerHandle[1];
          self[0] = loop.callLater(ms(random.nextInt(20)), () -> fired.add(self[0]));
          model.add(self[0]);
        }
        for (int i = random.nextInt(4); i > 0 && !model.isEmpty(); i--) {
          TimerHandle victim =
              random.nextBoolean() ? model.first() : new ArrayList<>(model).get(model.size() / 2);
          victim.cancel();
          victim.cancel();
          model.remove(victim);
        }
        sleep(ms(random.nextInt(4)));
        ticks(1); // those due at this very instant
        while (!model.isEmpty() && model.first().when().compareTo(loop.time()) <= 0) {
          expected.add(model.pollFirst());
        }
        assertThat(loop.timers().size()).isEqualTo(model.size());
      }
      assertThat(fired).isEqualTo(expected).isNotEmpty();
    });
  }

  @Test
  void timersThatAreDueComeBehindWhatIsReady() {
    VirtualTime.run(() -> {
      EventLoop loop = Asyncio.getRunningLoop();
      loop.callAt(Duration.ZERO, () -> log.add("timer"));
      loop.callSoon(() -> log.add("callback"));
      ticks(2);
    });
    assertThat(log).containsExactly("callback", "timer");
  }

  @Test // a chain of callbacks that never ends lets timers through
  void runawayChainOfCallbacksDoesNotStarveTimers() {
    VirtualTime time = new VirtualTime();
    try (Runner runner = new Runner(time::newLoop)) {
      runner.run(() -> {
        EventLoop loop = Asyncio.getRunningLoop();
        Runnable[] chain = new Runnable[1];
        chain[0] =
            () -> {
              time.advance(ms(1));
              if (log.isEmpty()) {
                loop.callSoon(chain[0]);
              }
            };
        loop.callSoon(chain[0]);
        loop.callLater(ms(50), () -> log.add("timer"));
        sleep(ms(50));
        assertThat(time.millis()).isBetween(50L, 55L);
        ticks(3);
        return null;
      });
    }
    assertThat(log).containsExactly("timer");
  }
}
