package dev.aioli.queue;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.Task;
import dev.aioli.VirtualTime;
import dev.aioli.queue.Broadcast.WhenFull;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BroadcastTest {
  private final List<String> log = new ArrayList<>();

  private Task<?> publisher(Broadcast<Integer> broadcast, int item) {
    return createTask(() -> {
      broadcast.publish(item);
      log.add("published " + item);
    });
  }

  private static Task<Integer> getter(Broadcast.Subscription<Integer> subscription) {
    return createTask(() -> subscription.get());
  }

  private static List<Integer> rest(Broadcast.Subscription<Integer> subscription) {
    List<Integer> items = new ArrayList<>();
    subscription.forEach(items::add);
    return items;
  }

  @ParameterizedTest
  @EnumSource
  void eachSubscriberGetsEachItemInOrder(WhenFull whenFull) {
    VirtualTime.run(() -> {
      var broadcast = new Broadcast<Integer>(3, whenFull);
      broadcast.publish(0); // nobody is there
      try (var first = broadcast.subscribe();
          var second = broadcast.subscribe()) {
        broadcast.publish(1);
        broadcast.publishNowait(2);
        try (var late = broadcast.subscribe()) {
          broadcast.publish(3);
          broadcast.close();
          assertThat(rest(first)).containsExactly(1, 2, 3);
          assertThat(rest(second)).containsExactly(1, 2, 3);
          assertThat(rest(late)).containsExactly(3);
        }
      }
    });
  }

  @Test
  void publishDoesNotSuspendWhenItNeedNot() {
    VirtualTime.run(() -> {
      var broadcast = new Broadcast<Integer>(1, WhenFull.SUSPEND);
      var subscription = broadcast.subscribe();
      Asyncio.getRunningLoop().callSoon(() -> log.add("callback"));
      broadcast.publish(1);
      assertThat(subscription.get()).isEqualTo(1);
      assertThat(log).isEmpty();
    });
  }

  @Test
  void slowSubscriberLosesItsOldestItemsAndNobodyWaits() {
    VirtualTime.run(() -> {
      var broadcast = new Broadcast<Integer>(2, WhenFull.DROP_OLDEST);
      var slow = broadcast.subscribe();
      var large = broadcast.subscribe(10, WhenFull.DROP_OLDEST);
      for (int i = 0; i < 5; i++) {
        broadcast.publish(i);
      }
      assertThat(slow.dropped()).isEqualTo(3);
      assertThat(slow).hasToString("Subscription[maxsize=2, size=2, DROP_OLDEST, dropped=3]");
      broadcast.close();
      assertThat(rest(slow)).containsExactly(3, 4);
      assertThat(rest(large)).containsExactly(0, 1, 2, 3, 4);
      assertThat(large.dropped()).isZero();
    });
  }

  @Test
  void slowSubscriberIsClosedAfterWhatItHas() {
    VirtualTime.run(() -> {
      var broadcast = new Broadcast<Integer>(2, WhenFull.CLOSE);
      var slow = broadcast.subscribe();
      var quick = broadcast.subscribe();
      for (int i = 0; i < 4; i++) {
        broadcast.publish(i);
        assertThat(quick.getNowait()).isEqualTo(i);
      }
      assertThat(broadcast.subscribers()).isEqualTo(1);
      assertThat(slow.tooSlow()).isTrue();
      assertThat(quick.tooSlow()).isFalse();
      assertThat(rest(slow)).containsExactly(0, 1);
      assertThatThrownBy(slow::get).isInstanceOf(QueueShutDownException.class);
    });
  }

  @Test
  void publisherWaitsForTheSlowestAndThenAllGetTheItem() {
    VirtualTime.run(() -> {
      var broadcast = new Broadcast<Integer>(1, WhenFull.SUSPEND);
      var quick = broadcast.subscribe();
      var slow = broadcast.subscribe();
      broadcast.publish(1);
      Task<?> second = publisher(broadcast, 2);
      Task<?> third = publisher(broadcast, 3);
      ticks(2);
      assertThat(broadcast.publishers()).isEqualTo(2);
      assertThatThrownBy(() -> broadcast.publishNowait(9)).isInstanceOf(QueueFullException.class);
      assertThat(quick.get()).isEqualTo(1);
      ticks(2);
      assertThat(log).isEmpty();
      assertThat(quick.qsize()).isZero(); // nobody gets it before all can
      assertThat(slow.get()).isEqualTo(1);
      second.await();
      assertThat(log).containsExactly("published 2");
      assertThat(List.of(quick.get(), slow.get())).containsExactly(2, 2);
      third.await();
      assertThat(List.of(quick.get(), slow.get())).containsExactly(3, 3);
    });
  }

  @Test
  void newPublisherWaitsBehindThoseWhoWait() {
    VirtualTime.run(() -> {
      var broadcast = new Broadcast<Integer>(1, WhenFull.SUSPEND);
      var subscription = broadcast.subscribe();
      broadcast.publish(1);
      Task<?> second = publisher(broadcast, 2);
      tick();
      assertThat(subscription.get()).isEqualTo(1); // there is room, and it is the second's
      assertThatThrownBy(() -> broadcast.publishNowait(3)).isInstanceOf(QueueFullException.class);
      Task<?> third = publisher(broadcast, 3);
      assertThat(List.of(subscription.get(), subscription.get())).containsExactly(2, 3);
      gather(List.of(second, third));
    });
  }

  // ---- cancellation

  @Test
  void publisherCancelledBeforeItIsWokenPublishesNothing() {
    VirtualTime.run(() -> {
      var broadcast = new Broadcast<Integer>(1, WhenFull.SUSPEND);
      var subscription = broadcast.subscribe();
      broadcast.publish(1);
      Task<?> second = publisher(broadcast, 2);
      Task<?> third = publisher(broadcast, 3);
      ticks(2);
      second.cancel();
      assertCancelled(second);
      assertThat(List.of(subscription.get(), subscription.get())).containsExactly(1, 3);
      third.await();
    });
  }

  @Test
  void publisherCancelledAfterItWasWokenPassesTheRoomOn() {
    VirtualTime.run(() -> {
      var broadcast = new Broadcast<Integer>(1, WhenFull.SUSPEND);
      var subscription = broadcast.subscribe();
      broadcast.publish(1);
      Task<?> second = publisher(broadcast, 2);
      Task<?> third = publisher(broadcast, 3);
      ticks(2);
      assertThat(subscription.get()).isEqualTo(1); // wakes the second
      second.cancel();
      assertCancelled(second);
      third.await();
      assertThat(subscription.get()).isEqualTo(3);
      assertThat(log).containsExactly("published 3");
    });
  }

  @Test
  void getterCancelledBeforeItIsWokenLosesNothing() {
    VirtualTime.run(() -> {
      var broadcast = new Broadcast<Integer>(1, WhenFull.CLOSE);
      var subscription = broadcast.subscribe();
      Task<Integer> first = getter(subscription);
      Task<Integer> second = getter(subscription);
      ticks(2);
      first.cancel();
      assertCancelled(first);
      broadcast.publish(1);
      assertThat(second.await()).isEqualTo(1);
    });
  }

  @Test
  void getterCancelledAfterItWasWokenPassesTheItemOn() {
    VirtualTime.run(() -> {
      var broadcast = new Broadcast<Integer>(1, WhenFull.CLOSE);
      var subscription = broadcast.subscribe();
      Task<Integer> first = getter(subscription);
      Task<Integer> second = getter(subscription);
      ticks(2);
      broadcast.publish(1); // wakes the first
      first.cancel();
      assertCancelled(first);
      assertThat(second.await()).isEqualTo(1);
    });
  }

  @Test
  void cancelledReaderCanGoOnWhereItWas() {
    VirtualTime.run(() -> {
      var broadcast = new Broadcast<Integer>(5, WhenFull.SUSPEND);
      var subscription = broadcast.subscribe();
      Task<Integer> reader = getter(subscription);
      tick();
      broadcast.publish(1);
      reader.cancel();
      assertCancelled(reader);
      broadcast.publish(2);
      broadcast.close();
      assertThat(rest(subscription)).containsExactly(1, 2);
    });
  }

  // ---- ends

  @Test
  void subscriberThatLeavesIsWaitedForNoLonger() {
    VirtualTime.run(() -> {
      var broadcast = new Broadcast<Integer>(1, WhenFull.SUSPEND);
      var gone = broadcast.subscribe();
      var other = broadcast.subscribe(3, WhenFull.SUSPEND);
      broadcast.publish(1);
      Task<?> second = publisher(broadcast, 2);
      Task<?> third = publisher(broadcast, 3);
      Task<?> fourth = publisher(broadcast, 4);
      ticks(2);
      gone.close();
      gone.close();
      gather(List.of(second, third));
      assertThat(broadcast.publishers()).isEqualTo(1);
      assertThat(List.of(other.get(), other.get(), other.get())).containsExactly(1, 2, 3);
      fourth.await();
      assertThatThrownBy(gone::getNowait).isInstanceOf(QueueShutDownException.class);
      assertThat(broadcast.subscribers()).isEqualTo(1);
    });
  }

  @Test
  void closeEndsReadersAndFailsPublishers() {
    VirtualTime.run(() -> {
      var broadcast = new Broadcast<Integer>(1, WhenFull.SUSPEND);
      var full = broadcast.subscribe();
      var empty = broadcast.subscribe();
      broadcast.publish(1);
      empty.getNowait();
      Task<Integer> waiting = getter(empty);
      Task<?> publishing = publisher(broadcast, 2);
      ticks(2);
      broadcast.close();
      broadcast.close();
      assertThatThrownBy(waiting::await).isInstanceOf(QueueShutDownException.class);
      assertThatThrownBy(publishing::await)
          .isInstanceOf(QueueShutDownException.class)
          .hasMessage(
              "publish: the broadcast has been closed: Broadcast[subscribers=0, publishers=0,"
                  + " closed]");
      assertThat(rest(full)).containsExactly(1);
      assertThatThrownBy(() -> broadcast.publishNowait(3))
          .isInstanceOf(QueueShutDownException.class);
      assertThat(rest(broadcast.subscribe())).isEmpty();
    });
  }

  @Test
  void bufferOfNoItemIsRefused() {
    assertThatThrownBy(() -> new Broadcast<>(0, WhenFull.CLOSE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected maxsize >= 1, was 0");
  }

  // ---- many at once

  /** Whoever is cancelled: all who stay see the items that were published, in one order. */
  @ParameterizedTest
  @EnumSource(names = "SUSPEND")
  void stormOfCancellationsLosesNoItem(WhenFull whenFull) {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      VirtualTime.run(() -> {
        var broadcast = new Broadcast<Integer>(1 + random.nextInt(3), whenFull);
        var first = broadcast.subscribe();
        var second = broadcast.subscribe();
        List<Integer> seenByFirst = new ArrayList<>();
        List<Integer> seenBySecond = new ArrayList<>();
        List<Task<?>> tasks = new ArrayList<>();
        List<Integer> published = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
          int item = i;
          tasks.add(
              createTask(() -> {
                broadcast.publish(item);
                published.add(item);
              }));
          tasks.add(
              createTask(() -> {
                seenByFirst.add(first.get());
              }));
          tasks.add(
              createTask(() -> {
                seenBySecond.add(second.get());
              }));
          if (random.nextInt(3) == 0) {
            ticks(random.nextInt(3));
            tasks.get(random.nextInt(tasks.size())).cancel();
          }
        }
        ticks(300);
        tasks.forEach(Task::cancel);
        ticks(3);
        broadcast.close();
        seenByFirst.addAll(rest(first));
        seenBySecond.addAll(rest(second));
        assertThat(seenByFirst).isSorted().containsExactlyElementsOf(published);
        assertThat(seenBySecond).containsExactlyElementsOf(published);
        assertThat(published).hasSizeGreaterThan(5);
      });
    }
  }
}
