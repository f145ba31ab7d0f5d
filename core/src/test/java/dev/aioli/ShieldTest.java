package dev.aioli;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.shield;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Start.class)
class ShieldTest {
  @Parameter Start start;

  private static Task<Integer> slow() {
    return createTask(() -> {
      sleep(ms(100));
      return 1;
    });
  }

  private static Task<Integer> failing() {
    return createTask(() -> {
      sleep(ms(10));
      throw new IllegalArgumentException("inner");
    });
  }

  @Test
  void givesTheResult() {
    start.run(() -> assertThat(shield(slow()).await()).isEqualTo(1));
  }

  @Test
  void givesTheError() {
    start.run(() -> assertThatThrownBy(shield(failing())::await).hasMessage("inner"));
  }

  @Test
  void cancelOfTheWaiterLeavesTheInnerOneRunning() {
    start.run(() -> {
      Task<Integer> inner = slow();
      Task<?> waiter = createTask(() -> shield(inner).await());
      ticks(2);
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(inner.await()).isEqualTo(1);
      assertThat(inner.cancelling()).isZero();
    });
  }

  @Test
  void cancelBesideTheResultOfTheInnerOneWins() {
    start.run(() -> {
      Future<Integer> inner = Asyncio.getRunningLoop().createFuture();
      Future<Integer> outer = shield(inner);
      inner.setResult(1);
      outer.cancel();
      tick();
      assertThat(outer.cancelled()).isTrue();
      assertThat(inner.result()).isEqualTo(1);
    });
  }

  @Test
  void cancelBesideTheErrorOrCancelOfTheInnerOneWins() {
    start.run(() -> {
      Future<Integer> failed = Asyncio.getRunningLoop().createFuture();
      Future<Integer> cancelled = Asyncio.getRunningLoop().createFuture();
      Future<Integer> one = shield(failed);
      Future<Integer> other = shield(cancelled);
      failed.setException(new IllegalArgumentException("inner"));
      cancelled.cancel();
      one.cancel();
      other.cancel();
      ticks(2);
      assertThat(one.cancelled()).isTrue();
      assertThat(other.cancelled()).isTrue();
    });
  }

  @Test
  void cancelOfTheInnerOneCancelsTheOuterOne() {
    start.run(() -> {
      Task<Integer> inner = slow();
      Future<Integer> outer = shield(inner);
      tick();
      inner.cancel();
      assertThatThrownBy(outer::await).isInstanceOf(CancelledError.class);
      assertThat(outer.cancelled()).isTrue();
    });
  }

  @Test
  void doneFutureIsReturnedAsItIs() {
    start.run(() -> {
      Future<Integer> done = Asyncio.getRunningLoop().createFuture();
      done.setResult(1);
      assertThat(shield(done)).isSameAs(done);
    });
  }
}
