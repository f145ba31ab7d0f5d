package dev.aioli.guide;

import static dev.aioli.Asyncio.*;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aioli.ContextVar;
import dev.aioli.EventLoopThread;
import dev.aioli.ReturnWhen;
import dev.aioli.Task;
import dev.aioli.TaskGroup;
import dev.aioli.TimeoutException;
import dev.aioli.queue.Queue;
import dev.aioli.sync.Semaphore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What docs/guide/from-*.md show. */
class ComingFromGuideTest extends GuidePage {
  private static String load(String name) {
    sleep(ofMillis(10));
    return name + "!";
  }

  private static String fails() {
    throw new IllegalStateException("no such user");
  }

  @Test
  void kotlin() {
    inVirtualTime(() -> {
      // region kotlin
      var user = new String[1];
      var orders = new String[1];
      taskGroup(group -> { // coroutineScope
        Task<String> first = group.createTask(() -> load("user")); // async
        Task<String> second = group.createTask(() -> load("orders"));
        user[0] = first.await();
        orders[0] = second.await();
      });
      try {
        timeout(ofMillis(1), () -> load("late")); // withTimeout
      } catch (TimeoutException e) {
        println("too late"); // no cancellation: it does not pass as one
      }
      println(user[0] + orders[0]);
      // endregion kotlin
    });
    assertPrinted("too late", "user!orders!");
  }

  @Test
  void kotlinResults() {
    inVirtualTime(() -> {
      // region kotlin-results
      List<String> all =
          taskGroup(
                  (TaskGroup group) -> {
                    TaskGroup.Results<String> results = group.results();
                    for (String name : List.of("a", "b", "c")) {
                      results.createTask(() -> load(name));
                    }
                    return results;
                  })
              .toList();
      println(all);
      // endregion kotlin-results
    });
    assertPrinted("[a!, b!, c!]");
  }

  @Test
  void completableFuture() {
    inVirtualTime(() -> {
      // region future
      // user.thenCombine(orders, (u, o) -> u + o).exceptionally(e -> "nothing")
      Task<String> user = createTask(() -> load("user"));
      Task<String> orders = createTask(() -> load("orders"));
      try {
        println(user.await() + orders.await());
      } catch (IllegalStateException e) { // what the body threw, not a wrapper
        println("nothing");
      }
      // endregion future
    });
    assertPrinted("user!orders!");
  }

  @Test
  void completableFutureFirst() {
    inVirtualTime(() -> {
      // region first
      Task<String> quick = createTask(() -> load("quick"));
      Task<Void> slow = createTask(() -> sleep(ofSeconds(1)));
      var first = await(List.of(quick, slow), null, ReturnWhen.FIRST_COMPLETED); // anyOf
      println(first.done().contains(quick));
      first.pending().forEach(Task::cancel); // anyOf leaves them running
      // endregion first
    });
    assertPrinted("true");
  }

  @Test
  void bothWays() throws Exception {
    // region both-ways
    CompletableFuture<String> stage = CompletableFuture.completedFuture("from a driver");
    try (var loop = EventLoopThread.start("io")) {
      CompletableFuture<String> back =
          loop.submit(() -> await(stage) + ", awaited").toCompletableFuture();
      println(back.get());
    }
    // endregion both-ways
    assertPrinted("from a driver, awaited");
  }

  private static final ContextVar<String> TENANT = new ContextVar<>("tenant", "none");

  @Test
  void vertx() {
    inVirtualTime(() -> {
      // region vertx
      Semaphore atMostTwo = new Semaphore(2);
      Queue<String> inbox = new Queue<>(10); // the event bus, with a bound
      taskGroup(group -> {
        group.createTask(() -> {
          for (String message : inbox) { // a consumer: one message after the other
            try (var permit = atMostTwo.acquire()) {
              println(load(message)); // where Vert.x has compose(...)
            }
          }
        });
        inbox.put("a"); // suspends while the inbox is full
        inbox.put("b");
        inbox.shutdown();
      });
      // endregion vertx
    });
    assertPrinted("a!", "b!");
  }

  @Test
  void loom() {
    inVirtualTime(() -> {
      TENANT.set("acme");
      // region loom
      int[] hits = {0}; // no lock, no atomic: one task runs at a time
      try {
        taskGroup(group -> {
          for (int i = 0; i < 1_000; i++) {
            group.createTask(() -> {
              sleep(ofMillis(1));
              hits[0]++;
            });
          }
        });
      } finally {
        println(hits[0] + " for " + TENANT.get());
      }
      // endregion loom
    });
    assertPrinted("1000 for acme");
  }

  @Test
  void loomFailure() {
    inVirtualTime(() -> {
      // region loom-failure
      try {
        taskGroup(group -> {
          group.createTask(() -> load("never done"));
          group.createTask(() -> fails());
        });
      } catch (dev.aioli.ExceptionGroup e) { // joiner: all or nothing
        println(e.exceptions().getFirst().getMessage());
      }
      // endregion loom-failure
    });
    assertPrinted("no such user");
    assertThat(fails(() -> fails())).isTrue();
  }

  private static boolean fails(Runnable body) {
    try {
      body.run();
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }
}
