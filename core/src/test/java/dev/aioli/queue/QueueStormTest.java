package dev.aioli.queue;

import static dev.aioli.Asyncio.timeout;
import static dev.aioli.Asyncio.waitFor;
import static dev.aioli.CancelStorm.pause;
import static dev.aioli.Steps.ms;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.CancelStorm;
import dev.aioli.TimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Every item is seen exactly once, whoever is cancelled (python/cpython#92824). */
class QueueStormTest {
  private static final int ROUNDS = 4_000;

  private static final class Traffic implements CancelStorm.Round {
    private final Random random;
    private final Queue<Integer> queue;
    private int next;
    private final List<Integer> put = new ArrayList<>();
    private final List<Integer> got = new ArrayList<>();

    Traffic(Random random, Queue<Integer> queue) {
      this.random = random;
      this.queue = queue;
    }

    @Override
    public void work(int worker) throws Exception {
      for (int i = 0; i < 4; i++) {
        pause(random);
        try {
          if (worker % 2 == 0) {
            produce(next++);
          } else {
            consume();
          }
        } catch (TimeoutException e) {
          // nothing was put or got
        }
      }
    }

    private void produce(int item) {
      timeout(ms(random.nextInt(4)), () -> queue.put(item));
      put.add(item);
    }

    private void consume() throws Exception {
      got.add(
          random.nextBoolean()
              ? waitFor(() -> queue.get(), ms(1 + random.nextInt(3)))
              : timeout(ms(random.nextInt(4)), () -> queue.get()));
      queue.taskDone();
    }

    @Override
    public void checkQuiet() {
      assertThat(queue.empty() || queue.getters() == 0).as("a getter beside %s", queue).isTrue();
      assertThat(queue.full() || queue.putters() == 0).as("a putter beside %s", queue).isTrue();
    }

    @Override
    public void check() {
      assertThat(queue.getters()).isZero();
      assertThat(queue.putters()).isZero();
      while (!queue.empty()) {
        got.add(queue.getNowait());
        queue.taskDone();
      }
      assertThat(got).containsExactlyInAnyOrderElementsOf(put).doesNotHaveDuplicates();
      assertThat(queue.unfinishedTasks()).isZero();
      queue.join();
    }
  }

  private static void storm(Supplier<Queue<Integer>> queues) {
    CancelStorm.run(ROUNDS, random -> new Traffic(random, queues.get()));
  }

  @Test
  void boundedQueueLosesNothing() {
    storm(() -> new Queue<>(1));
  }

  @Test
  void unboundedQueueLosesNothing() {
    storm(() -> new Queue<>(Queue.UNBOUNDED));
  }

  @Test
  void priorityQueueLosesNothing() {
    storm(() -> PriorityQueue.natural(2));
  }

  @Test
  void lifoQueueLosesNothing() {
    storm(() -> new LifoQueue<>(2));
  }
}
