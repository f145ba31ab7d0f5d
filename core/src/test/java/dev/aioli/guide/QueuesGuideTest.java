package dev.aioli.guide;

import static dev.aioli.Asyncio.createTask;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.taskGroup;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.queue.Broadcast;
import dev.aioli.queue.Broadcast.WhenFull;
import dev.aioli.queue.PriorityQueue;
import dev.aioli.queue.Queue;
import dev.aioli.queue.QueueFullException;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueuesGuideTest extends GuidePage {
  @Test
  void workers() {
    inVirtualTime(() -> {
      // region workers
      var jobs = new Queue<Integer>(10); // the bound makes a fast producer wait
      taskGroup(group -> {
        for (int worker = 0; worker < 3; worker++) {
          group.createTask(() -> {
            while (true) {
              int job = jobs.get(); // suspends while the queue is empty
              sleep(ofMillis(10)); // work
              jobs.taskDone();
              println("job " + job + " at " + millis());
            }
          });
        }
        for (int job = 0; job < 5; job++) {
          jobs.put(job);
        }
        jobs.join(); // until every job has been answered by taskDone
        group.cancel(); // the workers wait for nothing: end them
      });
      // endregion workers
      assertThat(millis()).isEqualTo(20);
    });
    assertPrinted("job 0 at 10", "job 1 at 10", "job 2 at 10", "job 3 at 20", "job 4 at 20");
  }

  @Test
  void broadcast() {
    inVirtualTime(() -> {
      // region broadcast
      var prices = new Broadcast<Integer>(2, WhenFull.DROP_OLDEST);
      taskGroup(group -> {
        for (var name : List.of("quick", "slow")) {
          group.createTask(() -> {
            try (var mine = prices.subscribe()) {
              for (int price : mine) { // ends when prices are closed
                println(name + " sees " + price);
                sleep(name.equals("slow") ? ofMillis(35) : ofMillis(1));
              }
            }
          });
        }
        for (int price = 1; price <= 4; price++) {
          sleep(ofMillis(10));
          prices.publish(price); // waits for nobody
        }
        prices.close(); // what is in the buffers is still given out
      });
      // endregion broadcast
    });
    assertPrinted(
        "quick sees 1",
        "slow sees 1",
        "quick sees 2",
        "quick sees 3",
        "quick sees 4",
        "slow sees 3",
        "slow sees 4");
  }

  @Test
  void shutdown() {
    inVirtualTime(() -> {
      // region shutdown
      var lines = new Queue<String>(10);
      taskGroup(group -> {
        group.createTask(() -> {
          for (String line : lines) { // ends when the queue is shut down and empty
            println(line);
          }
          println("no more");
        });
        lines.put("one");
        lines.put("two");
        lines.shutdown(); // what is in the queue is still given out
      });
      // endregion shutdown
    });
    assertPrinted("one", "two", "no more");
  }

  @Test
  void priorities() {
    inVirtualTime(() -> {
      // region priority
      record Job(int priority, String name) {}

      var jobs = new PriorityQueue<Job>(10, Comparator.comparingInt(Job::priority));
      jobs.put(new Job(2, "report"));
      jobs.put(new Job(1, "first alarm"));
      jobs.put(new Job(1, "second alarm")); // equal ones: first in, first out
      while (!jobs.empty()) {
        println(jobs.get().name());
      }
      // endregion priority
    });
    assertPrinted("first alarm", "second alarm", "report");
  }

  @Test
  void nowait() {
    inVirtualTime(() -> {
      // region nowait
      var samples = new Queue<Integer>(2);
      for (int sample = 0; sample < 4; sample++) {
        try {
          samples.putNowait(sample); // never suspends: for callbacks, too
        } catch (QueueFullException e) {
          println("dropped " + sample);
        }
      }
      // endregion nowait
    });
    assertPrinted("dropped 2", "dropped 3");
  }

  @Test
  void backPressure() {
    inVirtualTime(() -> {
      // region bound
      var queue = new Queue<Integer>(1);
      createTask(() -> {
        for (int i = 0; i < 3; i++) {
          queue.put(i); // waits while the queue is full
          println("put " + i + " at " + millis());
        }
      });
      for (int i = 0; i < 3; i++) {
        sleep(ofMillis(10));
        queue.get();
      }
      // endregion bound
    });
    assertPrinted("put 0 at 0", "put 1 at 10", "put 2 at 20");
  }
}
