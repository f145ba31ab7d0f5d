package dev.aioli.queue;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.sleep;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.CancelledError;
import dev.aioli.Task;
import dev.aioli.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class QueueIterationTest {
  private static Task<List<Integer>> consumer(Queue<Integer> queue) {
    return createTask(() -> {
      List<Integer> seen = new ArrayList<>();
      for (int item : queue) {
        seen.add(item);
        sleep(Duration.ofMillis(1));
      }
      return seen;
    });
  }

  @Test
  void iterationEndsWhenTheQueueIsShutDownAndEmpty() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(2);
      Task<List<Integer>> first = consumer(queue);
      Task<List<Integer>> second = consumer(queue);
      for (int i = 0; i < 10; i++) {
        queue.put(i);
      }
      queue.shutdown();
      List<Integer> all = new ArrayList<>();
      gather(List.of(first, second)).forEach(all::addAll);
      assertThat(all).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
      assertThat(first.result()).isSorted();
    });
  }

  @Test
  void cancelledIterationLosesNoItem() {
    VirtualTime.run(() -> {
      Queue<Integer> queue = new Queue<>(Queue.UNBOUNDED);
      Task<List<Integer>> waiting = consumer(queue);
      sleep(Duration.ofMillis(1));
      queue.putNowait(1);
      waiting.cancel();
      assertThatThrownBy(waiting::await).isInstanceOf(CancelledError.class);
      assertThat(queue.items()).containsExactly(1);
    });
  }

  @Test
  void nextBeyondTheEndIsAnError() {
    VirtualTime.run(() -> {
      PriorityQueue<Integer> queue = PriorityQueue.natural(Queue.UNBOUNDED);
      queue.putNowait(2);
      queue.putNowait(1);
      queue.shutdown();
      Iterator<Integer> items = queue.iterator();
      assertThat(items.next()).isEqualTo(1);
      assertThat(items.hasNext()).isTrue();
      assertThat(items.hasNext()).isTrue();
      assertThat(items.next()).isEqualTo(2);
      assertThatThrownBy(items::next).isInstanceOf(NoSuchElementException.class);
    });
  }
}
