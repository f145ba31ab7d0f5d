package dev.aioli.queue;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Steps.assertCancelled;
import static dev.aioli.Steps.tick;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.Task;
import dev.aioli.VirtualTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@link PriorityQueue} and {@link LifoQueue}. */
class OrderedQueueTest {
  private record Job(int priority, String name) {}

  private static final Comparator<Job> BY_PRIORITY = Comparator.comparingInt(Job::priority);

  private static <T> List<T> drain(Queue<T> queue) {
    List<T> items = new ArrayList<>();
    while (!queue.empty()) {
      items.add(queue.getNowait());
    }
    return items;
  }

  @Test
  void priorityQueueGivesTheSmallestFirst() {
    VirtualTime.run(() -> {
      PriorityQueue<Integer> queue = PriorityQueue.natural(Queue.UNBOUNDED);
      List<Integer> numbers = new ArrayList<>(IntStream.range(0, 200).boxed().toList());
      Collections.shuffle(numbers, new Random(1));
      numbers.forEach(queue::putNowait);
      assertThat(queue.items()).isSorted().hasSize(200);
      assertThat(drain(queue)).isSorted().hasSize(200);
    });
  }

  @Test
  void priorityQueueStaysInOrderWhenPutsAndGetsAlternate() {
    VirtualTime.run(() -> {
      PriorityQueue<Integer> queue = PriorityQueue.natural(Queue.UNBOUNDED);
      java.util.PriorityQueue<Integer> model = new java.util.PriorityQueue<>();
      Random random = new Random(2);
      for (int i = 0; i < 5_000; i++) {
        if (model.isEmpty() || random.nextInt(5) < 3) {
          int item = random.nextInt(50);
          queue.put(item);
          model.add(item);
        } else {
          assertThat(queue.get()).isEqualTo(model.remove());
        }
      }
    });
  }

  @Test // python/cpython#75328, hifi/heisenbridge#110, micropython/micropython-lib#140
  void equalPrioritiesAreFirstInFirstOutWhateverTheyCarry() {
    VirtualTime.run(() -> {
      PriorityQueue<Job> queue = new PriorityQueue<>(Queue.UNBOUNDED, BY_PRIORITY);
      for (int i = 0; i < 1_000; i++) {
        queue.putNowait(new Job(i % 3, "job " + i));
      }
      List<Job> jobs = drain(queue);
      for (int priority = 0; priority < 3; priority++) {
        int wanted = priority;
        assertThat(jobs.stream().filter(job -> job.priority() == wanted).map(Job::name))
            .containsExactlyElementsOf(
                IntStream.range(0, 1_000)
                    .filter(i -> i % 3 == wanted)
                    .mapToObj(i -> "job " + i)
                    .toList());
      }
    });
  }

  @Test // Parsl/parsl#3794, elastic/elastic-transport-python#114
  void throwingComparatorLeavesTheQueueUnchangedOnPut() {
    VirtualTime.run(() -> {
      PriorityQueue<Job> queue = new PriorityQueue<>(3, BY_PRIORITY);
      queue.put(new Job(1, "a"));
      Job bad = null;
      assertThatThrownBy(() -> queue.put(bad)).isInstanceOf(NullPointerException.class);
      PriorityQueue<Object> mixed =
          new PriorityQueue<>(3, Comparator.comparing(item -> (String) item));
      mixed.put("text");
      assertThatThrownBy(() -> mixed.put(5)).isInstanceOf(ClassCastException.class);
      assertThat(mixed)
          .hasToString("PriorityQueue[maxsize=3, size=1, getters=0, putters=0, unfinished=1]");
      assertThat(mixed.get()).isEqualTo("text");
    });
  }

  @Test
  void throwingComparatorLeavesTheQueueUnchangedOnGet() {
    VirtualTime.run(() -> {
      boolean[] broken = {false};
      Comparator<Integer> order =
          (a, b) -> {
            if (broken[0]) {
              throw new IllegalArgumentException("broken");
            }
            return Integer.compare(a, b);
          };
      PriorityQueue<Integer> queue = new PriorityQueue<>(Queue.UNBOUNDED, order);
      List.of(5, 3, 4, 1, 2).forEach(queue::putNowait);
      broken[0] = true;
      assertThatThrownBy(queue::getNowait).hasMessage("broken");
      broken[0] = false;
      assertThat(drain(queue)).containsExactly(1, 2, 3, 4, 5);
    });
  }

  @Test
  void comparatorIsRequired() {
    assertThatThrownBy(() -> new PriorityQueue<Job>(1, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("order");
  }

  @Test
  void lifoQueueGivesTheNewestFirst() {
    VirtualTime.run(() -> {
      LifoQueue<Integer> queue = new LifoQueue<>(3);
      List.of(1, 2, 3).forEach(queue::putNowait);
      assertThat(queue.full()).isTrue();
      assertThat(queue.items()).containsExactly(3, 2, 1);
      assertThat(drain(queue)).containsExactly(3, 2, 1);
    });
  }

  @Test
  void cancelledGettersLoseNoItemOfAPriorityQueue() {
    VirtualTime.run(() -> cancelledGetterPassesTheWakeUpOn(PriorityQueue.natural(1)));
  }

  @Test
  void cancelledGettersLoseNoItemOfALifoQueue() {
    VirtualTime.run(() -> cancelledGetterPassesTheWakeUpOn(new LifoQueue<>(1)));
  }

  private static void cancelledGetterPassesTheWakeUpOn(Queue<Integer> queue) {
    Task<Integer> before = createTask(() -> queue.get());
    Task<Integer> after = createTask(() -> queue.get());
    Task<Integer> next = createTask(() -> queue.get());
    tick();
    before.cancel();
    queue.putNowait(1);
    after.cancel();
    assertCancelled(before);
    assertCancelled(after);
    assertThat(next.await()).isEqualTo(1);
  }
}
