package dev.aioli.cli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.CancelledError;
import dev.aioli.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
  private final VirtualTime time = new VirtualTime();

  /** When each of so many passes, in milliseconds. */
  private List<Long> passes(String rate, int count) {
    List<Long> passes = new ArrayList<>();
    time.run(() -> {
      TokenBucket bucket = new TokenBucket(Rate.parse(rate));
      for (int i = 0; i < count; i++) {
        bucket.acquire();
        passes.add(time.millis());
      }
    });
    return passes;
  }

  @Test
  void theFirstPassesAtOnceAndTheOthersEvenly() {
    assertThat(passes("10/s", 4)).containsExactly(0L, 100L, 200L, 300L);
    assertThat(passes("30/m", 3)).allSatisfy(at -> assertThat((at - 300) % 2_000).isZero());
  }

  @Test
  void whatWasNotUsedIsNotSavedUp() {
    time.run(() -> {
      TokenBucket bucket = new TokenBucket(Rate.parse("10/s"));
      bucket.acquire();
      sleep(Duration.ofSeconds(5));
      bucket.acquire();
      assertThat(time.millis()).isEqualTo(5_000);
      bucket.acquire();
      assertThat(time.millis()).isEqualTo(5_100);
    });
  }

  @Test
  void highRatesMakeUpForLateTimers() {
    time.run(() -> {
      TokenBucket bucket = new TokenBucket(Rate.parse("10000/s"));
      bucket.acquire();
      sleep(Duration.ofMillis(50)); // only 10 ms of it count: 100 tokens
      for (int i = 0; i < 100; i++) {
        bucket.acquire();
      }
      assertThat(time.millis()).isEqualTo(50);
      for (int i = 0; i < 100; i++) {
        bucket.acquire();
      }
      assertThat(time.millis()).isBetween(59L, 60L);
    });
  }

  @Test
  void noWindowHasMoreThanTheRateAllows() {
    List<Long> passes = passes("1000/s", 3_000);
    for (int i = 1_000; i < passes.size(); i++) {
      assertThat(passes.get(i) - passes.get(i - 1_000)).isGreaterThanOrEqualTo(990);
    }
    assertThat(passes.getLast()).isBetween(2_980L, 3_000L);
  }

  @Test
  void aCancelledWaiterTakesNoToken() {
    time.run(() -> {
      TokenBucket bucket = new TokenBucket(Rate.parse("1/s"));
      bucket.acquire();
      Task<?> waiter = createTask(bucket::acquire);
      sleep(Duration.ofMillis(400));
      waiter.cancel();
      assertThatThrownBy(waiter::await).isInstanceOf(CancelledError.class);
      bucket.acquire();
      assertThat(time.millis()).isEqualTo(1_000);
    });
  }

  @ParameterizedTest
  @CsvSource({"10/s, 1e8", "10, 1e8", "0.5/s, 2e9", "30/m, 2e9", "100/H, 3.6e10", "1e0, 0"})
  void readsRates(String text, double interval) {
    if (interval == 0) {
      assertThatThrownBy(() -> Rate.parse(text)).isInstanceOf(IllegalArgumentException.class);
    } else {
      assertThat(Rate.parse(text).intervalNanos()).isEqualTo(interval);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "0", "0/s", "-1/s", "5/d", "1/s/s", "NaN", "0.00000001/h"})
  void refusesWhatIsNoRate(String text) {
    assertThatThrownBy(() -> Rate.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a rate > 0")
        .hasMessageEndingWith("found '" + text + "'");
  }
}
