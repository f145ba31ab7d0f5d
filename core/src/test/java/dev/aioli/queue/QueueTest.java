package dev.aioli.queue;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.waitFor;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.ms;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Asyncio;
import dev.aioli.ReturnWhen;
import dev.aioli.Runner;
import dev.aioli.Task;
import dev.aioli.VirtualTime;
import dev.aioli.Waiting;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueueTest {
  private final List<String> log = new ArrayList<>();

  private static <T> Task<T> getter(Queue<T> queue) {
    return createTask(() -> queue.get());
  }

  private static <T> Task<?> putter(Queue<T> queue, T item) {
    return createTask(() -> queue.put(item));
  }

  @Test
  void givesTheOldestItemFirst() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      queue.put(1);
      queue.put(2);
      queue.putNowait(3);
      assertThat(queue.items()).containsExactly(1, 2, 3);
      assertThat(List.of(queue.get(), queue.get(), queue.getNowait())).containsExactly(1, 2, 3);
    });
  }

  @Test
  void doesNotSuspendWhenItNeedNot() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(1);
      Asyncio.getRunningLoop().callSoon(() -> log.add("callback"));
      queue.put(1);
      queue.get();
      queue.taskDone();
      queue.join();
      assertThat(log).isEmpty();
    });
  }

  @Test
  void putWaitsWhileItIsFull() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(1);
      queue.put(1);
      Task<?> second = putter(queue, 2);
      Task<?> third = putter(queue, 3);
      ticks(2);
      assertThat(queue.putters()).isEqualTo(2);
      assertThat(List.of(queue.get(), queue.get(), queue.get())).containsExactly(1, 2, 3);
      gather(List.of(second, third));
    });
  }

  @Test
  void gettersAreServedInOrder() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      List<Task<Integer>> getters = List.of(getter(queue), getter(queue), getter(queue));
      tick();
      assertThat(queue.getters()).isEqualTo(3);
      for (int i = 1; i <= 3; i++) {
        queue.putNowait(i);
      }
      assertThat(gather(getters)).containsExactly(1, 2, 3);
    });
  }

  @Test
  void nowaitFailsAtOnce() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(1);
      assertThatThrownBy(queue::getNowait)
          .isInstanceOf(QueueEmptyException.class)
          .hasMessageContaining("expected an item, found Queue[maxsize=1, size=0");
      queue.putNowait(1);
      assertThatThrownBy(() -> queue.putNowait(2))
          .isInstanceOf(QueueFullException.class)
          .hasMessageContaining("expected room for an item, found Queue[maxsize=1, size=1");
      assertThat(queue.items()).containsExactly(1);
    });
  }

  @Test
  void boundOfZeroOrLessIsNone() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(-1);
      for (int i = 0; i < 1_000; i++) {
        queue.putNowait(i);
      }
      assertThat(queue.full()).isFalse();
      assertThat(queue.maxsize()).isEqualTo(-1);
      assertThat(queue.qsize()).isEqualTo(1_000);
    });
  }

  @Test // as CPython, by design
  void getNowaitMayTakeTheItemOfAWokenGetterWhichGoesToTheBack() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      Task<Integer> first = getter(queue);
      Task<Integer> second = getter(queue);
      tick();
      queue.putNowait(1);
      assertThat(queue.getNowait()).isEqualTo(1);
      tick();
      queue.putNowait(2);
      queue.putNowait(3);
      assertThat(gather(first, second)).containsExactly(3, 2);
    });
  }

  @Test
  void getterCancelledBeforeItIsWokenTakesNothing() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      Task<Integer> getter = getter(queue);
      tick();
      getter.cancel();
      assertCancelled(getter);
      queue.put(1);
      assertThat(queue.items()).containsExactly(1);
      assertThat(queue.getters()).isZero();
    });
  }

  @Test // python/asyncio#201, #256, python/cpython#68000, #92824
  void getterCancelledAfterItWasWokenLeavesTheItem() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      Task<Integer> getter = getter(queue);
      tick();
      queue.putNowait(1);
      getter.cancel();
      assertCancelled(getter);
      assertThat(queue.getNowait()).isEqualTo(1);
    });
  }

  @Test // typelevel/cats-effect#3000
  void cancelledGetterPassesTheWakeUpOn() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      Task<Integer> cancelled = getter(queue);
      Task<Integer> next = getter(queue);
      tick();
      queue.putNowait(1);
      cancelled.cancel();
      assertCancelled(cancelled);
      assertThat(next.await()).isEqualTo(1);
    });
  }

  @Test // when someone else took the item
  void cancelledGetterWakesNobodyForAnEmptyQueue() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      Task<Integer> cancelled = getter(queue);
      Task<Integer> next = getter(queue);
      tick();
      queue.putNowait(1);
      queue.getNowait();
      cancelled.cancel();
      assertCancelled(cancelled);
      assertThat(queue.getters()).as("next has not been woken").isOne();
      queue.putNowait(2);
      assertThat(next.await()).isEqualTo(2);
    });
  }

  @Test
  void putterCancelledBeforeItIsWokenAddsNothing() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(1);
      queue.put(1);
      Task<?> putter = putter(queue, 2);
      tick();
      putter.cancel();
      assertCancelled(putter);
      assertThat(queue.items()).containsExactly(1);
      assertThat(queue.unfinishedTasks()).isOne();
    });
  }

  @Test
  void putterCancelledAfterItWasWokenAddsNothing() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(1);
      queue.put(1);
      Task<?> putter = putter(queue, 2);
      tick();
      queue.getNowait();
      putter.cancel();
      assertCancelled(putter);
      assertThat(queue.items()).isEmpty();
    });
  }

  @Test
  void cancelledPutterPassesTheWakeUpOn() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(1);
      queue.put(1);
      Task<?> cancelled = putter(queue, 2);
      Task<?> next = putter(queue, 3);
      tick();
      queue.getNowait();
      cancelled.cancel();
      assertCancelled(cancelled);
      next.await();
      assertThat(queue.items()).containsExactly(3);
    });
  }

  @Test // when someone else took the room
  void cancelledPutterWakesNobodyForAFullQueue() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(1);
      queue.put(1);
      Task<?> cancelled = putter(queue, 2);
      Task<?> next = putter(queue, 3);
      tick();
      queue.getNowait();
      queue.putNowait(4);
      cancelled.cancel();
      assertCancelled(cancelled);
      assertThat(queue.putters()).isOne();
      assertThat(queue.get()).isEqualTo(4);
      next.await();
    });
  }

  @Test // with the loop late: the wake-up and the deadline in the same iteration
  void itemIsNotLostWhenTheDeadlineStrikesBesideTheWakeUp() {
    VirtualTime time = new VirtualTime();
    try (Runner runner = new Runner(time::newLoop)) {
      runner.run(() -> {
        Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
        Task<Integer> getter = createTask(() -> waitFor(() -> queue.get(), ms(10)));
        ticks(2);
        queue.putNowait(1);
        time.advance(ms(20));
        assertThat(getter.await()).isEqualTo(1);
        assertThat(queue.items()).isEmpty();
        return null;
      });
    }
  }

  @Test // agronholm/anyio#728
  void getterWithACancelPendingTakesTheItemAndEndsClean() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      queue.put(1);
      Task<?> getter =
          createTask(() -> {
            Task<?> self = dev.aioli.Steps.current();
            self.cancel();
            log.add("got " + queue.get());
            assertThat(self.uncancel()).isZero();
            tick();
            log.add("not cancelled");
          });
      getter.await();
      assertThat(log).containsExactly("got 1", "not cancelled");
    });
  }

  @Test // python-websockets/websockets#486; as CPython, the task holds the item
  void itemGotByATaskStaysInItsResult() {
    VirtualTime.run(() -> {
      Queue<Integer> one = new Queue<>(Queue.UNBOUNDED);
      Queue<Integer> other = new Queue<>(Queue.UNBOUNDED);
      Task<Integer> fromOne = getter(one);
      Task<Integer> fromOther = getter(other);
      one.putNowait(1);
      other.putNowait(2);
      Waiting<Task<Integer>> waiting =
          Asyncio.await(List.of(fromOne, fromOther), null, ReturnWhen.FIRST_COMPLETED);
      assertThat(waiting.done()).containsExactly(fromOne, fromOther);
      assertThat(fromOther.cancel()).as("too late to give it back").isFalse();
      assertThat(fromOther.result()).isEqualTo(2);
      assertThat(other.items()).isEmpty();
    });
  }

  @Test
  void joinReturnsWhenAllWorkIsDone() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      queue.put(1);
      queue.put(2);
      Task<?> joiner = createTask(queue::join);
      queue.get();
      queue.get();
      queue.taskDone();
      ticks(3);
      assertThat(joiner.done()).isFalse();
      queue.taskDone();
      joiner.await();
    });
  }

  @Test
  void joinReturnsEvenIfMoreIsPutInTheSameTick() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      queue.put(1);
      Task<?> joiner = createTask(queue::join);
      tick();
      queue.get();
      queue.taskDone();
      queue.putNowait(2);
      joiner.await();
      assertThat(queue.unfinishedTasks()).isOne();
    });
  }

  @Test
  void joinerCancelledBeforeOrAfterItIsWokenLeavesTheOthersServed() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      queue.put(1);
      Task<?> before = createTask(queue::join);
      Task<?> after = createTask(queue::join);
      Task<?> next = createTask(queue::join);
      tick();
      before.cancel();
      queue.taskDone();
      after.cancel();
      assertCancelled(before);
      assertCancelled(after);
      next.await();
    });
  }

  @Test
  void taskDoneTooOftenIsRefused() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      queue.put(1);
      queue.taskDone();
      assertThatThrownBy(queue::taskDone)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("taskDone expects an item that was put and not yet answered")
          .hasMessageContaining("unfinished=0");
    });
  }

  @Test
  void nullItemIsRefused() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      assertThatThrownBy(() -> queue.put(null)).isInstanceOf(NullPointerException.class);
      assertThatThrownBy(() -> queue.putNowait(null)).isInstanceOf(NullPointerException.class);
      assertThat(queue.unfinishedTasks()).isZero();
    });
  }

  @Test // softwaremill/jox#48, #49
  void cancelledPutsLeaveNothingBehind() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(1);
      queue.put(0);
      for (int round = 0; round < 200; round++) {
        Task<?> putter = putter(queue, round);
        tick();
        putter.cancel();
        assertCancelled(putter);
      }
      assertThat(queue).hasToString("Queue[maxsize=1, size=1, getters=0, putters=0, unfinished=1]");
      assertThat(queue.get()).isZero();
    });
  }
}
