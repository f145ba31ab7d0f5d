package dev.aioli.queue;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Steps.settle;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Task;
import dev.aioli.VirtualTime;
import org.junit.jupiter.api.Test;

class QueueShutdownTest {
  @Test
  void putsFailAtOnceAndGetsDrainFirst() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(2);
      queue.put(1);
      queue.shutdown();
      assertThat(queue.isShutDown()).isTrue();
      assertThatThrownBy(() -> queue.put(2))
          .isInstanceOf(QueueShutDownException.class)
          .hasMessageStartingWith("put: the queue has been shut down: Queue[")
          .hasMessageContaining(", shutdown]");
      assertThatThrownBy(() -> queue.putNowait(2)).isInstanceOf(QueueShutDownException.class);
      assertThat(queue.get()).isEqualTo(1);
      assertThatThrownBy(queue::get)
          .isInstanceOf(QueueShutDownException.class)
          .hasMessageStartingWith("get: the queue has been shut down");
      assertThatThrownBy(queue::getNowait).isInstanceOf(QueueShutDownException.class);
    });
  }

  @Test // tokio-rs/tokio#8074, #4867: everybody who waits is told
  void wakesAllWhoWait() {
    VirtualTime.run(() -> {
      Queue<Integer> empty = new Queue<>(1);
      Queue<Integer> full = new Queue<>(1);
      full.put(1);
      Task<Integer> getter = createTask(() -> empty.get());
      Task<Integer> otherGetter = createTask(() -> empty.get());
      Task<?> putter = createTask(() -> full.put(2));
      ticks(2);
      empty.shutdown();
      full.shutdown();
      settle(getter, otherGetter, putter);
      assertThat(getter.exception()).isInstanceOf(QueueShutDownException.class);
      assertThat(otherGetter.exception()).isInstanceOf(QueueShutDownException.class);
      assertThat(putter.exception()).isInstanceOf(QueueShutDownException.class);
      assertThat(full.items()).containsExactly(1);
    });
  }

  @Test
  void putterWokenByAGetBeforeTheShutdownFails() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(1);
      queue.put(1);
      Task<?> putter = createTask(() -> queue.put(2));
      ticks(2);
      queue.getNowait();
      queue.shutdown();
      settle(putter);
      assertThat(putter.exception()).isInstanceOf(QueueShutDownException.class);
      assertThat(queue.empty()).isTrue();
    });
  }

  @Test
  void immediateDropsTheItemsAndLetsJoinReturn() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      queue.put(1);
      queue.put(2);
      Task<?> joiner = createTask(queue::join);
      ticks(2);
      queue.shutdown(true);
      joiner.await();
      assertThat(queue.qsize()).isZero();
      assertThat(queue.unfinishedTasks()).isZero();
      assertThatThrownBy(queue::get).isInstanceOf(QueueShutDownException.class);
    });
  }

  @Test
  void immediateStillAsksForTheItemsInWork() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      queue.put(1);
      queue.put(2);
      queue.get();
      Task<?> joiner = createTask(queue::join);
      queue.shutdown(true);
      ticks(3);
      assertThat(joiner.done()).isFalse();
      assertThat(queue.unfinishedTasks()).isOne();
      queue.taskDone();
      joiner.await();
    });
  }

  @Test // unanswered items may be fewer than those in the queue
  void immediateNeverCountsBelowZero() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      queue.put(1);
      queue.put(2);
      queue.taskDone();
      queue.taskDone();
      queue.shutdown(true);
      assertThat(queue.unfinishedTasks()).isZero();
      queue.join();
    });
  }

  @Test
  void shutdownTwiceIsTheSameAsOnce() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      queue.put(1);
      queue.shutdown();
      queue.shutdown();
      assertThat(queue.qsize()).isOne();
      queue.shutdown(true);
      assertThat(queue.qsize()).isZero();
    });
  }
}
