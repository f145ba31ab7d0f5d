package dev.aioli.sync;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.tick;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.Asyncio;
import dev.aioli.Task;
import dev.aioli.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventTest {
  private final Event event = new Event();
  private final List<String> log = new ArrayList<>();

  private Task<?> waiter(String name) {
    return createTask(
        () -> {
          event.await();
          log.add(name + " sees " + event.isSet());
        },
        name);
  }

  @Test
  void setWakesAllWaitersInOrder() {
    VirtualTime.run(() -> {
      List<Task<?>> waiters = List.of(waiter("a"), waiter("b"));
      tick();
      assertThat(event.waiters()).isEqualTo(2);
      event.set();
      assertThat(event.waiters()).isZero();
      gather(waiters);
      assertThat(log).containsExactly("a sees true", "b sees true");
    });
  }

  @Test
  void waitForASetFlagDoesNotSuspend() {
    VirtualTime.run(() -> {
      event.set();
      Asyncio.getRunningLoop().callSoon(() -> log.add("callback"));
      event.await();
      assertThat(log).isEmpty();
    });
  }

  @Test
  void setWakesWaitersEvenIfClearedInTheSameTick() {
    VirtualTime.run(() -> {
      Task<?> early = waiter("early");
      tick();
      event.set();
      event.clear();
      Task<?> late = waiter("late");
      early.await();
      tick();
      assertThat(log).containsExactly("early sees false");
      assertThat(late.done()).isFalse();
      event.set();
      late.await();
    });
  }

  @Test
  void settingASetFlagDoesNothing() {
    VirtualTime.run(() -> {
      event.set();
      event.set();
      assertThat(event.isSet()).isTrue();
      event.clear();
      event.clear();
      assertThat(event.isSet()).isFalse();
    });
  }

  @Test
  void waiterCancelledBeforeItIsWokenLeaves() {
    VirtualTime.run(() -> {
      Task<?> waiter = waiter("waiter");
      tick();
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(event.waiters()).isZero();
      event.set();
      assertThat(log).isEmpty();
    });
  }

  @Test
  void waiterCancelledAfterItWasWokenIsCancelled() {
    VirtualTime.run(() -> {
      Task<?> waiter = waiter("waiter");
      tick();
      event.set();
      waiter.cancel();
      assertCancelled(waiter);
      assertThat(log).isEmpty();
    });
  }

  @Test
  void nextWaiterIsServedWhenAnotherIsCancelled() {
    VirtualTime.run(() -> {
      Task<?> cancelled = waiter("cancelled");
      Task<?> next = waiter("next");
      tick();
      cancelled.cancel();
      event.set();
      next.await();
      assertThat(log).containsExactly("next sees true");
    });
  }

  @Test
  void showsItsState() {
    assertThat(event).hasToString("Event[unset, waiters=0]");
    event.set();
    assertThat(event).hasToString("Event[set, waiters=0]");
  }
}
