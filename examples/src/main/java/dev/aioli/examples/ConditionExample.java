package dev.aioli.examples;

import static dev.aioli.Asyncio.*;

import dev.aioli.CancelledError;
import dev.aioli.sync.Condition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;

/**
 * A condition tells tasks that what they wait for may have come: to one of them, or to all. The
 * consumers never end by themselves, so they are cancelled.
 *
 * <pre>{@code
 * $ ./aioli example condition
 * c1 waits
 * c2 waits
 * bread comes, signal one
 * c1 takes bread
 * c1 waits
 * butter comes, signal one
 * c2 takes butter
 * c2 waits
 * salt and oil come, signal all
 * c1 takes salt
 * c2 takes oil
 * c1 waits
 * c2 waits
 * c1 is cancelled
 * c2 is cancelled
 * }</pre>
 */
public final class ConditionExample {
  private final Condition delivered = new Condition();
  private final ArrayDeque<String> table = new ArrayDeque<>();

  private ConditionExample() {}

  /** Runs the example. */
  public static void main(String[] args) {
    run(ConditionExample::program);
  }

  static void program() {
    var example = new ConditionExample();
    var consumers = List.of(task(() -> example.consume("c1")), task(() -> example.consume("c2")));
    task(example::produceOneByOne).await();
    task(example::produceAllAtOnce).await();
    consumers.forEach(task -> task.cancel());
    gather(consumers, true); // an exception or cancellation is a result here
  }

  private void consume(String name) {
    try {
      while (true) {
        IO.println(name + " waits");
        try (var held = delivered.acquire()) {
          delivered.awaitFor(() -> !table.isEmpty());
          IO.println(name + " takes " + table.remove());
        }
        sleep(Duration.ofMillis(10)); // eats
      }
    } catch (CancelledError e) {
      IO.println(name + " is cancelled");
      throw e;
    }
  }

  private void produceOneByOne() {
    for (var item : List.of("bread", "butter")) {
      sleep(Duration.ofMillis(100));
      try (var held = delivered.acquire()) {
        IO.println(item + " comes, signal one");
        table.add(item);
        delivered.signal();
      }
    }
  }

  private void produceAllAtOnce() {
    sleep(Duration.ofMillis(100));
    try (var held = delivered.acquire()) {
      IO.println("salt and oil come, signal all");
      table.addAll(List.of("salt", "oil"));
      delivered.signalAll();
    }
    sleep(Duration.ofMillis(100));
  }
}
