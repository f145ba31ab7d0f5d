package dev.aioli.queue;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Steps.settle;
import static dev.aioli.Steps.tick;
import static dev.aioli.Steps.ticks;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.StepSweep;
import dev.aioli.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Cancels a task at every point of an operation on a queue: no item is lost or seen twice. */
class QueueSweepTest {
  static Stream<Named<Supplier<Queue<Integer>>>> queues() {
    return Stream.of(
        Named.of("Queue", () -> new Queue<>(1)),
        Named.of("PriorityQueue", () -> PriorityQueue.natural(1)),
        Named.of("LifoQueue", () -> new LifoQueue<>(1)));
  }

  /** Two producers of two items each and two consumers of two; one of the four is the victim. */
  private static final class Traffic implements StepSweep.Scenario {
    private final Queue<Integer> queue;
    private final int victim;
    private final List<Integer> put = new ArrayList<>();
    private final List<Integer> got = new ArrayList<>();
    private final List<Task<?>> tasks = new ArrayList<>();

    Traffic(Queue<Integer> queue, int victim) {
      this.queue = queue;
      this.victim = victim;
    }

    @Override
    public Task<?> start() {
      tasks.add(createTask(() -> produce(1)));
      tasks.add(createTask(() -> produce(3)));
      tasks.add(createTask(this::consume));
      tasks.add(createTask(this::consume));
      return tasks.get(victim);
    }

    private void produce(int first) {
      for (int item = first; item < first + 2; item++) {
        queue.put(item);
        put.add(item);
        tick();
      }
    }

    private void consume() {
      for (int i = 0; i < 2; i++) {
        tick();
        got.add(queue.get());
        queue.taskDone();
      }
    }

    @Override
    public void check(Task<?> cancelled) {
      ticks(20); // whatever can go on has done so
      while (queue.putters() > 0 || !queue.empty()) {
        got.add(queue.getNowait());
        queue.taskDone();
        ticks(2);
      }
      assertThat(got).containsExactlyInAnyOrderElementsOf(put).doesNotHaveDuplicates();
      assertThat(queue.unfinishedTasks()).isZero();
      tasks.forEach(Task::cancel);
      settle(tasks.toArray(new Task<?>[0]));
      assertThat(queue.getters()).isZero();
      assertThat(queue.putters()).isZero();
    }
  }

  @ParameterizedTest // python/asyncio#201, zio/zio#9973, typelevel/cats-effect#2920
  @MethodSource("queues")
  void putNeverLosesNorDoublesAnItem(Supplier<Queue<Integer>> queue) {
    StepSweep.cancelEverywhere(() -> new Traffic(queue.get(), 0));
    StepSweep.cancelEverywhere(() -> new Traffic(queue.get(), 1));
  }

  @ParameterizedTest
  @MethodSource("queues")
  void getNeverLosesNorDoublesAnItem(Supplier<Queue<Integer>> queue) {
    StepSweep.cancelEverywhere(() -> new Traffic(queue.get(), 2));
    StepSweep.cancelEverywhere(() -> new Traffic(queue.get(), 3));
  }

  @ParameterizedTest
  @MethodSource("queues")
  void joinLeavesTheOtherJoinerServed(Supplier<Queue<Integer>> queues) {
    StepSweep.cancelEverywhere(() ->
        new StepSweep.Scenario() {
          private final Queue<Integer> queue = queues.get();
          private final List<Task<?>> others = new ArrayList<>();

          @Override
          public Task<?> start() {
            queue.putNowait(1);
            Task<?> victim = createTask(queue::join);
            others.add(createTask(queue::join));
            others.add(
                createTask(() -> {
                  ticks(3);
                  queue.get();
                  queue.taskDone();
                }));
            return victim;
          }

          @Override
          public void check(Task<?> victim) {
            gather(others);
            assertThat(queue.unfinishedTasks()).isZero();
          }
        });
  }
}
