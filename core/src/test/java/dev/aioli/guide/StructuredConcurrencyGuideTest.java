package dev.aioli.guide;

import static dev.aioli.Asyncio.asCompleted;
import static dev.aioli.Asyncio.await;
import static dev.aioli.Asyncio.gather;
import static dev.aioli.Asyncio.sleep;
import static dev.aioli.Asyncio.staggeredRace;
import static dev.aioli.Asyncio.task;
import static dev.aioli.Asyncio.taskGroup;
import static dev.aioli.Asyncio.timeout;
import static dev.aioli.Asyncio.waitFor;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.ExceptionGroup;
import dev.aioli.ReturnWhen;
import dev.aioli.Task;
import dev.aioli.TaskGroup;
import dev.aioli.TimeoutException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StructuredConcurrencyGuideTest extends GuidePage {
  String fetch(String what, long millis) {
    sleep(ofMillis(millis));
    return what;
  }

  @Test
  void group() {
    inVirtualTime(() -> {
      // region group
      String both =
          taskGroup(group -> {
            var user = group.createTask(() -> fetch("user", 30));
            var orders = group.createTask(() -> fetch("orders", 50));
            return user.await() + " and " + orders.await();
          }); // here both are done, whatever happened
      println(both);
      // endregion group
      assertThat(millis()).isEqualTo(50);
    });
    assertPrinted("user and orders");
  }

  @Test
  void groupFails() {
    inVirtualTime(() -> {
      // region group-fails
      try {
        taskGroup(group -> {
          group.createTask(() -> {
            sleep(ofMillis(10));
            throw new IllegalStateException("boom");
          });
          group.createTask(() -> {
            try {
              sleep(Duration.ofHours(1));
            } finally {
              println("the other one is cancelled");
            }
          });
        });
      } catch (ExceptionGroup e) {
        println(e.exceptions());
      }
      // endregion group-fails
      assertThat(millis()).isEqualTo(10);
    });
    assertPrinted("the other one is cancelled", "[java.lang.IllegalStateException: boom]");
  }

  @Test
  void groupResults() {
    inVirtualTime(() -> {
      // region group-results
      TaskGroup.Results<String> pages =
          taskGroup(group -> {
            TaskGroup.Results<String> results = group.results();
            for (String name : List.of("a", "b", "c")) {
              results.createTask(() -> fetch(name, 30));
            }
            return results;
          });
      println(pages.toList()); // in the order of creation
      // endregion group-results
      assertThat(millis()).isEqualTo(30);
    });
    assertPrinted("[a, b, c]");
  }

  @Test
  void groupCancel() {
    inVirtualTime(() -> {
      // region group-cancel
      taskGroup(group -> {
        for (long delay : List.of(30L, 10L, 20L)) {
          group.createTask(() -> {
            println(fetch("first after " + delay, delay));
            group.cancel(); // enough: end the others and the group, without an error
          });
        }
      });
      // endregion group-cancel
      assertThat(millis()).isEqualTo(10);
    });
    assertPrinted("first after 10");
  }

  @Test
  void limits() {
    inVirtualTime(() -> {
      // region timeout
      try {
        timeout(ofMillis(100), () -> fetch("slow", 5_000));
      } catch (TimeoutException e) {
        println("took too long");
      }

      String page =
          timeout(
              ofMillis(100),
              limit -> {
                String found = fetch("found", 80);
                limit.reschedule(limit.when().plusMillis(500)); // it makes progress: more time
                return found + fetch(", read", 300);
              });
      println(page);
      // endregion timeout
      assertThat(millis()).isEqualTo(100 + 80 + 300);
    });
    assertPrinted("took too long", "found, read");
  }

  @Test
  void waitForOne() {
    inVirtualTime(() -> {
      // region wait-for
      Task<String> slow = task(() -> fetch("slow", 5_000));
      try {
        waitFor(slow, ofMillis(100));
      } catch (TimeoutException e) {
        println("cancelled: " + slow.cancelled()); // it has been cancelled, and has ended
      }
      // endregion wait-for
    });
    assertPrinted("cancelled: true");
  }

  @Test
  void gathering() {
    inVirtualTime(() -> {
      // region gather
      List<String> all =
          gather(
              task(() -> fetch("a", 30)), task(() -> fetch("b", 10)), task(() -> fetch("c", 20)));
      println(all); // in the order of the arguments
      // endregion gather
      assertThat(millis()).isEqualTo(30);
    });
    assertPrinted("[a, b, c]");
  }

  @Test
  void gatheringFailures() {
    inVirtualTime(() -> {
      // region gather-exceptions
      List<Object> outcomes =
          gather(List.of(task(() -> fetch("a", 30)), task(() -> Integer.parseInt("x"))), true);
      for (Object outcome : outcomes) {
        println(outcome instanceof Throwable failure ? failure.getMessage() : outcome);
      }
      // endregion gather-exceptions
    });
    assertPrinted("a", "For input string: \"x\"");
  }

  @Test
  void waiting() {
    inVirtualTime(() -> {
      // region wait
      var tasks = List.of(task(() -> fetch("a", 30)), task(() -> fetch("b", 10)));
      var waiting = await(tasks, ofMillis(100), ReturnWhen.FIRST_COMPLETED);
      println(waiting.done().getFirst().result());
      waiting.pending().forEach(Task::cancel); // await itself cancels nothing
      // endregion wait
      assertThat(millis()).isEqualTo(10);
    });
    assertPrinted("b");
  }

  @Test
  void completions() {
    inVirtualTime(() -> {
      // region as-completed
      var tasks = List.of(task(() -> fetch("a", 30)), task(() -> fetch("b", 10)));
      for (String result : asCompleted(tasks).results()) {
        println(result); // as they come
      }
      // endregion as-completed
    });
    assertPrinted("b", "a");
  }

  @Test
  void race() {
    inVirtualTime(() -> {
      // region race
      var race =
          staggeredRace(
              List.of(
                  () -> fetch("first mirror", 5_000),
                  () -> fetch("second mirror", 40),
                  () -> fetch("third mirror", 10)),
              ofMillis(100));
      println(race.winner() + ", candidate " + race.index());
      // endregion race
      assertThat(millis()).isEqualTo(140);
    });
    assertPrinted("second mirror, candidate 1");
  }
}
