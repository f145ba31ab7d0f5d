package dev.aioli.examples;

import static dev.aioli.Asyncio.*;

import dev.aioli.queue.PriorityQueue;
import dev.aioli.queue.Queue;
import dev.aioli.sync.Semaphore;
import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A priority queue gives the smallest number first. Three consumers share two permits, so two
 * numbers are worked on at a time; {@code join} returns when the work on all of them is done.
 *
 * <pre>{@code
 * $ ./aioli example priority-queue
 * put 30
 * put 63
 * put 48
 * put 84
 * put 70
 * put 25
 * put 5
 * c1 works on 5
 * c2 works on 25
 * c3 works on 30
 * c1 works on 48
 * c2 works on 63
 * c3 works on 70
 * c1 works on 84
 * all done
 * }</pre>
 */
public final class PriorityQueueExample {
  private final PriorityQueue<Integer> numbers = PriorityQueue.natural(Queue.UNBOUNDED);
  private final Semaphore limit = new Semaphore(2);

  private PriorityQueueExample() {}

  /** Runs the example. */
  public static void main(String[] args) {
    run(PriorityQueueExample::program);
  }

  static void program() {
    var example = new PriorityQueueExample();
    var producer = task(example::produce);
    var consumers =
        IntStream.rangeClosed(1, 3).mapToObj(n -> task(() -> example.consume("c" + n))).toList();
    producer.await();
    example.numbers.join();
    consumers.forEach(task -> task.cancel());
    IO.println("all done");
  }

  private void produce() {
    var random = new Random(42);
    for (int i = 0; i < 7; i++) {
      int number = random.nextInt(100);
      IO.println("put " + number);
      numbers.put(number);
    }
  }

  private void consume(String name) {
    while (true) {
      try (var permit = limit.acquire()) {
        int number = numbers.get();
        IO.println(name + " works on " + number);
        sleep(Duration.ofMillis(20));
        numbers.taskDone();
      }
    }
  }
}
