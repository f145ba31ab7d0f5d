package dev.aioli.guide;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.getRunningLoop;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.task;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.sync.Barrier;
import dev.aioli.sync.Condition;
import dev.aioli.sync.Event;
import dev.aioli.sync.Lock;
import dev.aioli.sync.Semaphore;
import java.util.ArrayDeque;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SynchronisationGuideTest extends GuidePage {
  private int balance = 100;

  // region lock-method
  private final Lock lock = new Lock();

  void withdraw(int amount) {
    try (var permit = lock.acquire()) {
      int before = balance;
      sleep(ofMillis(10)); // ask a server: others run, but not in here
      balance = before - amount;
    }
  }

  // endregion lock-method

  @Test
  void locking() {
    inVirtualTime(() -> {
      // region lock
      gather(task(() -> withdraw(30)), task(() -> withdraw(20)));
      println(balance);
      // endregion lock
      assertThat(millis()).isEqualTo(20);
    });
    assertPrinted("50");
  }

  @Test
  void semaphore() {
    inVirtualTime(() -> {
      // region semaphore
      var limit = new Semaphore(2);
      gather(
          IntStream.range(0, 4)
              .mapToObj(n ->
                  task(() -> {
                    try (var permit = limit.acquire()) {
                      println(n + " enters at " + millis());
                      sleep(ofMillis(10));
                    }
                  })));
      // endregion semaphore
    });
    assertPrinted("0 enters at 0", "1 enters at 0", "2 enters at 10", "3 enters at 10");
  }

  @Test
  void event() {
    inVirtualTime(() -> {
      // region event
      var ready = new Event();
      for (String name : new String[] {"a", "b"}) {
        createTask(() -> {
          ready.await(); // does not suspend if it is set already
          println(name + " goes on");
        });
      }
      getRunningLoop().callLater(ofMillis(50), ready::set);
      println("not yet");
      sleep(ofMillis(100));
      // endregion event
    });
    assertPrinted("not yet", "a goes on", "b goes on");
  }

  @Test
  void condition() {
    inVirtualTime(() -> {
      // region condition
      var orders = new ArrayDeque<String>();
      var changed = new Condition();
      createTask(() -> {
        try (var permit = changed.acquire()) {
          changed.awaitFor(() -> orders.size() >= 2); // frees the lock while it waits
          println("got " + orders);
        }
      });
      for (String order : new String[] {"tea", "cake"}) {
        sleep(ofMillis(10));
        try (var permit = changed.acquire()) {
          orders.add(order);
          changed.signal();
        }
      }
      // endregion condition
      sleep(ofMillis(1));
    });
    assertPrinted("got [tea, cake]");
  }

  @Test
  void barrier() {
    inVirtualTime(() -> {
      // region barrier
      var start = new Barrier(3);
      gather(
          IntStream.of(30, 10, 20)
              .mapToObj(delay ->
                  task(() -> {
                    sleep(ofMillis(delay)); // get ready
                    int place = start.await();
                    println("ready after " + delay + ", place " + place + ", off at " + millis());
                  })));
      // endregion barrier
    });
    assertPrinted(
        "ready after 30, place 2, off at 30",
        "ready after 10, place 0, off at 30",
        "ready after 20, place 1, off at 30");
  }
}
